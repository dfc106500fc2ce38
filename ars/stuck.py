"""What should have been done by now and was not: one rule for the health check and the back office."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from billing import confirming
from billing.models import Charge
from notifications.models import Message
from printers.facts import Fact
from printers.models import LowSignal

SETTLES_WITHIN = timedelta(minutes=5)
# What must not wait long, and since when it does. A signal is worked on at once, so the time it is due is enough;
# a charge and a mail are put off each time Stripe or the mail server does not answer, so theirs is their age.
WORK: dict[type[Fact], str] = {LowSignal: "due_at", Charge: "created_at", Message: "created_at"}


def stuck(model: type[Fact], now: datetime) -> QuerySet[Any]:
    """Its rows that have waited longer than usual. A charge that waits for its owner's word has longer."""
    before = now - SETTLES_WITHIN
    old: QuerySet[Any] = model._default_manager.filter(due_at__isnull=False, **{f"{WORK[model]}__lt": before})
    if model is Charge:
        return old.exclude(on_session=True, answered_at=None, created_at__gte=before - confirming.PATIENCE)
    return old
