"""Orders that were paid for, in our rows alone, and staff of each role who may give some of it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Group

from billing import lifecycle
from billing.gateway import Outcome
from billing.models import Charge, Dispute, RefundRequest
from billing.refunds.requests import Wanted
from enrollment.models import User
from orders.models import Order, OrderLine, ReturnReceipt, ReturnReceiptLine
from tests.billing.parcels import known_card
from tests.factories import NOW, DispatchFactory, OrderFactory, OrderLineFactory, PartnerFactory, UserFactory
from tests.staff import with_second_factor

Priced = tuple[int, int, int]  # pieces, cents each, cents off each
TWO_LINES: Sequence[Priced] = ((2, 2499, 250), (1, 1999, 0))


def staff(role: str, email: str) -> User:
    """One of a role, as they are in a real installation."""
    person = with_second_factor(UserFactory.create(is_staff=True, email=email))
    person.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=person.pk)


def line(order: Order, priced: Priced) -> OrderLine:
    quantity, cents, off = priced
    amounts = {"unit_price_cents": cents, "quoted_unit_price_cents": cents}
    discounts = {"unit_discount_cents": off, "quoted_unit_discount_cents": off}
    made: OrderLine = OrderLineFactory.create(order=order, quantity=quantity, open=False, **amounts, **discounts)
    return made


def paid(lines: Sequence[Priced] = TWO_LINES, tax_cents: int = 0, number: int = 1, **order: Any) -> Charge:
    """The charge of a shipped order with these lines."""
    total = sum(quantity * (cents - off) for quantity, cents, off in lines) + tax_cents
    amounts = {"quoted_total_cents": total, "total_cents": total, "tax_cents": tax_cents}
    parcel = OrderFactory.create(status=Order.Status.PACKED, priced_at=NOW, **amounts, **order)
    for each in lines:
        line(parcel, each)
    dispatch = DispatchFactory.create(order=parcel)
    known_card(dispatch)
    charge = lifecycle.begin(dispatch.pk, NOW)
    assert charge is not None
    lifecycle.settle(charge.pk, Outcome("paid", f"pi_{number}", amount_cents=total, currency="usd"), NOW)
    Charge.objects.filter(pk=charge.pk).update(payment_intent_id=f"pi_{number}")
    return Charge.objects.select_related("order", "card").get(pk=charge.pk)


def wanted(cents: int, pieces: dict[int, int] | None = None, key: UUID | None = None) -> Wanted:
    return Wanted(cents, RefundRequest.Why.DAMAGED, "It leaked.", key or uuid4(), pieces or {})


def disputed(charge: Charge, status: str = "open") -> Dispute:
    made = {"stripe_id": "dp_1", "reason": "fraudulent", "amount_cents": charge.amount_cents}
    return Dispute.objects.create(charge=charge, status=status, opened_at=NOW, heard_at=NOW, **made)


def came_back(each: OrderLine, owed_cents: int, quantity: int = 1) -> ReturnReceipt:
    """A parcel with pieces of one line that the warehouse accepted."""
    partner = PartnerFactory.create()
    receipt = ReturnReceipt.objects.create(
        partner=partner, return_id="B-1", order=each.order, body={}, at=NOW, due_at=NOW
    )
    ReturnReceiptLine.objects.create(
        receipt=receipt, line=each, quantity=quantity, accepted=True, refund_cents=owed_cents
    )
    return receipt
