"""What else happens to an order: notes of steps that change no state. Pages and mails know them by these very words."""

ASKED_IF_COME = "Asked whether it has come."
ASKED_IF_IN = "Asked whether it is in the printer."
STOPPED = "A person looks at it before it is packed."  # their reason follows
LET_GO = "It was looked at, and goes on."
COMPLAINED = "The customer says that something is wrong with it."
COMPLAINT_ANSWERED = "Answered that nothing is sent for what is said to be wrong with it."
RETURN_ANNOUNCED = "The customer sends it back."
PART_RETURNED = "Part of it came back."
REFUNDED = "Money was given back."
NEW_DATE = "When it is expected has changed."
CARD_STILL_NEEDED = "Reminded that the payment still fails."
LAST_DAY_TO_PAY = "Told that tomorrow is the last day to pay."
# By how it stands with a dispute.
DISPUTE = {
    "open": "The customer's bank disputes the payment.",
    "won": "The bank let the payment stand.",
    "lost": "The bank gave the money back to the customer.",
}
