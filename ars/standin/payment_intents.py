"""Payment intents: made, changed, canceled, captured; however often one is tried, the client sees one id."""

import re
import time

from ars.standin import shapes
from ars.standin.charging import choose, run
from ars.standin.intents import cancellation, confirmable, refuse_two_choices, unexpected_state
from ars.standin.replies import Json, StripeError
from ars.standin.shapes import PREFIX
from ars.standin.stand import Call, Stand, flag

MINIMUM = {"usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "chf": 50, "mxn": 1000}
FIELDS = (
    *("allowed_payment_method_types", "automatic_payment_methods", "capture_method", "customer", "description"),
    *("payment_method_options", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor_suffix"),
    *("transfer_group", "on_behalf_of", "application_fee_amount", "transfer_data", "confirmation_method"),
)
FROZEN = ("amount", "currency", "customer", "payment_method", "capture_method", "application_fee_amount")
SUFFIX = re.compile(r"""(?=.*[A-Za-z])(?!.*[<>\\'"*])[ -~]{1,10}""")  # 22 in all, after our name, a star and a blank
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


async def create(stand: Stand, call: Call) -> Json:
    _check(stand, call.params, call.params["currency"])
    if flag(call.params.get("off_session")) and not flag(call.params.get("confirm")):
        message = "You cannot set `off_session` to `true` when creating a PaymentIntent without `confirm=true`."
        raise StripeError(400, message, param="off_session", executed=False)
    intent = shapes.payment_intent(call.params["amount"], call.params["currency"])
    shapes.apply(intent, call.params, FIELDS)
    await choose(stand, call, intent)
    stand.book.add(intent)
    stand.bell.ring("payment_intent.created", intent, call.origin)
    if not flag(call.params.get("confirm")):
        return intent
    async with stand.locks[intent["id"]]:
        return await run(stand, call, intent)


async def update(stand: Stand, call: Call) -> Json:
    async with stand.locks[call.name]:
        intent = _get(stand, call)
        if changed := [name for name in FROZEN if name in call.params]:
            _refuse_late(intent, changed[0])
        _check(stand, call.params, str(call.params.get("currency", intent["currency"])))
        shapes.apply(intent, call.params, (*FIELDS, "amount", "currency"))
        await choose(stand, call, intent)
        return intent


async def retrieve(stand: Stand, call: Call) -> Json:
    return _get(stand, call)


async def page(stand: Stand, call: Call) -> Json:
    customer = call.params.get("customer")
    return stand.book.page("payment_intent", call.params, call.path, lambda one: customer in (None, one["customer"]))


async def confirm(stand: Stand, call: Call) -> Json:
    async with stand.locks[call.name]:
        intent = _get(stand, call)
        confirmable(intent, OPEN)
        await choose(stand, call, intent)
        shapes.apply(intent, call.params, ("receipt_email", "shipping", "setup_future_usage", "capture_method"))
        return await run(stand, call, intent)


async def cancel(stand: Stand, call: Call) -> Json:
    async with stand.locks[call.name]:
        intent = _get(stand, call)
        confirmable(intent, (*OPEN, "requires_capture", "processing"), "cancel")
        if intent["status"] == "requires_capture":
            await stand.upstream.do("POST", f"/v1/payment_intents/{stand.shadows[intent['id']]}/cancel", {})
            held = stand.book.get("charge", intent["latest_charge"])
            held |= {"refunded": True, "amount_refunded": held["amount"]}
            stand.bell.ring("charge.refunded", held, call.origin)
        intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": int(time.time()), **cancellation(call)}
        stand.bell.ring("payment_intent.canceled", intent, call.origin)
        return intent


async def capture(stand: Stand, call: Call) -> Json:
    """The rest of a partial capture is released."""
    async with stand.locks[call.name]:
        intent = _get(stand, call)
        confirmable(intent, ("requires_capture",), "capture")
        amount = call.params.get("amount_to_capture") or intent["amount_capturable"]
        if not 0 < amount <= intent["amount_capturable"]:
            message = f"The amount could not be captured. The most you can capture is {intent['amount_capturable']}."
            raise StripeError(400, message, code="amount_too_large", param="amount_to_capture")
        shadow = stand.shadows[intent["id"]]
        await stand.upstream.do("POST", f"/v1/payment_intents/{shadow}/capture", {"amount_to_capture": amount})
        held = stand.book.get("charge", intent["latest_charge"])
        held |= {"captured": True, "amount_captured": amount, "amount_refunded": held["amount"] - amount}
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        stand.bell.ring("charge.captured", held, call.origin)
        stand.bell.ring("payment_intent.succeeded", intent, call.origin)
        return intent


def _get(stand: Stand, call: Call) -> Json:
    return stand.book.get("payment_intent", call.name, "intent")


def _refuse_late(intent: Json, field: str) -> None:
    if intent["status"] not in OPEN:
        raise unexpected_state(
            intent,
            f"This PaymentIntent's {field} could not be updated because it has a status of {intent['status']}. You may "
            f"only update the {field} of a PaymentIntent with one of the following statuses: {', '.join(OPEN)}.",
        )


def _check(stand: Stand, params: Json, currency: str) -> None:
    """Raises Stripe's 400 for what its types allow and Stripe does not."""
    refuse_two_choices(params)
    if currency not in MINIMUM:
        raise StripeError(400, f"Invalid currency: {currency}.", param="currency", executed=False)
    if "amount" in params and params["amount"] < MINIMUM[currency]:
        smallest = f"{MINIMUM[currency] / 100:.2f} {currency}"
        message = f"Amount must be no less than {smallest}"
        raise StripeError(400, message, code="amount_too_small", param="amount", executed=False)
    if params.get("statement_descriptor"):
        message = "`statement_descriptor` is not supported for cards. Use `statement_descriptor_suffix` instead."
        raise StripeError(400, message, param="statement_descriptor", executed=False)
    if (suffix := params.get("statement_descriptor_suffix")) and not SUFFIX.fullmatch(suffix):
        message = f"The statement descriptor suffix is invalid: {suffix!r} with `{PREFIX}* ` before it."
        raise StripeError(400, message, param="statement_descriptor_suffix", executed=False)
    if params.get("customer"):
        stand.book.live("customer", params["customer"], "customer")
