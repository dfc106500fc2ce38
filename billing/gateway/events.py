"""What Stripe sends of its own accord: believed only with its signature."""

import json
from typing import Any

import stripe
from django.conf import settings

SIGNATURE_TOLERANCE_SECONDS = 300


class ForgedError(Exception):
    """A webhook whose signature is missing, wrong or too old, or whose body is no event."""


def verified_event(body: bytes, signature: str) -> dict[str, Any]:
    """The event Stripe signed. Raises ForgedError."""
    if not signature.isascii():  # comparing such text raises TypeError
        raise ForgedError("The signature is not ASCII.")
    try:
        text = body.decode()
        stripe.WebhookSignature.verify_header(
            text, signature, settings.STRIPE_WEBHOOK_SECRET, SIGNATURE_TOLERANCE_SECONDS
        )
        event: dict[str, Any] = json.loads(text)
        wanted = isinstance(event["id"], str), isinstance(event["type"], str), isinstance(event["data"]["object"], dict)
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
        raise ForgedError(str(error)) from error
    if not all(wanted):
        raise ForgedError("The body is no event.")
    return event
