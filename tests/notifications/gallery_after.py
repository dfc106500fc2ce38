"""The mails that come later in a plan's or an order's life: after it left, after a card was changed, after the end."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from django.test import override_settings

from ars.account.pay import new_link
from billing import cards, dunning
from billing.closing import delete_account
from billing.gateway import RefundOutcome
from billing.models import Card, Charge, Dispute, Reconciliation, StripeCustomer
from billing.refunds import lifecycle as refunds
from enrollment import lifecycle as plans
from enrollment.models import Closure, Plan
from notifications import books, disputes, farewell, outbox
from orders import lifecycle, replacements, tasks
from printers import tokens
from tests.ars.account.conftest import report
from tests.factories import NOW, ConsentFactory, PlanFactory, PrinterFactory, SlotFactory
from tests.notifications import shop
from tests.orders.parcels import LATE, announce, back, complain, delivered, shipped
from tests.orders.world import World, make_world

READ_AT = LATE + timedelta(days=1)
REASON = "Found broken on the shelf"  # as staff type it


def world(**plan: object) -> World:
    made = make_world(nickname="Front desk", **plan)
    made.stock("PGBK", 10)
    return made


def _ask() -> None:
    with time_machine.travel(LATE, tick=False):
        tasks.sweep_questions()


def _replaced() -> None:
    complain(delivered(world()))


def _replaced_out_of_stock() -> None:
    made = world()
    made.stock("C", 1)
    complain(shipped(made, "C"))


def _late() -> None:
    shipped(world())
    _ask()


def _not_in() -> None:
    made = world()
    made.stock("C", 5)
    made.low("C")
    delivered(made)
    _ask()


def _not_in_and_nobody_said_that_it_came() -> None:
    shipped(world())
    with time_machine.travel(LATE + timedelta(days=7), tick=False):
        tasks.sweep_questions()


def _sends_back() -> None:
    announce(delivered(world()))


def _refunded() -> None:
    made = world()
    order = delivered(made)
    shop.charge(order, order.dispatches.get(), Charge.Status.PAID)
    refund = refunds.begin(back(made, order).pk, LATE)
    assert refund is not None
    refunds.settle(refund.pk, RefundOutcome("made", f"re_{refund.pk}"), LATE)


def _complaint_declined() -> None:
    with override_settings(REPLACEMENT_LIMIT_CENTS=0):
        told = complain(delivered(world()))
    replacements.decline(told, REASON, LATE, "sam@example.com")


def _cancelled(by: str, why: str, *, at_wish: bool = False) -> Callable[[], None]:
    def scene() -> None:
        order = world().order("C")
        shop.read_steps(READ_AT)
        lifecycle.cancel(order, NOW, by, why, by_customer=at_wish)

    return scene


def _activated(level: int) -> Callable[[], None]:
    def scene() -> None:
        printer = PrinterFactory.create()
        SlotFactory.create(model=printer.model, code="PGBK", name="Black")
        plan = PlanFactory.create(ready=True, model=printer.model, printer=printer, nickname="Front desk")
        ConsentFactory.create(plan=plan)
        tokens.issue(printer)
        plans.activate(plan, NOW, "customer")
        report(plan, level=level)

    return scene


def _other_card(printers: int) -> Callable[[], None]:
    def scene() -> None:
        plan = world().plan
        for _ in range(printers - 1):
            PlanFactory.create(user=plan.user, model=plan.model, nickname="Studio")
        StripeCustomer.objects.create(user=plan.user, stripe_id=f"cus_{plan.pk}")
        for last4 in ("4242", "1881"):
            shown = {"brand": "visa", "last4": last4, "exp_month": 4, "exp_year": 2030}
            card = Card.objects.create(user=plan.user, stripe_id=f"pm_{plan.pk}_{last4}", **shown)
            cards.use_card(plan, card, NOW, everywhere=printers > 1)

    return scene


def _link_ran_out() -> None:
    made = world()
    order = made.order("PGBK")
    shop.decline(made, order, "insufficient_funds")
    outbox.send_soon(new_link(order, NOW))


def _account_deleted(coming: int) -> Callable[[], None]:
    def scene() -> None:
        made = world()
        if coming:
            shipped(made)
        delete_account(Plan.objects.get(pk=made.plan.pk).user, NOW)
        farewell.see_off([Closure.objects.latest("pk").pk], NOW)

    return scene


def _paused(days: int | None, *, resumed: bool = False) -> Callable[[], None]:
    """By staff, on the phone: for so many days, or until it is resumed."""

    def scene() -> None:
        plan, until = world().plan, (NOW + timedelta(days=days)).date() if days else None
        plans.pause(plan, until, NOW)
        if resumed:
            plans.resume(plan, NOW)
        plans.note(plan, plans.RESUMED if resumed else plans.PAUSED, NOW, "sam@example.com")

    return scene


def _books_differ(failure: str) -> Callable[[], None]:
    def scene() -> None:
        run = Reconciliation.objects.create(since=NOW, until=LATE, began_at=LATE, by="nightly", failure=failure)
        if not failure:
            run.differences.create(kind="payment_amount", stripe_id="ch_1", ours="1 usd cents", theirs="2 usd cents")
        books.tell([run.pk], LATE)

    return scene


def _disputed(status: str) -> Callable[[], None]:
    def scene() -> None:
        made = world()
        order = delivered(made)
        charge = shop.charge(order, order.dispatches.get(), Charge.Status.PAID)
        said = {"reason": "product_not_received", "amount_cents": 2499, "answer_by": LATE, "heard_at": LATE}
        dispute = Dispute.objects.create(
            charge=charge, stripe_id=f"dp_{order.pk}", status=status, opened_at=LATE, **said
        )
        disputes.tell([dispute.pk], LATE)

    return scene


SCENES: tuple[Callable[[], None], ...] = (
    *(_replaced, _replaced_out_of_stock, _late, _not_in, _not_in_and_nobody_said_that_it_came, _sends_back, _refunded),
    _complaint_declined,
    _cancelled("customer", "Cancelled by the customer.", at_wish=True),
    _cancelled("sam@example.com", REASON, at_wish=True),
    _cancelled("sam@example.com", REASON),
    _cancelled("billing", dunning.ENDED),
    *(_paused(None), _paused(40), _paused(None, resumed=True)),
    *(_activated(64), _activated(9), _other_card(1), _other_card(2), _link_ran_out),
    *(_account_deleted(0), _account_deleted(1), _books_differ(""), _books_differ("no answer")),
    *(_disputed(status) for status in Dispute.Status.values),
)
