"""What becomes of the id a caller sends, and what is logged of a request."""

import re

import pytest
from django.test import Client
from structlog.contextvars import get_contextvars

from printers import tracing
from tests.ars.watch.lines import logged


def told(client: Client, sent: str | None) -> str:
    answer = client.get("/healthz", headers={"X-Request-ID": sent} if sent is not None else {})
    return answer.headers["X-Request-ID"]


@pytest.mark.parametrize("sent", ["b9c0e1f0-0000-4000-8000-000000000000", "12345678", "a" * 64, "A.b_c-9876"])
def test_an_id_that_is_one_is_taken_and_given_back(client: Client, sent: str) -> None:
    assert told(client, sent) == sent


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "short",
        "a" * 65,
        "-begins-with-a-dash",
        "two words here",
        'quote"quote',
        "ümläut-ümläut",
        "a\tbcdefgh",
    ],
)
def test_whatever_else_is_sent_is_answered_with_a_new_one(client: Client, sent: str | None) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", told(client, sent))


def test_two_requests_have_two(client: Client) -> None:
    assert told(client, None) != told(client, None)


def test_nothing_of_it_is_left_after_the_answer(client: Client) -> None:
    told(client, "12345678")
    assert get_contextvars() == {}
    assert re.fullmatch(r"[0-9a-f]{32}", tracing.current())


def test_a_request_is_logged_by_its_route_and_never_by_its_path(client: Client, db: None) -> None:
    with logged() as lines:
        client.get("/pay/MQ:1vOabc:9p8o7i6u5y4t3r2e1w0qabcdefghijklmnopqrstuvw/", headers={"X-Request-ID": "12345678"})
    (line,) = [each for each in lines.all if each["logger"] == "ars.watch.requests"]
    assert re.fullmatch(r"GET pay/<str:signed>/ 404 in \d+ ms", line["event"])
    assert line["request_id"] == "12345678"
    assert "9p8o7i6u5y4t3r2e1w0q" not in lines.text


def test_what_printers_and_balancers_ask_all_day_is_not_logged_unless_it_failed(client: Client, db: None) -> None:
    with logged() as lines:
        client.get("/healthz")
        assert lines.all == []
        client.post("/api/v1/telemetry", {}, content_type="application/json")
    assert "POST api/v1/telemetry 401" in lines.text
