"""One request as it came in: who asks, what for, under which idempotency key."""

import base64
import json
from dataclasses import dataclass

from aiohttp import web

from ars.standin import forms
from ars.standin.book import Book
from ars.standin.replies import Json, StripeError
from ars.standin.routes import BY_BROWSER


@dataclass(frozen=True)
class Arrival:
    method: str
    path: str
    query: str
    body: bytes
    api_key: str
    idempotency_key: str | None
    api_version: str | None

    @classmethod
    async def read(cls, request: web.Request) -> "Arrival":
        headers = request.headers
        return cls(
            request.method,
            request.path,
            request.query_string,
            await request.read(),
            _api_key(headers.get("Authorization", "")),
            headers.get("Idempotency-Key"),
            headers.get("Stripe-Version"),
        )

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    def params(self) -> Json:
        try:
            sent = forms.parse_body(self.body.decode()) if self.body else {}
        except (UnicodeDecodeError, json.JSONDecodeError):
            raise StripeError(400, "Invalid request body.", executed=False) from None
        return {**forms.parse_query(self.query), **sent}

    def admit(self, raw: Json, book: Book) -> bool:
        """True for the browser's publishable key, False for a secret one; raises 401 for none or a live one."""
        if self.api_key.startswith(("sk_test_", "rk_test_")):
            return False
        if self.api_key.startswith(("sk_live_", "rk_live_")):
            raise StripeError(401, "This is a stand-in for tests: a live key must never be sent here.", executed=False)
        published = str(raw.get("key") or self.api_key).startswith("pk_test_")
        if published and BY_BROWSER.fullmatch(self.route):
            intent = book.find(self.path.split("/")[3])
            if intent and intent.get("client_secret") == raw.get("client_secret"):
                return True
            raise StripeError(401, "The client_secret provided does not match the intent.", executed=False)
        raise StripeError(401, f"Invalid API Key provided: {self.api_key[:8] or '(none)'}", executed=False)


def _api_key(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme != "Basic":
        return value
    try:
        return base64.b64decode(value).decode().partition(":")[0]
    except ValueError:
        return ""
