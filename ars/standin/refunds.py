"""Refunds: never more than was charged."""

from ars.standin import shapes
from ars.standin.replies import Json, StripeError
from ars.standin.stand import Call, Stand

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


async def create(stand: Stand, call: Call) -> Json:
    paid = _charge(stand, call.params)
    async with stand.locks[paid["id"]]:
        amount = _refundable(paid, call.params)
        made = await stand.upstream.do("POST", "/v1/refunds", {"charge": paid["id"], "amount": amount})
        refund = stand.book.add(shapes.refund(made["id"], paid, amount, call.params))
        refund["balance_transaction"] = made["balance_transaction"]
        before = {"amount_refunded": paid["amount_refunded"], "refunded": paid["refunded"]}
        paid["amount_refunded"] += amount
        paid["refunded"] = paid["amount_refunded"] == paid["amount"]
        stand.bell.ring("refund.created", refund, call.origin)
        stand.bell.ring("charge.refunded", paid, call.origin, before)
        return refund


def _charge(stand: Stand, params: Json) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        message = "One of the following params should be provided: charge or payment_intent."
        raise StripeError(400, message, code="parameter_missing", param="charge", executed=False)
    if "charge" in params:
        return stand.book.get("charge", params["charge"], "charge", 404)
    intent = stand.book.get("payment_intent", params["payment_intent"], "payment_intent", 404)
    if intent["status"] != "succeeded":
        raise StripeError(400, f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return stand.book.get("charge", intent["latest_charge"])


def _refundable(paid: Json, params: Json) -> int:
    """The amount to give back; raises Stripe's 400 for what cannot be given back."""
    left = paid["amount"] - paid["amount_refunded"]
    amount = params.get("amount", left)
    if not paid["captured"]:
        raise StripeError(400, f"Charge {paid['id']} was not paid, so there is nothing to refund.")
    if left == 0:
        message = f"Charge {paid['id']} has already been refunded."
        raise StripeError(400, message, code="charge_already_refunded")
    if amount > left:
        whole = "unrefunded amount on charge" if paid["amount_refunded"] else "charge amount"
        message = f"Refund amount (${amount / 100:.2f}) is greater than {whole} (${left / 100:.2f})"
        raise StripeError(400, message, param="amount")
    if amount < 1:
        message = "Invalid positive integer"
        raise StripeError(400, message, code="parameter_invalid_integer", param="amount", executed=False)
    if params.get("reason") not in (None, *REASONS):
        message = f"Invalid reason: must be one of {', '.join(REASONS)}"
        raise StripeError(400, message, param="reason", executed=False)
    return int(amount)


async def update(stand: Stand, call: Call) -> Json:
    refund = stand.book.get("refund", call.name)
    shapes.apply(refund, call.params, ())
    stand.bell.ring("refund.updated", refund, call.origin)
    return refund


async def retrieve(stand: Stand, call: Call) -> Json:
    return stand.book.get("refund", call.name)


async def page(stand: Stand, call: Call) -> Json:
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    return stand.book.page("refund", call.params, call.path, lambda refund: wanted.items() <= refund.items())
