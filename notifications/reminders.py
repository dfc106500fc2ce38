"""Mails that time alone makes: who is due one is found by query, and a key keeps each to once."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction

from notifications import outbox
from notifications.models import Message
from notifications.occasions import OCCASIONS, Reminder
from printers import facts


@outbox.in_our_language
def remind(now: datetime) -> int:
    """Keep each mail that is due and was never kept before; how many. Run twice, or by two at once, it is the same."""
    return sum(_keep(batch, now) for find in OCCASIONS for batch in _batches(find(now)))


def _batches(reminders: Iterable[Reminder]) -> Iterator[list[Reminder]]:
    """A hundred at a time."""
    rest = iter(reminders)
    while batch := list(islice(rest, facts.BATCH)):
        yield batch


def _keep(batch: list[Reminder], now: datetime) -> int:
    keys = [reminder.key for reminder in batch]
    kept = set(Message.objects.filter(kind=batch[0].kind, key__in=keys).values_list("key", flat=True))
    made = [mail for reminder in batch if reminder.key not in kept and (mail := _compose(reminder, now))]
    if made:
        with transaction.atomic():
            Message.objects.bulk_create(made, ignore_conflicts=True)
            facts.nudge("message")
    return len(made)


def _compose(reminder: Reminder, now: datetime) -> Message | None:
    """The mail; None when a closer look says that it is not due yet."""
    context = reminder.context()
    if context is None:
        return None
    user = reminder.plan.user
    return outbox.compose(reminder.kind, context, now, to=user.email, user=user, key=reminder.key)
