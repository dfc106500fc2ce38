"""Idempotency keys as Stripe keeps them: the first execution's status and body, for every repeat."""

import json
from dataclasses import dataclass

from ars.standin.replies import Json, Reply, StripeError

LONGEST_KEY = 255
Scope = tuple[str, str]  # account, key


@dataclass
class Slip:
    request: str
    reply: Reply | None = None


class Slips:
    def __init__(self) -> None:
        self._slips: dict[Scope, Slip] = {}

    def clear(self) -> None:
        self._slips.clear()

    def begin(self, scope: Scope, method: str, path: str, params: Json) -> Reply | None:
        """The first execution's reply, or None when this request is the first and must now `finish` or `forget`."""
        key = scope[1]
        if len(key) > LONGEST_KEY:
            raise StripeError(400, f"Idempotency keys may be at most {LONGEST_KEY} characters.", executed=False)
        request = json.dumps([method, path, params], sort_keys=True)
        slip = self._slips.get(scope)
        if slip is None:
            self._slips[scope] = Slip(request)
            return None
        if slip.request != request:
            raise _misused(key)
        if slip.reply is None:
            raise _running(key)
        return slip.reply

    def finish(self, scope: Scope, reply: Reply) -> None:
        if slip := self._slips.get(scope):
            slip.reply = reply

    def forget(self, scope: Scope) -> None:
        self._slips.pop(scope, None)


def _misused(key: str) -> StripeError:
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return StripeError(400, message, kind="idempotency_error", executed=False)


def _running(key: str) -> StripeError:
    message = (
        f"There is currently another in-progress request using this Idempotent Key: {key}. Please try again later."
    )
    return StripeError(409, message, kind="idempotency_error", code="idempotency_key_in_use", executed=False)
