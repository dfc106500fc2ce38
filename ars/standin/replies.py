"""What goes back to the client: a status with a JSON body, in Stripe's error shape when something was refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

DOCS = "https://docs.stripe.com/error-codes/"


@dataclass(frozen=True)
class Reply:
    """`executed` is False when the request was turned away before Stripe would have begun to execute it."""

    status: int
    body: bytes
    executed: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, status: int, document: object, *, executed: bool = True, headers: Mapping[str, str] | None = None
    ) -> "Reply":
        return cls(status, json.dumps(document, indent=2).encode(), executed, headers or {})


class StripeError(Exception):
    """A refusal. Raised with `executed=False`, it is not remembered under the request's idempotency key."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        more: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        named = {"code": code, "doc_url": DOCS + code.replace("_", "-") if code else None, "param": param}
        self.error: Json = {"message": message, "type": kind, **{k: v for k, v in named.items() if v}, **(more or {})}

    def reply(self) -> Reply:
        return Reply.of(self.status, {"error": self.error}, executed=self.executed)


def no_such(kind: str, name: object, param: str, status: int = 404) -> StripeError:
    """Stripe's answer to an id it does not know: 404 in the address, 400 in a parameter."""
    return StripeError(status, f"No such {kind}: '{name}'", code="resource_missing", param=param)
