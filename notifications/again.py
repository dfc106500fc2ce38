"""A mail once more, word for word as it was: when somebody says that it did not come."""

from datetime import datetime
from uuid import UUID

from notifications import mailbox, outbox
from notifications.models import HIDDEN, Message
from printers.facts import Refused


def goes_to(message: Message) -> str:
    """Where it would go: to where its owner reads mail now. Refused where it cannot go once more, and why."""
    if message.due_at is not None:
        raise Refused("It is still to be sent: wait for that first.", "still_due")
    if HIDDEN in message.text:
        raise Refused("It held a link or a code that opens something, and that is forgotten by now.", "secret")
    to = mailbox.of(message.user, message.kind) if message.user else message.to
    if not to:
        raise Refused("This account was deleted: nothing is written to it any more.", "account_deleted")
    return to


def send(message: Message, key: UUID, now: datetime) -> Message:
    """Send a copy, once a key; refused as `goes_to` says."""
    copy = Message(
        kind=message.kind,
        user=message.user,
        order=message.order,
        key=f"again-{key}",
        to=goes_to(message),
        subject=message.subject,
        text=message.text,
        html=message.html,
        created_at=now,
        due_at=now,
    )
    outbox.send_once(copy)
    return Message.objects.get(kind=copy.kind, key=copy.key)
