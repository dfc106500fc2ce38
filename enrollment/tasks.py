"""Upkeep of pairing requests and sessions, and claims whose time is over."""

from celery import shared_task
from django.utils import timezone

from enrollment import claims, pairing, sessions
from enrollment.models import Claim
from printers import facts


@shared_task
def forget_pairings() -> int:
    """Delete what nobody answered; how many."""
    return pairing.forget(timezone.now())


@shared_task
def forget_sessions() -> None:
    """Delete those that are over: nobody can come back to them."""
    sessions.forget()


@shared_task
def sweep_claims() -> int:
    """Settle claims whose time is over, or whose plan has ended; how many were looked at."""
    return facts.sweep(Claim, claims.look)
