"""Setup intents: saving a card for later; on success it is attached to the customer, as at Stripe."""

from ars.standin import shapes
from ars.standin.cards import Decline
from ars.standin.intents import (
    cancellation,
    card_error,
    confirmable,
    next_action,
    require_return_url,
    unexpected_state,
)
from ars.standin.payment_methods import attach_to, make, named, refuse_detached, refuse_stranger
from ars.standin.replies import Json, StripeError
from ars.standin.stand import Call, Stand, flag

FIELDS = ("allowed_payment_method_types", "automatic_payment_methods", "customer", "description", "usage")
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


async def create(stand: Stand, call: Call) -> Json:
    intent = shapes.setup_intent()
    if "customer" in call.params:
        stand.book.live("customer", call.params["customer"], "customer")
    shapes.apply(intent, call.params, FIELDS)
    await _choose(stand, call, intent)
    stand.book.add(intent)
    stand.bell.ring("setup_intent.created", intent, call.origin)
    return await _run(stand, call, intent) if flag(call.params.get("confirm")) else intent


async def update(stand: Stand, call: Call) -> Json:
    intent = stand.book.get("setup_intent", call.name, "intent")
    shapes.apply(intent, call.params, ("description", "customer"))
    await _choose(stand, call, intent)
    return intent


async def retrieve(stand: Stand, call: Call) -> Json:
    return stand.book.get("setup_intent", call.name, "intent")


async def page(stand: Stand, call: Call) -> Json:
    wanted = {name: call.params[name] for name in ("customer", "payment_method") if name in call.params}
    return stand.book.page("setup_intent", call.params, call.path, lambda intent: wanted.items() <= intent.items())


async def confirm(stand: Stand, call: Call) -> Json:
    async with stand.locks[call.name]:
        intent = stand.book.get("setup_intent", call.name, "intent")
        confirmable(intent, OPEN)
        await _choose(stand, call, intent)
        finishing = call.browser is not None and intent["status"] == "requires_action"
        return await (_succeed(stand, call, intent) if finishing else _run(stand, call, intent))


async def authenticate(stand: Stand, call: Call) -> Json:
    """Not Stripe's: what the bank's page would report, `success=true` or `false`."""
    async with stand.locks[call.name]:
        intent = stand.book.get("setup_intent", call.name, "intent")
        if intent["status"] != "requires_action":
            raise unexpected_state(intent, "This SetupIntent does not wait for authentication.")
        return await _succeed(stand, call, intent) if flag(call.params.get("success")) else _fail(stand, call, intent)


async def cancel(stand: Stand, call: Call) -> Json:
    """Stripe.js's script asks for this when the customer leaves the bank's question; then the intent stays open."""
    async with stand.locks[call.name]:
        intent = stand.book.get("setup_intent", call.name, "intent")
        if call.browser is not None and intent["status"] == "requires_action":
            return _fail(stand, call, intent)
        confirmable(intent, OPEN)
        intent |= {"status": "canceled", **cancellation(call)}
        stand.bell.ring("setup_intent.canceled", intent, call.origin)
        return intent


async def _choose(stand: Stand, call: Call, intent: Json) -> None:
    data = (call.browser or {}).get("payment_method_data")
    if data:
        method = await make(stand, data)
    elif "payment_method" in call.params:
        method = await named(stand, call.params["payment_method"])
    else:
        return
    refuse_detached(stand.cards[method["id"]])
    if method["customer"] is not None:
        refuse_stranger(method, intent["customer"])
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}


async def _run(stand: Stand, call: Call, intent: Json) -> Json:
    if intent["payment_method"] is None:
        raise unexpected_state(intent, "You cannot confirm this SetupIntent because it's missing a payment method.")
    require_return_url(intent, call)
    card = stand.cards[intent["payment_method"]]
    if refused := call.injected or card.on_attach:
        raise _refused(stand, call, intent, refused)
    if card.authentication != "never" and not card.set_up:
        intent |= {"status": "requires_action", "next_action": next_action(call)}
        stand.bell.ring("setup_intent.requires_action", intent, call.origin)
        return intent
    return await _succeed(stand, call, intent)


async def _succeed(stand: Stand, call: Call, intent: Json) -> Json:
    if intent["customer"]:
        method = stand.book.get("payment_method", intent["payment_method"])
        await attach_to(stand, call, method, intent["customer"])
    stand.cards[intent["payment_method"]].set_up = True
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    stand.bell.ring("setup_intent.succeeded", intent, call.origin)
    return intent


def _refused(stand: Stand, call: Call, intent: Json, refused: Decline) -> StripeError:
    method = stand.book.get("payment_method", intent["payment_method"])
    failure = card_error(refused, method)
    _give_back(intent, failure.error.copy())
    stand.bell.ring("setup_intent.setup_failed", intent, call.origin)
    failure.error["setup_intent"] = intent.copy()
    return failure


def _fail(stand: Stand, call: Call, intent: Json) -> Json:
    code = "setup_intent_authentication_failure"
    message = "The latest attempt to set up the payment method has failed because authentication failed."
    error = {"code": code, "message": message, "type": "invalid_request_error"}
    _give_back(intent, error)
    stand.bell.ring("setup_intent.setup_failed", intent, call.origin)
    return intent


def _give_back(intent: Json, error: Json) -> None:
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_setup_error"] = error
