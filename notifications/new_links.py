"""A mail sent once more when its link has run out while its question is still open: once a day and question."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from enrollment.models import User
from notifications import decision_messages, mail_links, messages, outbox
from notifications.models import Message
from orders import news
from orders.models import Order, OrderEvent, Replenishment
from printers import facts

Kind, Status = Replenishment.Kind, Order.Status


@dataclass(frozen=True)
class NewLink:
    """The mail that would go to the owner of an old link."""

    kind: str
    key: str
    user: User
    render: Callable[[str], Message]

    @property
    def is_sent(self) -> bool:
        """Whether it went today."""
        return Message.objects.filter(kind=self.kind, key=self.key).exists()

    def send(self) -> None:
        """Keep the mail; asked twice, it is sent once."""
        if self.is_sent:
            return
        with transaction.atomic():
            Message.objects.bulk_create([self.render(self.key)], ignore_conflicts=True)
            facts.nudge("message")


def find(purpose: str, pk: int, now: datetime) -> NewLink | None:
    """What to send for an old link of this purpose and row; None when it asks nothing any more."""
    found = FINDERS.get(purpose)
    return found(pk, f"again-{pk}-{now:%Y-%m-%d}", now) if found else None


def _waiting(pk: int, key: str, now: datetime) -> NewLink | None:
    steps = OrderEvent.objects.filter(order=pk, status=Status.BACKORDERED, order__status=Status.BACKORDERED)
    latest = steps.select_related(*outbox.OF_ORDER).order_by("at", "pk").last()
    if latest is None:
        return None

    def render(key: str) -> Message:
        made = outbox.render(messages.MAILS[latest.status], latest, now)
        made.order_event, made.key = None, key  # the mail of that step went long ago: this is another
        return made

    return NewLink("backordered", key, latest.order.user, render)


def _asked(pk: int, key: str, now: datetime) -> NewLink | None:
    asking = decision_messages.related().filter(replenishment=pk, kind=Kind.ASKING)
    latest = asking.order_by("at", "pk").last()
    if latest is None or not news.is_still_so(latest):
        return None
    user = decision_messages.plan_of(latest).user
    return NewLink(latest.kind, key, user, lambda key: outbox.render_decision(latest, now, key))


FINDERS: dict[str, Callable[[int, str, datetime], NewLink | None]] = {
    mail_links.WAITING: _waiting,
    mail_links.ASKED: _asked,
}
