"""What a warehouse tells of an order, checked and done, whether a partner tells it or our own pack station."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from rest_framework.exceptions import ValidationError

from enrollment.models import Partner, User
from orders import lifecycle
from orders.api.serializers import DispatchBody, ShortBody
from orders.models import Order

Found = Callable[[], Order]  # looked for once what was sent is known to be whole


def packed(partner: Partner, found: Found, data: Any, now: datetime, *, by: User | None = None) -> None:
    """It is packed, at our own station `by` a person: its card is charged now.

    Raises ValidationError, or Refused as `lifecycle.dispatch` does.
    """
    body = DispatchBody(data=data)
    body.is_valid(raise_exception=True)
    sent = dict(body.validated_data)
    lifecycle.dispatch(found(), partner, sent.pop("dispatch_id"), sent, now, packed_by=by)


def not_found(partner: Partner, found: Found, data: Any, now: datetime) -> None:
    """Part of it is not on the shelf. Raises ValidationError, or Refused as `lifecycle.short` does."""
    body = ShortBody(data=data)
    body.is_valid(raise_exception=True)
    sent = body.validated_data
    order = found()
    _refuse_what_it_has_not(order, sent["lines"])
    lifecycle.short(order, partner, sent["short_id"], sent["lines"], now)


def _refuse_what_it_has_not(order: Order, missing: list[dict[str, Any]]) -> None:
    ordered, short = Counter[str](), Counter[str]()
    for line in order.lines.all():
        ordered[line.sku.code] += line.quantity
    for each in missing:
        short[each["sku"]] += each["quantity"]
    if wrong := [sku for sku in short if sku not in ordered]:
        raise ValidationError({"lines": [f"Order {order.display_number} has no {sku}." for sku in wrong]})
    if wrong := [sku for sku in short if short[sku] > ordered[sku]]:
        texts = [f"Order {order.display_number} has only {ordered[sku]} of {sku}." for sku in wrong]
        raise ValidationError({"lines": texts})
