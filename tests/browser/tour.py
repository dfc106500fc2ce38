"""Every page there is, and the most telling ones of the scene."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.conf import settings

from enrollment import links
from enrollment.models import Claim, Plan, User
from notifications import mail_links
from notifications.mail_links import ASKED, CANCEL, CLAIM, ORDER, WAITING
from notifications.models import Message
from orders.models import Order, Replenishment

PUBLIC = {
    "landing": "/",
    "printers": "/printers/",
    "printers-found": "/printers/?q=TR86",
    "printers-near": "/printers/?q=TR8521",
    "no-such-printer": "/printers/tr8521/",
    "printer": "/printers/tr8620/",
    "printer-of-two": "/printers/tr4520/",
    "printer-laser": "/printers/mf644cdw/",
    "enroll": "/enroll/",
    "enroll-series": "/enroll/pixma/",
    "enroll-printer": "/enroll/printer/ts702/",
    "download": "/download/",
    "instructions": "/instructions/",
    "prices": "/prices/",
    "prices-yours": "/prices/?printer=PIXMA+TR4520",
    "prices-several": "/prices/?printer=MF26",
    "help": "/help/",
    "terms": "/terms/",
    "privacy": "/privacy/",
    "sign-in": "/accounts/login/",
    "sign-in-code": "/accounts/login/code/",
    "sign-up": "/accounts/signup/",
    "new-password": "/accounts/password/reset/",
    "new-password-sent": "/accounts/password/reset/done/",
    "old-link": "/accounts/password/reset/key/1-wrong/",
    "account-deleted": "/account/data/deleted/",
    "nothing-here": "/no/such/page/",
}

OWN_DOORS = {
    "sign-out": "/accounts/logout/",
    "sign-in-settings": "/accounts/",
    "new-address": "/accounts/email/",
    "password-again": "/accounts/reauthenticate/",
    "change-password": "/accounts/password/change/",
    "my-data": "/account/data/",
    "my-data-delete": "/account/data/delete/",
}


def own_pages(user: User) -> dict[str, str]:
    """A signed-in customer's pages: each list, each plan, an order in each state, the forms of one of each, a mail."""
    plans = {_slug(plan.nickname): f"/account/replenishment/{plan.pk}/" for plan in Plan.objects.filter(user=user)}
    orders = {f"order-{order.status}": f"/account/orders/{order}/" for order in Order.objects.filter(user=user)}
    lists = {"account": "/account/", "replenishment": "/account/replenishment/", "orders": "/account/orders/"}
    leave = {"disconnect": f"{next(iter(plans.values()))}disconnect/", "sign-out": "/accounts/logout/"}
    lists |= {"mails": "/account/notifications/", "activate": "/activate/"}
    mail = {f"mail-{mail.pk}": f"/account/notifications/{mail.pk}/" for mail in Message.objects.filter(user=user)[:1]}
    own = lists | plans | orders | OWN_DOORS | _forms(user) | _set_up(user)
    return own | _by_mail(user) | mail | leave


def _set_up(user: User) -> dict[str, str]:
    """The plan that is begun, step by step; and the way to another one like it."""
    begun = Plan.objects.get(user=user, nickname="Warehouse")
    below = ("set-up", "shipping-address", "consent", "how-to-activate")
    steps = {f"plan-warehouse-{name}": f"/account/replenishment/{begun.pk}/{name}/" for name in below}
    return steps | {"enroll-another": f"/enroll/printer/{begun.model.slug}/"}


def _forms(user: User) -> dict[str, str]:
    """What can be changed about the plan that has most to show, and the order that can be cancelled."""
    studio = Plan.objects.get(user=user, nickname="Studio")
    order = Order.objects.get(plan=studio)
    slot = studio.model.slots.get(code="C")
    below = ("shipping-address", "payment-method", "name", "when-low", "pause", "cancel", f"cartridges/{slot.pk}")
    forms = {f"plan-studio-{name.partition('/')[0]}": f"/account/replenishment/{studio.pk}/{name}/" for name in below}
    desk = Plan.objects.get(user=user, nickname="Front desk")
    cyan = desk.model.slots.get(code="C")
    forms["plan-front-desk-why"] = f"/account/replenishment/{desk.pk}/cartridges/{cyan.pk}/why/"
    link = links.sign(links.PAY, Order.objects.get(plan__nickname="Accounting").pk)
    pay = {"pay": f"/pay/{link}/", "pay-cancel": f"/pay/{link}/cancel/"}
    return forms | pay | {"order-cancel": f"/account/orders/{order}/cancel/"} | _after(user)


def _after(user: User) -> dict[str, str]:
    """What there is of orders that left: something wrong, what comes of it, a receipt, a slip."""
    came = f"/account/orders/{Order.objects.filter(user=user, status='delivered').latest('placed_at')}/"
    went_back = Order.objects.get(user=user, status="returned")
    return {
        "order-problem": f"{came}problem/",
        "order-problem-outcome": f"{came}problem/?what=damaged&seen=0",
        "order-receipt": f"{came}receipt/",
        "order-return": f"/account/orders/{went_back}/return/",
    }


def _by_mail(user: User) -> dict[str, str]:
    """Where the links of mails lead, which need no signing in; the last one is too old."""
    shipped, waits = (Order.objects.get(user=user, status=status) for status in ("shipped", "backordered"))
    need = Replenishment.objects.get(plan__user=user, decision="not_genuine")
    leads = {ORDER: shipped.pk, CANCEL: waits.pk, WAITING: waits.pk, ASKED: need.pk, CLAIM: Claim.objects.get().pk}
    with time_machine.travel(datetime.now(UTC) - timedelta(days=31), tick=False):
        old = {"by-mail-old": path_of(WAITING, waits.pk)}
    return {f"by-mail-{purpose}": path_of(purpose, pk) for purpose, pk in leads.items()} | old


def path_of(purpose: str, pk: int) -> str:
    """The link of a mail, without its host."""
    return mail_links.link(purpose, pk).removeprefix(settings.SITE_URL)


def _slug(nickname: str) -> str:
    return f"plan-{nickname.lower().replace(' ', '-')}"
