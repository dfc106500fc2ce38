"""`python -m bench.charger ours|bare`: says that it is ready, charges once told to, and ends when nothing is left."""

import json
import sys
import uuid
from typing import Any

import django
import stripe
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string


def main() -> None:
    django.setup()
    if sys.argv[1] == "ours":
        sweeps: list[Any] = [import_string(f"billing.tasks.sweep_{name}") for name in ("dispatches", "charges")]
        connection.ensure_connection()
        _told()
        while sum(sweep() for sweep in sweeps):
            pass
    else:
        bases: Any = {"api": settings.STRIPE_API_BASE}
        client = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses=bases)
        for card, customer in _told():
            charge(client, card, customer)


def _told() -> Any:
    print("ready", flush=True)
    return json.loads(sys.stdin.readline())


def charge(client: stripe.StripeClient, card: str, customer: str) -> None:
    """The two calls of a charge, and nothing else."""
    key = str(uuid.uuid4())
    intent = client.v1.payment_intents.create(
        {
            "amount": 2099,
            "currency": "usd",
            "customer": customer,
            "payment_method": card,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        },
        {"idempotency_key": f"{key}-create"},
    )
    client.v1.payment_intents.confirm(intent.id, {"off_session": True}, {"idempotency_key": f"{key}-confirm"})


if __name__ == "__main__":
    main()
