"""Stripe's test cards, by number and by `pm_card_...` name: how each behaves when attached, charged, authenticated."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ars.standin.replies import StripeError

Authentication = Literal["never", "unless_set_up", "always"]


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str
    advice_code: str | None
    message: str


OWN_CODE = {"expired_card", "incorrect_cvc", "processing_error", "authentication_required"}
MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}
ADVICE = {
    "generic_decline": "try_again_later",
    "insufficient_funds": "try_again_later",
    "processing_error": "try_again_later",
    "card_velocity_exceeded": "try_again_later",
    "expired_card": "confirm_card_data",
    "incorrect_cvc": "confirm_card_data",
    "lost_card": "do_not_try_again",
    "stolen_card": "do_not_try_again",
    "pickup_card": "do_not_try_again",
    "fraudulent": "do_not_try_again",
}


def decline(decline_code: str, advice_code: str | None = None) -> Decline:
    code = decline_code if decline_code in OWN_CODE else "card_declined"
    message = MESSAGES.get(decline_code, "Your card was declined.")
    return Decline(code, decline_code, advice_code or ADVICE.get(decline_code), message)


@dataclass
class Card:
    """`set_up` becomes true once a SetupIntent succeeded, `detached` when the card may never be used again."""

    number: str
    on_attach: Decline | None = None
    on_charge: Decline | None = None
    authentication: Authentication = "never"
    set_up: bool = False
    detached: bool = False

    def asks_for_authentication(self, *, off_session: bool) -> bool:
        if self.authentication == "unless_set_up":
            return not (off_session and self.set_up)
        return self.authentication == "always"

    @property
    def plain(self) -> bool:
        return self.on_charge is None and self.on_attach is None and self.authentication == "never"


# Declined when attached to a customer, so no later charge can meet them; `pm_card_chargeCustomerFail` is for that.
ATTACH_DECLINES = {
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "4000000000006975": "card_velocity_exceeded",
}
CHARGE_DECLINES = {
    "4000000000000341": "generic_decline",
    "4100000000000019": "fraudulent",
    "4000000000004954": "fraudulent",  # blocked by the rule against the highest risk, which every account begins with
    "4000008260003178": "insufficient_funds",
    "4000008400001629": "generic_decline",
}
AUTHENTICATIONS: dict[str, Authentication] = {
    "4000002500003155": "unless_set_up",
    "4000003800000446": "unless_set_up",
    "4000002760003184": "always",
    "4000008260003178": "unless_set_up",
    "4000000000003220": "always",
    "4000000000003063": "always",
    "4000008400001629": "always",
}
BRANDS = {
    "34": "amex",
    "37": "amex",
    "35": "jcb",
    "5": "mastercard",
    "2": "mastercard",
    "6011": "discover",
    "4": "visa",
}
NAMES = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "jcb": "3566002020360505",
    "us": "4242424242424242",
    "chargeCustomerFail": "4000000000000341",
    "chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedLostCard": "4000000000009987",
    "chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "chargeDeclinedFraudulent": "4100000000000019",
    "radarBlock": "4100000000000019",
    "riskLevelHighest": "4000000000004954",
    "riskLevelElevated": "4000000000009235",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "threeDSecureRequired": "4000000000003220",
}
# Not Stripe's: cards that can be saved and are then declined in a way which Stripe's attachable test cards cannot show.
OWN = {
    "ars_insufficient_funds": ("4000000000009995", "insufficient_funds"),
    "ars_stolen": ("4000000000009979", "stolen_card"),
}


def by_number(number: str) -> Card:
    """Raises the 402 that Stripe gives for a number that is none."""
    if not (number.isdigit() and 13 <= len(number) <= 19 and _luhn(number)):
        message = "Your card number is incorrect."
        raise StripeError(402, message, kind="card_error", code="incorrect_number", param="number")
    on_attach, on_charge = ATTACH_DECLINES.get(number), CHARGE_DECLINES.get(number)
    return Card(
        number,
        on_attach=decline(on_attach) if on_attach else None,
        on_charge=decline(on_charge) if on_charge else decline(on_attach) if on_attach else None,
        authentication=AUTHENTICATIONS.get(number, "never"),
        set_up=number == NAMES["authenticationRequiredSetupForOffSession"],
    )


def by_name(name: str) -> Card | None:
    """`pm_card_visa` or `tok_visa`; None for a name that is no test card's."""
    short = name.removeprefix("pm_card_").removeprefix("tok_")
    if short in OWN:
        number, reason = OWN[short]
        return Card(number, on_charge=decline(reason))
    number = NAMES.get(short) or NAMES.get(short.removeprefix("visa_"), "")
    return by_number(number) if number else None


def brand(number: str) -> str:
    return next((name for prefix, name in BRANDS.items() if number.startswith(prefix)), "unknown")


def refuse_expired(month: int, year: int) -> None:
    today = datetime.now(UTC)
    if not 1 <= month <= 12:
        message = "Your card's expiration month is invalid."
        raise StripeError(402, message, kind="card_error", code="invalid_expiry_month")
    if (year, month) < (today.year, today.month):
        message = "Your card's expiration year is invalid."
        raise StripeError(402, message, kind="card_error", code="invalid_expiry_year")


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[0::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0
