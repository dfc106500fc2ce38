"""An entry of a queue in one line, the person it is about, and the page on which something can be done about it."""

from datetime import date
from typing import Any

from django.db.models import Model
from django.urls import reverse

from billing.models import Difference, Dispute, Dunning, RefundRequest
from enrollment.models import Address, Claim, Note, Plan, User
from orders import unpaid
from orders.models import Complaint, Order, Question, Replenishment, Wait
from orders.money import display_amount
from printers.models import UnknownSupply


def page_of(row: Model) -> str:
    """Its page in the admin."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def backorder_page(sku: Any) -> str:
    """The orders that wait for a cartridge."""
    return reverse("backoffice:backorders", args=[sku.pk])


def nobody(row: Any) -> None:
    """It is about no customer."""


def customer_page(row: Note) -> str:
    """The page of the customer it is about."""
    return reverse("backoffice:customer", args=[row.user_id])


def of_user(row: Order | Plan | Note | Address) -> User:
    """An order's or a plan's owner, or who a note is about, or lives there."""
    return row.user


def of_order(row: Question | Dunning | Complaint | Wait) -> User:
    """The owner of the order it is about."""
    return row.order.user


def of_plan(row: Replenishment | Claim) -> User:
    """The owner of the plan it is about."""
    return row.plan.user


def of_charge(row: RefundRequest | Dispute) -> User:
    """The owner of the order that was charged."""
    return row.charge.order.user


def still_low(asked: Question) -> str:
    """Order 4827-1936-5: is the Black in? Asked once."""
    times = "once" if asked.times == 1 else f"{asked.times} times"
    about = f"is the {asked.line.sku.name} in?" if asked.line else asked.get_kind_display().lower()
    return f"Order {asked.order}: {about} Asked {times}."


def last_days_to_pay(dunning: Dunning) -> str:
    """Order 4827-1936-5, $26.76, ends on 10 Dec."""
    order = dunning.order
    ends = dunning.began_at + unpaid.SET_ASIDE
    return f"Order {order}, {display_amount(order.total_cents, order.currency)}, ends on {_day(ends)}."


def ready_without_card(order: Order) -> str:
    """Order 4827-1936-5, $26.76: ready since 10 Dec, and no card pays for it any more."""
    amount = display_amount(order.total_cents, order.currency)
    return f"Order {order}, {amount}: ready since {_day(order.listed_at)}, and no card pays for it any more."


def complaint(complaint: Complaint) -> str:
    """Order 4827-1936-5: damaged, worth $75.00."""
    worth = display_amount(complaint.value_cents, complaint.order.currency)
    return f"Order {complaint.order}: {complaint.get_kind_display().lower()}, worth {worth}."


def to_confirm(need: Replenishment) -> str:
    """Black of TS8430 at Front desk."""
    return f"{need.slot.name} of {need.slot.model} ({need.plan.display_name})."


def answer_due(wait: Wait) -> str:
    """Order 4827-1936-5 ends on 10 Dec; expected: 12 Dec."""
    expected = f"expected on {_day(wait.expected_on)}" if wait.expected_on else "no date is known"
    ends = f" ends on {_day(wait.answer_by)}" if wait.answer_by else ""
    return f"Order {wait.order}{ends}; {expected}."


def held(order: Order) -> str:
    """Order 4827-1936-5: fraud check."""
    return f"Order {order}: {order.held_for}"


def backorder(sku: Any) -> str:
    """PGI-280 Black: 12 orders, expected on 12 Dec."""
    expected = getattr(sku, "stock", None) and sku.stock.expected_on
    orders = "1 order" if sku.orders == 1 else f"{sku.orders} orders"
    return f"{sku.name} ({sku.code}): {orders}, {f'expected on {_day(expected)}' if expected else 'no date is known'}."


def refund(asked: RefundRequest) -> str:
    """$75.00 of order 4827-1936-5, asked by dana@example.com: damaged."""
    order = asked.charge.order
    amount = display_amount(asked.amount_cents, asked.charge.currency)
    return f"{amount} of order {order}, asked by {asked.asked_by}: {asked.get_why_display().lower()}."


def dispute(dispute: Dispute) -> str:
    """$26.76 of order 4827-1936-5; evidence by 10 Dec."""
    amount = display_amount(dispute.amount_cents, dispute.charge.currency)
    by = f"; evidence by {_day(dispute.answer_by)}" if dispute.answer_by else ""
    return f"{amount} of order {dispute.charge.order}{by}."


def difference(difference: Difference) -> str:
    """Stripe took another amount: ours 26.76, theirs 25.00."""
    return f"{difference}: ours {difference.ours or 'nothing'}, theirs {difference.theirs or 'nothing'}."


def doubtful_address(address: Address) -> str:
    """A parcel came back: it could not be delivered. Ana Ruiz, 12 Elm Street, Portland OR 97201."""
    return f"{address.get_doubt_display()}. {address}."


def address_page(address: Address) -> str:
    """What is known of it, and the button that ends the doubt."""
    return reverse("backoffice:doubt", args=[address.user_id, address.pk])


def follow_up(note: Note) -> str:
    """dana@example.com noted: asks about XL."""
    return f"{note.by} noted: {note.text}"


def claim(claim: Claim) -> str:
    """Front desk is asked for by bob@example.com."""
    return f"{claim.plan.display_name} is asked for by {claim.by or 'an account that is gone'}."


def unknown_supply(supply: UnknownSupply) -> str:
    """Photo Blue in TS8430, serial number ABCD01234."""
    return f"{supply.key} in {supply.printer}."


def silent(plan: Plan) -> str:
    """Front desk: last reading 14 Nov."""
    seen = plan.printer.seen_at if plan.printer else None
    return f"{plan.display_name}: last reading {_day(seen) if seen else 'never'}."


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
