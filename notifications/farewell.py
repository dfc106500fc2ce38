"""The end of a deleted account: its last mails, and what is forgotten once nothing is to be told any more."""

from datetime import datetime, timedelta

from django.db import transaction

from enrollment import closing
from enrollment.models import Closure, User
from notifications import outbox
from notifications.messages import what
from notifications.models import Message
from orders import farewell
from orders.models import Order

LOOK_AGAIN = timedelta(minutes=10)


def see_off(closure_ids: list[int], now: datetime) -> None:
    """Bring these closures a step forward: tell, wait for the last parcel and mail, forget, and end in three years."""
    for closure in Closure.objects.filter(pk__in=closure_ids).select_related("user"):
        with transaction.atomic():
            _step(closure, now)


def _step(closure: Closure, now: datetime) -> None:
    user = closure.user
    if closure.forgotten_at is not None:
        closing.end(closure)
        return
    if closure.told_at is None:
        _say_goodbye(closure, now)
    farewell.leave(user, now)  # once more: a card was refused since, or a store told of a purchase at that moment
    unsent = Message.objects.filter(user=user, due_at__isnull=False).exists()
    if unsent or farewell.has_news(user) or farewell.coming(user, now).exists():
        Closure.objects.filter(pk=closure.pk).update(due_at=now + LOOK_AGAIN)
        return
    Message.objects.filter(user=user).delete()
    farewell.forget(user)
    closing.forget(closure, now)


def _say_goodbye(closure: Closure, now: datetime) -> None:
    coming = [f"{what(order)} ({order.display_number})" for order in _coming(closure.user, now)]
    mail = outbox.compose("account_deleted", {"coming": coming}, now, to=closure.email, user=closure.user)
    outbox.send_soon(mail)
    closing.told(closure, now)


def _coming(user: User, now: datetime) -> list[Order]:
    return list(farewell.coming(user, now).order_by("placed_at", "pk"))
