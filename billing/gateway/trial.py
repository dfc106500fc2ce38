"""A question to Stripe that changes nothing: does it answer, does it take our key, what time is it there."""

from datetime import datetime
from email.utils import parsedate_to_datetime

import stripe

from billing.gateway.wire import PAGE, UnavailableError, client


class WrongKeyError(Exception):
    """Stripe does not take STRIPE_SECRET_KEY."""


def ask() -> datetime | None:
    """Stripe's clock, where it tells it. Raises WrongKeyError or UnavailableError."""
    try:
        answer = client(PAGE).v1.customers.list({"limit": 1}).last_response
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise WrongKeyError(type(error).__name__) from error
    except stripe.StripeError as error:
        status = f"it answers {error.http_status}" if error.http_status else "nothing answers"
        raise UnavailableError(status) from error
    said = answer.headers.get("Date") if answer is not None and answer.headers else None
    return parsedate_to_datetime(said) if said else None
