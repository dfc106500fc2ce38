"""What of an order that left may still be complained of or sent back, and the locks whoever decides about it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from enrollment.lifecycle import lock_plan
from enrollment.models import User
from orders.models import ComplaintLine, Order, OrderLine, ReturnLine, ReturnReceiptLine
from printers.facts import Refused

LEFT_US = (Order.Status.SHIPPED, Order.Status.DELIVERED)


@dataclass(frozen=True)
class Pieces:
    """The pieces of one line: how many it has, how many were replaced (or will be), how many came or are to come back.

    `came_back` are those the warehouse had in its hands.
    """

    line: OrderLine
    replaced: int
    announced: int
    came_back: int

    @property
    def left(self) -> int:
        """How many may still be complained of or sent back."""
        return max(self.line.quantity - self.replaced - max(self.announced, self.came_back), 0)


def lock(order: Order) -> Order:
    """The order as it is now; until the transaction ends nobody else decides about this plan's or customer's orders.

    The customer's row is locked before the plan's, for limits that count all they have.
    """
    User.objects.select_for_update(no_key=True).get(pk=order.user_id)
    lock_plan(order.plan_id)
    return Order.objects.select_for_update(no_key=True, of=["self"]).select_related("plan").get(pk=order.pk)


def pieces(order: Order) -> dict[int, Pieces]:
    """Line id to its pieces, in the order of lines."""
    stands = ComplaintLine.objects.filter(complaint__declined_at=None)
    not_cancelled = stands.exclude(replaced_by__order__status=Order.Status.CANCELLED)
    replaced, announced = _sums(not_cancelled, order), _sums(ReturnLine.objects.all(), order)
    came_back = _sums(ReturnReceiptLine.objects.all(), order)
    lines = order.lines.select_related("sku", "slot", "replenishment").order_by("pk")
    return {
        line.pk: Pieces(line, replaced.get(line.pk, 0), announced.get(line.pk, 0), came_back.get(line.pk, 0))
        for line in lines
    }


def claimed(known: Mapping[int, Pieces]) -> int:
    """How many pieces of an order cannot be complained of or sent back any more: rises with whatever is told of it."""
    return sum(each.line.quantity - each.left for each in known.values())


def choose(order: Order, wanted: Mapping[int, int], seen: int) -> list[tuple[Pieces, int]]:
    """The pieces meant, of a locked order that left us.

    `seen` is `claimed()` as the asker's page had it. Refused `told_before` when something was told since (a second
    click, another window), `not_left` or `too_many` when there are no such pieces.
    """
    if order.status not in LEFT_US:
        raise Refused(_("There is nothing to replace or to send back of this order."), "not_left")
    known = pieces(order)
    if claimed(known) != seen:
        raise Refused(_("You have told us about this order meanwhile."), "told_before")
    meant = [(known[line_id], quantity) for line_id, quantity in wanted.items() if line_id in known and quantity > 0]
    if not meant or any(quantity > each.left for each, quantity in meant):
        raise Refused(_("Say how many, and no more than there are."), "too_many")
    return meant


def _sums(lines: QuerySet[Any], order: Order) -> dict[int, int]:
    """Line id to the pieces of an order that these rows speak of."""
    found = lines.filter(line__order=order).order_by().values_list("line_id").annotate(pieces=Sum("quantity"))
    return dict(found)
