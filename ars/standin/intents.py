"""What payment intents and setup intents have in common: states, refusals, the customer's next step."""

from ars.standin.cards import Decline
from ars.standin.replies import Json, StripeError
from ars.standin.stand import Call

NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def unexpected_state(intent: Json, message: str) -> StripeError:
    kind = intent["object"]
    return StripeError(400, message, code=f"{kind}_unexpected_state", more={kind: intent.copy()})


def confirmable(intent: Json, states: tuple[str, ...], verb: str = "confirm") -> None:
    """Raises Stripe's 400, the intent inside, unless it is in one of these states."""
    status, name = intent["status"], NAMES[intent["object"]]
    if status in states:
        return
    if status == "succeeded":
        message = f"You cannot {verb} this {name} because it has already succeeded after being previously confirmed."
    else:
        allowed = ", ".join(states)
        message = (
            f"You cannot {verb} this {name} because it has a status of {status}. "
            f"Only a {name} with one of the following statuses allows it: {allowed}."
        )
    raise unexpected_state(intent, message)


def require_return_url(intent: Json, call: Call) -> None:
    """Stripe's refusal of a server-side confirmation that might have to send the customer to another page."""
    by_default = {"enabled": not intent["allowed_payment_method_types"]}  # since API version 2023-08-16
    chosen = intent["automatic_payment_methods"] or by_default
    redirects = chosen.get("enabled") and chosen.get("allow_redirects") != "never"
    if redirects and "return_url" not in call.params and call.browser is None:
        message = (
            f"This {NAMES[intent['object']]} is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods might redirect your customer off of your page, you must provide a "
            "`return_url`. If you don't want to accept redirect-based payment methods, set "
            "`automatic_payment_methods[allow_redirects]` to `never`."
        )
        raise StripeError(400, message, param="return_url")


def refuse_two_choices(params: Json) -> None:
    """How payment methods are chosen may be said in one way only."""
    ways = ("allowed_payment_method_types", "automatic_payment_methods", "excluded_payment_method_types")
    said = [way for way in ways if way in params]
    if len(said) > 1:
        message = f"You may only specify one of these parameters: {', '.join(said)}."
        raise StripeError(400, message, param=said[0], executed=False)


def next_action(call: Call) -> Json:
    if url := call.params.get("return_url"):
        pages = {"return_url": url, "url": "https://hooks.stripe.invalid/3ds"}
        return {"type": "redirect_to_url", "redirect_to_url": pages}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": ""}}


def card_error(refused: Decline, method: Json, charge: str | None = None) -> StripeError:
    more: Json = {
        "decline_code": refused.decline_code,
        "advice_code": refused.advice_code,
        "payment_method": method.copy(),
        **({"charge": charge} if charge else {}),
    }
    return StripeError(402, refused.message, kind="card_error", code=refused.code, more=more)


def cancellation(call: Call) -> Json:
    reason = call.params.get("cancellation_reason")
    return {"cancellation_reason": reason, "next_action": None}
