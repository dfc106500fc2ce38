"""`/webhooks/stripe`: what Stripe tells of its own accord. An event and its effects are one transaction, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from billing import gateway
from billing.heard import EFFECTS
from billing.models import StripeEvent
from printers.errors import error_response

MAX_EVENT_BYTES = 256 * 1024
KEPT = timedelta(days=90)  # raw events, for staff to read


@csrf_exempt
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 once the event is stored and acted on; a failure answers 500, leaves nothing, and Stripe sends it again."""
    if request.method != "POST":
        refusal = error_response(405, "method_not_allowed", f'Method "{request.method}" not allowed.')
        refusal["Allow"] = "POST"
        return refusal
    body = request.read(MAX_EVENT_BYTES + 1)
    if len(body) > MAX_EVENT_BYTES:
        return error_response(413, "too_large", f"The body is larger than {MAX_EVENT_BYTES} bytes.")
    try:
        event = gateway.verified_event(body, request.headers.get("Stripe-Signature", ""))
    except gateway.ForgedError:
        return error_response(400, "invalid_signature", "This is not an event that Stripe signed just now.")
    receive(event, timezone.now())
    return HttpResponse(status=200)


def receive(event: dict[str, Any], now: datetime) -> bool:
    """Store an event and act on it, both or neither. False: it was here before."""
    with transaction.atomic():
        _, new = StripeEvent.objects.get_or_create(
            stripe_id=event["id"], defaults={"type": event["type"], "payload": event, "received_at": now}
        )
        effect = EFFECTS.get(event["type"]) if new else None
        if effect:
            effect(event["data"]["object"], _said_at(event, now), now)
    return new


def _said_at(event: dict[str, Any], now: datetime) -> datetime:
    """When Stripe made the event: what it says may be older than what is known."""
    created = event.get("created")
    return datetime.fromtimestamp(created, UTC) if isinstance(created, int) else now


def forget(now: datetime) -> int:
    """Delete the events that nobody looks at any more; how many."""
    return StripeEvent.objects.filter(received_at__lt=now - KEPT).delete()[0]
