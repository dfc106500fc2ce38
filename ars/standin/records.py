"""Charges and events: written when intents are confirmed and things happen, read here."""

from ars.standin import shapes
from ars.standin.replies import Json
from ars.standin.stand import Call, Stand

ACCOUNT = {
    "id": "acct_standin",
    "object": "account",
    "charges_enabled": True,
    "country": "US",
    "default_currency": "usd",
    "email": "standin@example.com",
    "settings": {"dashboard": {"display_name": "Stripe stand-in"}},
    "type": "standard",
}


async def charge(stand: Stand, call: Call) -> Json:
    return stand.book.get("charge", call.name, "charge")


async def update_charge(stand: Stand, call: Call) -> Json:
    paid = stand.book.get("charge", call.name, "charge")
    shapes.apply(paid, call.params, ("description", "receipt_email", "shipping", "transfer_group"))
    stand.bell.ring("charge.updated", paid, call.origin)
    return paid


async def charges(stand: Stand, call: Call) -> Json:
    names = ("customer", "payment_intent", "transfer_group")
    wanted = {name: call.params[name] for name in names if name in call.params}
    return stand.book.page("charge", call.params, call.path, lambda paid: wanted.items() <= paid.items())


async def event(stand: Stand, call: Call) -> Json:
    return stand.book.get("event", call.name)


async def events(stand: Stand, call: Call) -> Json:
    types = call.params.get("types") or [call.params.get("type")]
    return stand.book.page("event", call.params, call.path, lambda one: types == [None] or one["type"] in types)


async def account(stand: Stand, call: Call) -> Json:
    return ACCOUNT
