"""Partners at the API's door: a test client that sends a key, and JSON."""

import json
from typing import Any

from django.test import Client

from enrollment import keys
from enrollment.models import ApiKey, Partner

FULFILMENT = "/api/v1/fulfilment"


class PartnerClient(Client):
    """Speaks for a partner with a key of its own."""

    def __init__(self, partner: Partner, scope: str = ApiKey.Scope.WAREHOUSE) -> None:
        self.partner = partner
        super().__init__(raise_request_exception=False)
        self.defaults["HTTP_AUTHORIZATION"] = f"Api-Key {keys.issue(partner, scope)}"

    def read(self, address: str, **query: str) -> Any:
        """The JSON at an address that answers 200."""
        answer = self.get(f"{FULFILMENT}{address}" if address.startswith("/") else address, query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def tell(self, address: str, body: object) -> Any:
        """The answer to a POST of JSON: a text is sent as it is, anything else as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        return self.post(f"{FULFILMENT}{address}", text, content_type="application/json")


def refusal(answer: Any) -> tuple[int, str, str | None]:
    """(status, code, attr) of an answer with one error in the contract's shape."""
    body = answer.json()
    assert set(body) == {"type", "errors"}
    (error,) = body["errors"]
    assert set(error) == {"code", "detail", "attr"}
    assert error["detail"]
    return answer.status_code, error["code"], error["attr"]
