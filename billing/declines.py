"""Why a card was not charged, in words for its owner. Never "lost" or "stolen": another may be holding the card."""

from typing import Literal

from django.utils.translation import gettext, gettext_noop

Class = Literal["money", "data", "refused"]

MONEY = {"insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded"}
DATA = {
    "expired_card",
    "incorrect_address",
    "incorrect_cvc",
    "incorrect_number",
    "incorrect_zip",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
}
# Refused for good: the networks forbid to ask such a card again (https://docs.stripe.com/declines/codes).
FOR_GOOD = {
    *("card_not_supported", "currency_not_supported", "fraudulent", "invalid_account", "lost_card", "stolen_card"),
    *("new_account_information_available", "not_permitted", "pickup_card", "restricted_card", "merchant_blacklist"),
    *("revocation_of_all_authorizations", "revocation_of_authorization", "security_violation", "stop_payment_order"),
    *("service_not_allowed", "transaction_not_allowed", "card_unusable", "no_card", "authentication_required"),
    "do_not_try_again",  # as a bank's reason; Stripe's advice has the same name
}
# What Stripe says of a question that was put to the customer and came to nothing: no from them, or no answer at all.
UNANSWERED_CODES = {"payment_intent_authentication_failure", "canceled"}
SENTENCES: dict[Class, str] = {
    "money": gettext_noop("The bank said there was not enough available."),
    "data": gettext_noop("The bank did not accept the number or date."),
    "refused": gettext_noop("The bank refused this card. Another card works best."),
}
AUTHENTICATION = gettext_noop("The bank asks you to confirm this payment yourself.")
UNANSWERED = gettext_noop("Your bank's question was not answered, so nothing was charged.")
NO_CARD = gettext_noop("No card is saved for this printer, so nothing was charged.")
CANCELED = gettext_noop("The payment was called off.")


def classify(code: str, advice: str = "") -> Class:
    """Which of the three a Stripe code (and `advice_code`) means; whatever is not known is a refusal."""
    if code in MONEY:
        return "money"
    if code in DATA or advice == "confirm_card_data":
        return "data"
    return "refused"


def sentence(code: str, advice: str = "") -> str:
    """The reason as the card's owner may read it."""
    return gettext(CANCELED if code == "canceled" else SENTENCES[classify(code, advice)])


def question(code: str) -> str:
    """What a bank wants that asks its customer: that they confirm, or, after they did not, that they try again."""
    return gettext(UNANSWERED if code in UNANSWERED_CODES else AUTHENTICATION)


def may_try_again(code: str, advice: str = "") -> bool:
    """Whether the same card may be asked once more: not one refused for good, or whose number or date is wrong."""
    return not {code, advice} & FOR_GOOD and classify(code, advice) != "data"
