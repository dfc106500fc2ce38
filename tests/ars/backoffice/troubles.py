"""One of each thing that waits for a person, by the queue it waits in: what was made, and what its entry says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from billing.models import Charge, Difference, Dunning, Reconciliation
from billing.refunds import requests
from enrollment import doubts
from enrollment.models import Note, Plan
from orders import lifecycle
from orders.models import Complaint, Order, Question, Replenishment, Wait
from printers.models import Printer
from tests.billing.paid import disputed, paid, staff, wanted
from tests.factories import (
    NOW,
    ClaimFactory,
    LowSignalFactory,
    MessageFactory,
    OrderFactory,
    OrderLineFactory,
    PlanFactory,
    ReplenishmentFactory,
    SkuFactory,
    UnknownSupplyFactory,
    UserFactory,
)

DAY = timedelta(days=1)


def still_low() -> str:
    line = OrderLineFactory.create(order__status=Order.Status.DELIVERED, order__priced_at=NOW)
    asked = {"asked_at": NOW - 22 * DAY, "times": 2, "kind": Question.Kind.IS_IT_IN}
    Question.objects.create(order=line.order, line=line, **asked)
    return f"Order {line.order}: is the {line.sku.name} in? Asked 2 times."


def last_days_to_pay() -> str:
    order = OrderFactory.create(status=Order.Status.PAYMENT_FAILED, total_cents=2676, quoted_total_cents=2676)
    Dunning.objects.create(order=order, began_at=NOW - 12 * DAY)
    return f"Order {order}, $26.76, ends on 25 Nov 2026."


def ready_without_card() -> str:
    amounts = {"total_cents": 2676, "quoted_total_cents": 2676}
    order = OrderFactory.create(status=Order.Status.RELEASED, listed_at=NOW - DAY, **amounts)
    Plan.objects.filter(pk=order.plan_id).update(payable_since=None)
    return f"Order {order}, $26.76: ready since 22 Nov 2026, and no card pays for it any more."


def complaints() -> str:
    order = OrderFactory.create(status=Order.Status.DELIVERED, priced_at=NOW)
    Complaint.objects.create(order=order, kind=Complaint.Kind.DAMAGED, at=NOW - DAY, value_cents=7500)
    return f"Order {order}: it is damaged, worth $75.00."


def check_cartridge() -> str:
    need = ReplenishmentFactory.create(decision=Replenishment.Kind.TO_CONFIRM, opened_at=NOW - DAY)
    return f"{need.slot.name} of {need.slot.model} ({need.plan.display_name})."


def answers_due() -> str:
    order = OrderFactory.create(status=Order.Status.BACKORDERED)
    Wait.objects.create(order=order, since=NOW - 28 * DAY, answer_by=NOW + 2 * DAY, due_at=NOW + 2 * DAY)
    return f"Order {order} ends on 25 Nov 2026; no date is known."


def held() -> str:
    order = OrderFactory.create(status=Order.Status.RELEASED)
    lifecycle.stop_packing(order, "Two at one address.", NOW - DAY, "dana@example.com")
    return f"Order {order}: Two at one address."


def backorders() -> str:
    sku = SkuFactory.create()
    for days in (3, 20):
        waits = OrderFactory.create(status=Order.Status.BACKORDERED, placed_at=NOW - days * DAY)
        OrderLineFactory.create(order=waits, sku=sku)
    return f"{sku.name} ({sku.code}): 2 orders, no date is known."


def refunds() -> str:
    charge = paid([(4, 2499, 0)])
    eve = staff("Support", "eve@example.com")
    requests.ask(charge, wanted(9000), eve, NOW - DAY)
    return f"$90.00 of order {charge.order}, asked by eve@example.com: it is damaged."


def disputes() -> str:
    dispute = disputed(paid())
    return f"$64.97 of order {dispute.charge.order}."


def differences() -> str:
    night = Reconciliation.objects.create(since=NOW - 2 * DAY, until=NOW - DAY, began_at=NOW - DAY)
    told: dict[str, Any] = {"kind": Difference.Kind.PAYMENT_AMOUNT, "stripe_id": "pi_9", "theirs": "25.00"}
    Difference.objects.create(reconciliation=night, **told)
    return "Stripe took another amount: pi_9: ours nothing, theirs 25.00."


def doubtful_addresses() -> str:
    address = PlanFactory.create().shipping_address
    assert address is not None
    doubts.came_back(address.user_id, address.as_ship_to(), NOW - DAY)
    return f"A parcel came back: it could not be delivered. {address}."


def follow_ups() -> str:
    dan = staff("Support", "dan@example.com")
    Note.objects.create(
        user=UserFactory.create(), by=dan, at=NOW - DAY, text="Asks about XL.", follow_up_on=NOW.date(), key=uuid4()
    )
    return "dan@example.com noted: Asks about XL."


def claims() -> str:
    claim = ClaimFactory.create(at=NOW - DAY, outcome="doubtful", ends_at=None, due_at=None)
    return f"{claim.plan.display_name} is asked for by {claim.by}."


def unknown_supplies() -> str:
    supply = UnknownSupplyFactory.create(first_seen_at=NOW - DAY)
    PlanFactory.create(printer=supply.printer, model=supply.printer.model)
    return f"{supply.key} in {supply.printer}."


def silent_printers() -> str:
    plan = PlanFactory.create()
    Printer.objects.filter(plans=plan).update(seen_at=NOW - 20 * DAY)
    return f"{plan.display_name}: last reading 3 Nov 2026."


def stuck_signals() -> str:
    return str(LowSignalFactory.create(due_at=NOW - DAY))


def stuck_charges() -> str:
    charge = paid()
    Charge.objects.filter(pk=charge.pk).update(
        status="pending", settled_at=None, receipt_number=None, created_at=NOW - DAY, due_at=NOW
    )
    return str(Charge.objects.get())


def stuck_mails() -> str:
    return str(MessageFactory.create(created_at=NOW - DAY, due_at=NOW, sent_at=None))


TROUBLES: dict[str, Callable[[], str]] = {
    "still-low": still_low,
    "last-days-to-pay": last_days_to_pay,
    "ready-without-card": ready_without_card,
    "complaints": complaints,
    "check-cartridge": check_cartridge,
    "answers-due": answers_due,
    "held": held,
    "backorders": backorders,
    "refunds": refunds,
    "disputes": disputes,
    "differences": differences,
    "doubtful-addresses": doubtful_addresses,
    "follow-ups": follow_ups,
    "claims": claims,
    "unknown-supplies": unknown_supplies,
    "silent-printers": silent_printers,
    "stuck-lowsignals": stuck_signals,
    "stuck-charges": stuck_charges,
    "stuck-messages": stuck_mails,
}
