"""One attempt to take an intent's money: judged here, executed by localstripe as a payment intent of its own.

localstripe cannot pay an intent that was declined once, so each attempt is a new one there; the client keeps ours.
"""

from ars.standin import shapes
from ars.standin.cards import Decline, decline
from ars.standin.intents import card_error, next_action, require_return_url, unexpected_state
from ars.standin.payment_methods import attach_to, make, named, refuse_detached, refuse_stranger
from ars.standin.replies import Json
from ars.standin.stand import Call, Stand, flag

DECLINING = "pm_card_chargeCustomerFail"  # the card that localstripe declines at charge, whichever card was meant


async def choose(stand: Stand, call: Call, intent: Json) -> None:
    """Puts the payment method of this request, if it names one, into the intent."""
    data = (call.browser or {}).get("payment_method_data")
    if data:
        method = await make(stand, data)
    elif call.params.get("payment_method"):
        method = await named(stand, call.params["payment_method"])
    else:
        return
    refuse_detached(stand.cards[method["id"]])
    fresh = method["customer"] is None
    if not (fresh and (data or intent["customer"] is None or intent["setup_future_usage"])):
        refuse_stranger(method, intent["customer"])
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}


async def run(stand: Stand, call: Call, intent: Json) -> Json:
    """Confirms; the intent's lock is held. Raises Stripe's 402 when the card is declined."""
    if intent["payment_method"] is None:
        raise unexpected_state(intent, "You cannot confirm this PaymentIntent because it's missing a payment method.")
    require_return_url(intent, call)
    card = stand.cards[intent["payment_method"]]
    refuse_detached(card)
    off_session = flag(call.params.get("off_session"))
    if call.injected:
        return await charge(stand, call, intent, call.injected)
    if card.asks_for_authentication(off_session=off_session):
        if off_session or flag(call.params.get("error_on_requires_action")):
            return await charge(stand, call, intent, decline("authentication_required"))
        return _ask_customer(stand, call, intent)
    return await charge(stand, call, intent, card.on_charge)


def _ask_customer(stand: Stand, call: Call, intent: Json) -> Json:
    intent |= {"status": "requires_action", "next_action": next_action(call), "last_payment_error": None}
    stand.bell.ring("payment_intent.requires_action", intent, call.origin)
    return intent


async def authenticate(stand: Stand, call: Call) -> Json:
    """Not Stripe's: what the bank's page would report, `success=true` or `false`.

    Where Stripe.js confirms an intent and then shows the bank's page, localstripe's script shows it at once: for every
    card, and with the answer comes what was to be confirmed.
    """
    async with stand.locks[call.name]:
        intent = stand.book.get("payment_intent", call.name, "intent")
        if intent["status"] == "requires_confirmation" and call.browser is not None:
            refuse_detached(stand.cards[intent["payment_method"]])
            _ask_customer(stand, call, intent)
        if intent["status"] != "requires_action":
            raise unexpected_state(intent, "This PaymentIntent does not wait for authentication.")
        if flag(call.params.get("success")):
            return await charge(stand, call, intent, stand.cards[intent["payment_method"]].on_charge)
        method = stand.book.get("payment_method", intent["payment_method"])
        code, message = "payment_intent_authentication_failure", "The provided PaymentMethod has failed authentication."
        _give_back(
            intent, {"code": code, "message": message, "type": "invalid_request_error", "payment_method": method}
        )
        stand.bell.ring("payment_intent.payment_failed", intent, call.origin)
        return intent


async def charge(stand: Stand, call: Call, intent: Json, refused: Decline | None) -> Json:
    method = stand.book.get("payment_method", intent["payment_method"])
    name, booking = await _execute(stand, intent, refused)
    attempt = stand.book.add(shapes.charge(name, intent, method, refused))
    attempt["balance_transaction"] = booking
    intent |= {"latest_charge": attempt["id"], "next_action": None}
    if refused:
        failure = card_error(refused, method, attempt["id"])
        _give_back(intent, failure.error.copy())
        stand.bell.ring("charge.failed", attempt, call.origin)
        stand.bell.ring("payment_intent.payment_failed", intent, call.origin)
        failure.error["payment_intent"] = intent.copy()
        raise failure
    _settle(stand, call, intent, attempt)
    if intent["setup_future_usage"] and intent["customer"]:
        await attach_to(stand, call, method, intent["customer"])
        stand.cards[method["id"]].set_up = True
    return intent


async def _execute(stand: Stand, intent: Json, refused: Decline | None) -> tuple[str, str | None]:
    """Ids of the charge and the balance transaction that localstripe made, succeeded or failed as judged."""
    wanted = {
        "amount": intent["amount"],
        "currency": intent["currency"],
        "payment_method": DECLINING if refused else intent["payment_method"],
        "capture_method": intent["capture_method"],
        "confirm": True,
    }
    status, answer = await stand.upstream.ask("POST", "/v1/payment_intents", wanted)
    if status != (402 if refused else 200):
        raise RuntimeError(f"localstripe disagrees: {status} {answer}")
    if refused:
        return answer["error"]["charge"], None
    stand.shadows[intent["id"]] = answer["id"]
    return answer["latest_charge"]["id"], answer["latest_charge"]["balance_transaction"]


def _give_back(intent: Json, error: Json) -> None:
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_payment_error"] = error


def _settle(stand: Stand, call: Call, intent: Json, attempt: Json) -> None:
    intent["last_payment_error"] = None
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        stand.bell.ring("charge.succeeded", attempt, call.origin)
        stand.bell.ring("payment_intent.amount_capturable_updated", intent, call.origin)
        return
    attempt |= {"captured": True, "amount_captured": intent["amount"]}
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    stand.bell.ring("charge.succeeded", attempt, call.origin)
    stand.bell.ring("payment_intent.succeeded", intent, call.origin)
