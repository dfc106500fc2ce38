"""The only writer of a charge's status: it begins with a dispatch, is asked about until known, and settles once."""

from billing.lifecycle.beginning import (
    BILLING,
    CUSTOMER,
    MOST_TRIES,
    TOO_LITTLE,
    begin,
    begin_all,
    may_try_again,
    new_attempt,
    retry,
    retry_all,
    tried_lately,
    try_again,
    usable_card,
    usable_cards,
)
from billing.lifecycle.settling import called_off, decides, give_up, keep_intent, postpone, renew, settle

__all__ = [
    "BILLING",
    "CUSTOMER",
    "MOST_TRIES",
    "TOO_LITTLE",
    "begin",
    "begin_all",
    "called_off",
    "decides",
    "give_up",
    "keep_intent",
    "may_try_again",
    "new_attempt",
    "postpone",
    "renew",
    "retry",
    "retry_all",
    "settle",
    "tried_lately",
    "try_again",
    "usable_card",
    "usable_cards",
]
