"""Where a person's mail goes: to their address, and of a deleted account, what its last parcels and money are."""

from enrollment.models import Closure, User

STILL_TOLD = frozenset({"shipped", "refund_made"})  # no other mail says something to who has no account any more


def of(user: User, kind: str) -> str:
    """Where a mail of `kind` goes; empty when it is not to be written."""
    closure: Closure | None = getattr(user, "closure", None)
    if closure is None:
        return user.email
    return closure.email if kind in STILL_TOLD else ""
