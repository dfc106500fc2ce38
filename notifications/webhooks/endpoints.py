"""An endpoint's life: its secret, made, shown once and changed; paused when it only fails, and resumed by staff."""

import base64
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from notifications.models import Delivery, Endpoint
from printers import facts

SECRET_BYTES = 32
OLD_SECRET_SIGNS = timedelta(hours=24)
PAUSED_AFTER = timedelta(hours=24)  # of failures without one message taken
GONE = "Its server answered 410 Gone: it wants no more messages."
ONLY_FAILED = f"Every message has failed for {PAUSED_AFTER // timedelta(hours=1)} hours. Latest: "


def new_secret() -> str:
    """A signing secret as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def add(endpoint: Endpoint, now: datetime) -> str:
    """Keep a new endpoint, whose address was checked; its secret, to be shown this once."""
    endpoint.secret, endpoint.created_at = new_secret(), now
    endpoint.save(force_insert=True)
    return endpoint.secret


def rotate(endpoint: Endpoint, now: datetime) -> str:
    """Another secret, to be shown this once. The one before signs beside it for 24 hours, and no older one."""
    with transaction.atomic():
        locked = lock(endpoint.pk)
        fresh = new_secret()
        until = now + OLD_SECRET_SIGNS
        Endpoint.objects.filter(pk=locked.pk).update(secret=fresh, old_secret=locked.secret, old_secret_until=until)
    return fresh


def pause(endpoint: Endpoint, cause: str, now: datetime) -> bool:
    """Send nothing until it is resumed; what happens meanwhile is kept. False if it is paused already."""
    running = Endpoint.objects.filter(pk=endpoint.pk, paused_at=None)
    return running.update(paused_at=now, paused_cause=cause[:200]) == 1


def resume(endpoint: Endpoint, now: datetime) -> bool:
    """Send again, first what was kept, the oldest first; False if it is not paused.

    What waits for its first try at a later time goes on waiting for it.
    """
    with transaction.atomic():
        if lock(endpoint.pk).paused_at is None:
            return False
        Endpoint.objects.filter(pk=endpoint.pk).update(paused_at=None, paused_cause="", failing_since=None)
        kept = Delivery.objects.filter(endpoint=endpoint, delivered_at=None, given_up_at=None)
        kept.filter(Q(due_at=None) | Q(attempts__gt=0)).update(due_at=F("created_at"), attempts=0)
        facts.nudge("delivery")
    return True


def lock(endpoint_id: int) -> Endpoint:
    """The endpoint as it is now; nobody pauses or resumes it until the transaction ends."""
    return Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint_id)


def note_failure(locked: Endpoint, why: str, now: datetime) -> bool:
    """A message was not taken; whether the endpoint is paused now, because it has only failed for long."""
    if locked.failing_since is None:
        Endpoint.objects.filter(pk=locked.pk).update(failing_since=now)
    elif now - locked.failing_since >= PAUSED_AFTER:
        return pause(locked, f"{ONLY_FAILED}{why}", now)
    return False


def note_success(endpoint: Endpoint) -> None:
    """A message was taken."""
    Endpoint.objects.filter(pk=endpoint.pk, failing_since__isnull=False).update(failing_since=None)
