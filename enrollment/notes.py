"""What staff write of a customer: appended once, however often the page was sent, and followed up once."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from enrollment.models import Note, User
from printers.facts import Refused


@dataclass(frozen=True)
class Written:
    """What one of the staff wants to keep; `key` was made with the page they wrote it on."""

    text: str
    key: UUID
    pinned: bool = False
    follow_up_on: date | None = None


def add(user: User, written: Written, by: User, now: datetime) -> bool:
    """Keep it; False when that was done before. Refused `empty` when nothing is said."""
    text = written.text.strip()
    if not text:
        raise Refused("Write what colleagues are to know.", "empty")
    facts = {"text": text, "pinned": written.pinned, "follow_up_on": written.follow_up_on, "at": now, "by": by}
    return Note.objects.get_or_create(key=written.key, defaults={"user": user, **facts})[1]


def followed_up(note: Note, by: User, now: datetime) -> bool:
    """Its follow-up is done; False when there was none, or somebody was quicker."""
    waiting = Note.objects.filter(pk=note.pk, follow_up_on__isnull=False, done_at=None)
    return bool(waiting.update(done_at=now, done_by=by))
