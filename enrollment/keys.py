"""Partners' API keys: made once, shown once, kept as a hash, found in one look-up, replaced, and ended."""

import secrets
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from enrollment.models import ApiKey, Partner
from printers.tokens import digest

SHOWN = 8  # characters of the secret that the back office shows, to tell one key from another
BESIDE = timedelta(days=7)  # how long a key that was followed by another is still good
USE_NOTED = timedelta(minutes=1)  # at most so often: a partner that asks each second costs no write each second


def issue(partner: Partner, scope: str, expires_at: datetime | None = None) -> str:
    """A new key of `partner`, in the clear: the only time it can be read. Secret scanners know it by its beginning."""
    secret = secrets.token_urlsafe(32)
    plain = f"ars_{ApiKey.Scope(scope)}_{secret}"
    ApiKey.objects.create(
        partner=partner, scope=scope, prefix=secret[:SHOWN], key_hash=digest(plain), expires_at=expires_at
    )
    return plain


def find(plain: str, now: datetime) -> ApiKey | None:
    """The live key that reads `plain`; None if there is none, after the same work."""
    return live(now).select_related("partner").filter(key_hash=digest(plain)).first()


def live(now: datetime) -> QuerySet[ApiKey]:
    """Keys that open something."""
    return ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


def note_use(key: ApiKey, now: datetime) -> None:
    """It was used just now, as far as staff need to know."""
    latest = now - USE_NOTED
    if key.last_used_at is None or key.last_used_at <= latest:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=latest)
        ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)


def replace(key: ApiKey, now: datetime) -> str | None:
    """A new key for the same, in the clear; the old one is good for BESIDE more. None for one that has ended."""
    until = now + BESIDE
    if not live(now).filter(pk=key.pk).exists():
        return None
    ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=until), pk=key.pk).update(expires_at=until)
    return issue(key.partner, key.scope)


def revoke(key: ApiKey, now: datetime) -> bool:
    """End a key; False if it had ended already."""
    return ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now) == 1
