"""What a charge needs of Stripe: one call after the outcome of the other, made by whoever drives it, in any thread."""

from collections.abc import Callable, Generator

from django.utils import timezone

from billing import lifecycle
from billing.gateway import Outcome
from billing.models import Charge

Call = Callable[[], Outcome]  # touches no database
Steps = Generator[Call, Outcome, None]


def conclude(charge: Charge, outcome: Outcome) -> None:
    """Settle a charge as Stripe answered last, or ask again later."""
    if lifecycle.decides(charge, outcome):
        lifecycle.settle(charge.pk, outcome, timezone.now())
    else:
        lifecycle.postpone(charge, outcome, timezone.now())
