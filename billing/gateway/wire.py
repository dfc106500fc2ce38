"""The wire to Stripe: one client a process, how long it waits and how often it asks, and how its errors are read."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import stripe
from django.conf import settings

from billing.gateway import pacing

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Patience:
    """How long one call waits, in seconds, and how often it is tried again, under the same idempotency key.

    `slot`: until it may go at all, each time it is tried.
    """

    connect: float
    read: float
    retries: int
    slot: float


WORKER = Patience(connect=3, read=20, retries=2, slot=3)
PAGE = Patience(connect=2, read=6, retries=1, slot=1)  # a person waits before it


class UnavailableError(Exception):
    """Stripe did not answer, or not to the point; trying again later is safe."""


class PacedClient(stripe.RequestsClient):
    """Sends each request in a slot of its endpoint: the SDK's repeats, and every page of a list, are requests too."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(timeout=(patience.connect, patience.read))
        self._slot = patience.slot

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **more: Any
    ) -> Any:
        """Raises stripe.RateLimitError where there is no slot in time, and whatever the SDK's own does."""
        pacing.wait(endpoint(method, url), self._slot)
        return super().request(method, url, headers, post_data, **more)


def endpoint(method: str, url: str) -> str:
    """What Stripe's limits count as one (https://docs.stripe.com/rate-limits): `POST /v1/payment_intents/*/confirm`."""
    steps = urlsplit(url).path.split("/")
    return f"{method.upper()} {'/'.join('*' if place == 3 else step for place, step in enumerate(steps))}"


def client(patience: Patience | None = None) -> stripe.StripeClient:
    """With a worker's patience unless another is told."""
    return _connected(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, patience or WORKER)


@cache
def _connected(key: str, base: str, patience: Patience) -> stripe.StripeClient:
    """One client a process and patience; its connections are kept, one a thread."""
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base} if base else None,
        max_network_retries=patience.retries,
        http_client=PacedClient(patience),
    )


def unavailable(error: stripe.StripeError) -> UnavailableError:
    """What is raised where nothing but a later try helps."""
    log.warning("Stripe keeps no customers or cards just now: %s", error)
    return UnavailableError(str(error))


def details(error: stripe.StripeError) -> dict[str, Any]:
    """The error object of an answer; empty when there was none."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    found: dict[str, Any] = body.get("error") or {}
    return found


def code_of(failure: Mapping[str, Any]) -> str:
    """The bank's reason where it gave one: `insufficient_funds` says more than `card_declined`."""
    return failure.get("decline_code") or failure.get("code") or ""


def advice_of(failure: Mapping[str, Any]) -> str:
    """Its `advice_code`."""
    return failure.get("advice_code") or ""
