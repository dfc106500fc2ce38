"""Device tokens: made once, shown once, kept as a hash, revoked with their cause."""

import hashlib
import secrets
from datetime import datetime

from printers.models import DeviceToken, Printer

PREFIX = "ars_device_"  # lets secret scanners recognise a leaked one


def issue(printer: Printer) -> str:
    """A new token for `printer`, in the clear: the only time it can be read."""
    token = PREFIX + secrets.token_urlsafe(32)
    DeviceToken.objects.create(printer=printer, token_hash=digest(token))
    return token


def digest(token: str) -> bytes:
    """What is stored and looked up. 32 bytes."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def is_live(token_hash: bytes) -> bool:
    """Whether a token with this digest exists and is not revoked."""
    return DeviceToken.objects.filter(token_hash=token_hash, revoked_at=None).exists()


def find(token_hash: bytes) -> DeviceToken | None:
    """The live token with this digest."""
    return DeviceToken.objects.filter(token_hash=token_hash, revoked_at=None).first()


def revoke_all(printer: Printer, cause: str, now: datetime) -> int:
    """End every token of a printer; how many had not ended before."""
    return DeviceToken.objects.filter(printer=printer, revoked_at=None).update(revoked_at=now, revoked_cause=cause)


def revoke(token: DeviceToken, cause: str, now: datetime) -> bool:
    """End a token; False if it had ended already. The first cause stays."""
    live = DeviceToken.objects.filter(pk=token.pk, revoked_at=None)
    return live.update(revoked_at=now, revoked_cause=cause) == 1
