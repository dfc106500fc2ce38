"""What becomes of orders when their owner deletes the account: what is packed still comes, all else ends."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from enrollment import lifecycle as plans
from enrollment.models import Plan, User
from orders import delivery, lifecycle
from orders.lifecycle import NOT_PACKED
from orders.models import Order, OrderEvent, StockItem
from orders.wishes import CUSTOMER
from printers.facts import Refused
from printers.models import DeviceToken

Status = Order.Status
CAUSE = "account_deleted"
NOTE = "The account was deleted."
FOR_THE_BOOKS = ("state", "postal_code", "country")  # where it was taxed


def leave(user: User, now: datetime) -> None:
    """End all plans of a user, their printers' tokens, and every order that is not packed; again, it changes nothing.

    Plans are locked first, in pk order, then all that ends. An order that is packed meanwhile comes.
    """
    with transaction.atomic():
        owned = [plans.lock_plan(pk) for pk in user.plans.order_by("pk").values_list("pk", flat=True)]
        for plan in owned:
            plans.cancel(plan, "", now, CUSTOMER)
        _revoke_tokens(user, now)
        # What waits for a card ends too: nobody is there to name another.
        orders = Order.objects.filter(user=user, status__in=NOT_PACKED).order_by("placed_at", "pk")
        rows = lifecycle.lock_all(Order.objects.filter(user=user))
        for order in orders.select_related("plan"):
            _cancel_unless_packed(order, now, rows)


def coming(user: User, now: datetime) -> QuerySet[Order]:
    """Orders that are still to come, or of which something is still to be told."""
    on_its_way = Q(status=Status.SHIPPED, shipped_at__gt=now - delivery.OVER_AFTER)
    return Order.objects.filter(on_its_way | Q(status=Status.PACKED), user=user)


def has_news(user: User) -> bool:
    """Whether a step of an order is still to be told."""
    return OrderEvent.objects.filter(order__user=user, due_at__isnull=False).exists()


def forget(user: User) -> None:
    """Of where orders went, keep what the books need."""
    for order in Order.objects.filter(user=user).only("ship_to"):
        kept = {name: value if name in FOR_THE_BOOKS else "" for name, value in order.ship_to.items()}
        Order.objects.filter(pk=order.pk).update(ship_to=kept)


def _cancel_unless_packed(order: Order, now: datetime, rows: Mapping[int, StockItem]) -> None:
    try:
        lifecycle.cancel(order, now, CUSTOMER, NOTE, by_customer=True, rows=rows)
    except Refused as packed:
        order.refresh_from_db()
        if order.status in NOT_PACKED:
            raise Refused(gettext("Your orders are being changed just now. Try again."), packed.code) from packed


def _revoke_tokens(user: User, now: datetime) -> None:
    """Of the printers of this user, not of those somebody else has by now."""
    others = Plan.objects.exclude(user=user).exclude(status=Plan.Status.CANCELLED).filter(printer__isnull=False)
    own = Plan.objects.filter(user=user, printer__isnull=False).exclude(printer__in=others.values("printer"))
    live = DeviceToken.objects.filter(printer__in=own.values("printer"), revoked_at=None)
    live.update(revoked_at=now, revoked_cause=CAUSE)
