"""Who works on an entry of a queue, and what was put off until a day: so that two do not call one customer."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from ars.models import QueueMark
from enrollment.models import User
from printers.facts import Refused

IDLE = timedelta(minutes=30)  # after so long without a word it is anybody's again
LONGEST_SLEEP = timedelta(days=60)


def taken(now: datetime) -> Q:
    """Marks of entries that somebody works on."""
    return Q(claimed_at__gt=now - IDLE, by__isnull=False)


def works(mark: QueueMark, now: datetime) -> bool:
    """The same of a mark that was read."""
    return mark.by_id is not None and mark.claimed_at is not None and mark.claimed_at > now - IDLE


def of(queue: str, keys: Iterable[int]) -> dict[int, QueueMark]:
    """What is marked of these entries, by key."""
    marks = QueueMark.objects.filter(queue=queue, key__in=list(keys)).select_related("by")
    return {mark.key: mark for mark in marks}


def claim(queue: str, key: int, user: User, now: datetime) -> None:
    """`user` works on it now. Refused `claimed` while somebody else does."""
    QueueMark.objects.bulk_create([QueueMark(queue=queue, key=key)], ignore_conflicts=True)
    row = QueueMark.objects.filter(queue=queue, key=key)
    if not row.exclude(taken(now) & ~Q(by=user)).update(by=user, claimed_at=now, asleep_until=None, reason=""):
        other = row.select_related("by").get()
        raise Refused(f"{other.by or 'Somebody else'} works on it.", "claimed")


def release(queue: str, key: int, user: User) -> bool:
    """`user` does not work on it any more; False if they did not."""
    return bool(QueueMark.objects.filter(queue=queue, key=key, by=user).update(by=None, claimed_at=None))


def put_off(queue: str, key: int, user: User, until: datetime, reason: str, now: datetime) -> None:
    """It does not wait before `until`. Refused `claimed`, `too_early`, `too_late` or `no_reason`."""
    if until <= now:
        raise Refused("Choose a day to come.", "too_early")
    if until > now + LONGEST_SLEEP:
        raise Refused(f"Nothing sleeps longer than {LONGEST_SLEEP.days} days.", "too_late")
    if not reason.strip():
        raise Refused("Say why it can wait.", "no_reason")
    claim(queue, key, user, now)
    row = QueueMark.objects.filter(queue=queue, key=key, by=user)
    row.update(claimed_at=None, asleep_until=until, reason=reason.strip())


def forget(now: datetime) -> int:
    """Marks of nobody that put nothing off are nothing; how many went."""
    idle = Q(claimed_at=None) | Q(claimed_at__lte=now - IDLE)
    awake = Q(asleep_until=None) | Q(asleep_until__lte=now - LONGEST_SLEEP)
    return QueueMark.objects.filter(idle, awake).delete()[0]
