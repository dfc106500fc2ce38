"""What Schemathesis thinks of, a few of each operation and always the same ones; `make fuzz-api` tries thousands."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import given
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from ars.device_door import beside
from ars.intake import tidy
from ars.schema import document
from tests.openapi import scene
from tests.properties import examples

CALLED = [(path, method) for path, item in document()["paths"].items() for method in item]
# Sends requests of its own; and knows nothing of what schemathesis.toml says of the nine operations.
LEFT_OUT = [ignored_auth, positive_data_acceptance]


@pytest.fixture
def made(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The scene, in this test's one transaction: as with Django's own client, no request closes its connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    monkeypatch.setattr("ars.device_door.close_old_connections", lambda: None)
    settings.TELEMETRY_REPORTS_PER_MINUTE = settings.PAIRING_REQUESTS_PER_MINUTE = 1_000_000
    yield scene.make(homes=4, spare_tokens=0)
    for signal in signals:
        signal.connect(close_old_connections)


def test_every_operation_by_every_caller_answers_as_documented(made: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/schema/", tidy(beside(get_wsgi_application())))
    for path, method in CALLED:
        check(schema[path][method], path, made["callers"])


def check(operation: Any, path: str, callers: dict[str, dict[str, str]]) -> None:
    @examples(4)
    @given(case=operation.as_strategy())
    def try_it(case: Any) -> None:
        for caller in (*scene.LET_IN, "Support"):
            answer = case.call(headers=callers[caller])
            case.validate_response(answer, excluded_checks=LEFT_OUT)
            assert path.startswith((*scene.OPEN, *scene.LET_IN.get(caller, ()))) or answer.status_code in (401, 403)

    try_it()
