"""Cards: kept at Stripe for their owner, and chosen to pay for plans."""

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop

from billing import declines, gateway
from billing import lifecycle as charges
from billing.gateway import CardRefusedError, UnavailableError
from billing.models import Card, PlanCard, StripeCustomer
from enrollment import lifecycle as enrollment
from enrollment.models import Plan, User
from printers.facts import Refused

UNREACHABLE = gettext_noop(
    "We cannot reach the card service right now. Your card was not charged. Try again in some minutes."
)
NOT_YOURS = gettext_noop("This card cannot pay for this printer. Choose another one.")


def ensure_customer(user: User) -> StripeCustomer:
    """The user's customer at Stripe, made with the first card; two at once get the same. Raises Refused."""
    known = StripeCustomer.objects.filter(user=user).first()
    if known:
        return known
    try:
        stripe_id = gateway.create_customer(user.email, key=f"customer-{user.pk}-{user.date_joined:%Y%m%d%H%M%S}")
    except UnavailableError as error:
        raise Refused(gettext(UNREACHABLE), "card_service_unavailable") from error
    customer, _ = StripeCustomer.objects.get_or_create(user=user, defaults={"stripe_id": stripe_id})
    return customer


def begin_setup(user: User) -> str:
    """The secret under which the user's browser saves one card at Stripe. Raises Refused."""
    customer = ensure_customer(user)
    try:
        return gateway.begin_setup(customer.stripe_id)
    except UnavailableError as error:
        raise Refused(gettext(UNREACHABLE), "card_service_unavailable") from error


def keep_confirmed(user: User, setup_intent_id: str) -> Card:
    """Keep the card that the user's browser has confirmed; asked again, it is the same card. Raises Refused."""
    if not re.fullmatch(r"seti_\w{1,80}", setup_intent_id, re.ASCII):
        raise Refused(declines.sentence("card_unusable"), "card_refused")
    customer = ensure_customer(user)
    try:
        payment_method_id = gateway.confirmed_card(setup_intent_id, customer.stripe_id)
    except CardRefusedError as refusal:
        raise Refused(declines.sentence(refusal.code, refusal.advice), "card_refused") from refusal
    except UnavailableError as error:
        raise Refused(gettext(UNREACHABLE), "card_service_unavailable") from error
    return save_card(user, payment_method_id)


def save_card(user: User, payment_method_id: str) -> Card:
    """Keep a card for later charges. Raises Refused with a sentence the customer can act on."""
    customer = ensure_customer(user)
    try:
        saved = gateway.attach_card(payment_method_id, customer.stripe_id)
    except CardRefusedError as refusal:
        raise Refused(declines.sentence(refusal.code, refusal.advice), "card_refused") from refusal
    except UnavailableError as error:
        raise Refused(gettext(UNREACHABLE), "card_service_unavailable") from error
    shown = {"brand": saved.brand, "last4": saved.last4, "exp_month": saved.exp_month, "exp_year": saved.exp_year}
    card, _ = Card.objects.update_or_create(
        stripe_id=saved.payment_method_id, defaults=shown | {"removed_at": None}, create_defaults=shown | {"user": user}
    )
    return card


def use_card(plan: Plan, card: Card, now: datetime, *, everywhere: bool = False) -> list[Plan]:
    """Let this card pay from now on for a plan, or for all living plans of its owner; those for which it did not.

    What waits packed for a card is charged to it at once, what waits unpacked is released by the plan's sweep. The
    owner is told once, unless it is the plan's first card. Refused for a card that is not the owner's to use.
    """
    if card.user_id != plan.user_id or card.removed_at:
        raise Refused(gettext(NOT_YOURS), "card_not_usable")
    wanted = Q(pk=plan.pk)
    if everywhere:
        wanted |= Q(user_id=plan.user_id) & ~Q(status=Plan.Status.CANCELLED)
    with transaction.atomic():
        locked = list(Plan.objects.select_for_update(no_key=True).filter(wanted).order_by("pk"))
        before = dict(PlanCard.objects.filter(plan__in=locked).values_list("plan_id", "card_id"))
        changed = [each for each in locked if before.get(each.pk) != card.pk or each.payable_since is None]
        replaced = [each for each in changed if before.get(each.pk, card.pk) != card.pk]
        for each in changed:
            PlanCard.objects.update_or_create(plan=each, defaults={"card": card})
            enrollment.set_payable(each.pk, now, tell=each in replaced[:1])
            charges.retry_all(each, now)
    return changed
