"""Whatever a client sends, the API answers in its one shape: no page, no trace, no 500."""

import json
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from ars.errors import ApiErrors
from ars.intake import tidy
from enrollment.models import Partner
from orders.models import Dispatch, Order, Receipt
from tests.factories import OrderFactory, PartnerFactory, SkuFactory, UserFactory
from tests.partners import PartnerClient, refusal

RECEIPTS = "/api/v1/fulfilment/stock/receipts"
TELEMETRY = "/api/v1/telemetry"


@pytest.fixture(params=[False, True], ids=["production", "debug"])
def either(request: pytest.FixtureRequest, settings: Settings) -> None:
    """With DEBUG off and on: Django's pages differ, ours must not."""
    settings.DEBUG = request.param


@pytest.fixture
def warehouse(db: None) -> PartnerClient:
    return PartnerClient(PartnerFactory.create())


def send(client: Client, body: bytes, content_type: str = "application/json", address: str = RECEIPTS) -> Any:
    return client.generic("POST", address, body, content_type)


def receipt(size: int) -> bytes:
    """A body of a valid receipt, `size` bytes long."""
    body = json.dumps({"receipt_id": "R-1", "sku": "A", "quantity": 1, "note": ""})
    return body.replace('"note": "', '"note": "' + "x" * (size - len(body))).encode()


# Addresses and methods


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "address",
    ["/api", "/api/", "/api/v1/nothing", "/api/v1/telemetry/", "/api/v2/telemetry", "/webhooks/nobody", "/webhooks"],
)
def test_an_unknown_address_is_404(client: Client, either: None, method: str, address: str) -> None:
    assert refusal(client.generic(method, address)) == (404, "not_found", None)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE"])
def test_another_method_is_405_and_tells_which_is_allowed(warehouse: PartnerClient, either: None, method: str) -> None:
    answer = warehouse.generic(method, RECEIPTS)
    assert (refusal(answer), answer["Allow"]) == ((405, "method_not_allowed", None), "POST, OPTIONS")


def test_a_host_that_is_not_ours_gets_no_page(client: Client, either: None) -> None:
    answer = client.get(TELEMETRY, headers={"host": "evil.example"})
    assert refusal(answer)[0] in {400, 405}


def test_people_still_get_pages(client: Client, db: None) -> None:
    answer = client.get("/nothing/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_crash_becomes_the_same_shape_with_its_headers(either: None) -> None:
    page = HttpResponse("<h1>Trace</h1>", status=503, headers={"Retry-After": "5"})
    answer = ApiErrors(lambda request: page)(RequestFactory().get("/api/v1/x"))
    assert isinstance(answer, HttpResponse)
    assert json.loads(answer.content)["type"] == "server_error"
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{]",
        b'{"quantity": NaN}',
        b'{"quantity": -Infinity}',
        b"\xff\xfe",
        b'{"sku": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 60_000,
        '{"sku": "é"}'.encode("utf-16"),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_not_json_is_400(warehouse: PartnerClient, either: None, body: bytes) -> None:
    assert refusal(send(warehouse, body)) == (400, "parse_error", None)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true", b'[{"receipt_id": "R"}]'])
def test_what_is_no_object_is_400(warehouse: PartnerClient, body: bytes) -> None:
    assert send(warehouse, body).status_code == 400
    assert not Receipt.objects.exists()


def test_an_empty_body_names_what_is_missing(warehouse: PartnerClient) -> None:
    answer = send(warehouse, b"")
    named = {error["attr"] for error in answer.json()["errors"]}
    assert (answer.status_code, named) == (400, {"receipt_id", "sku", "quantity"})


@pytest.mark.parametrize(
    ("body", "attrs"),
    [
        (b'{"receipt_id": "a\\u0000", "sku": "\\ud800", "quantity": 1}', {"receipt_id", "sku"}),
        (b'{"note": {"deep": ["fine", "\\udfff"]}}', {"note.deep.1"}),
        (b'{"\\u0000": "\\u0000"}', {"?"}),
        (b'["\\ud83d"]', {"0"}),
    ],
)
def test_text_that_cannot_be_stored_is_named(warehouse: PartnerClient, body: bytes, attrs: set[str]) -> None:
    answer = send(warehouse, body)
    assert (answer.status_code, {error["attr"] for error in answer.json()["errors"]}) == (400, attrs)


def test_a_pair_of_surrogates_is_a_character(warehouse: PartnerClient) -> None:
    SkuFactory.create(code="A")
    assert send(warehouse, b'{"receipt_id": "\\ud83d\\ude00", "sku": "A", "quantity": 1}').status_code == 201
    assert Receipt.objects.get().receipt_id == "\N{GRINNING FACE}"


def test_a_body_of_64_kib_is_taken_and_a_byte_more_is_413(warehouse: PartnerClient) -> None:
    SkuFactory.create(code="A")
    assert refusal(send(warehouse, receipt(65_537))) == (413, "too_large", None)
    assert not Receipt.objects.exists()
    assert send(warehouse, receipt(65_536)).status_code == 201


@pytest.mark.parametrize("told", ["0", "10", "-1", "lots", "", "9" * 5000])
def test_a_length_that_lies_harms_nobody(warehouse: PartnerClient, told: str) -> None:
    answer = warehouse.post(RECEIPTS, receipt(70_000), content_type="application/json", CONTENT_LENGTH=told)
    assert answer.status_code in {400, 413}
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json"],
)
def test_a_body_that_does_not_say_json_is_415(warehouse: PartnerClient, either: None, content_type: str) -> None:
    assert refusal(send(warehouse, receipt(100), content_type)) == (415, "unsupported_media_type", None)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "bz2_codec", "rot13", "nonsense", '"'])
def test_json_is_utf_8_whatever_its_type_says(warehouse: PartnerClient, charset: str) -> None:
    SkuFactory.create(code="A")
    assert send(warehouse, receipt(100), f"application/json; charset={charset}").status_code == 201


def test_a_thousand_parameters_are_400(warehouse: PartnerClient, either: None) -> None:
    query = "&".join(["status=placed"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    assert refusal(warehouse.get(f"/api/v1/fulfilment/orders?{query}")) == (400, "parse_error", None)


def test_an_answer_in_another_format_is_406(warehouse: PartnerClient) -> None:
    answer = warehouse.get("/api/v1/fulfilment/orders", headers={"accept": "text/html"})
    assert refusal(answer) == (406, "not_acceptable", None)


# Credentials


@pytest.mark.parametrize(
    "header",
    ["", "Api-Key", "Api-Key ", "Api-Key x", "Bearer x", "Basic eDp5", "Api-Key \x00", "Api-Key \xff", "Api-Key a b"],
)
def test_a_missing_or_bad_key_is_401(db: None, client: Client, either: None, header: str) -> None:
    answer = client.get("/api/v1/fulfilment/orders", headers={"authorization": header})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Api-Key")
    assert refusal(answer)[1] in {"not_authenticated", "authentication_failed"}


def test_a_revoked_key_is_401(warehouse: PartnerClient) -> None:
    partner = Partner.objects.get()
    partner.keys.update(revoked_at="2026-11-23T00:00:00Z")
    assert refusal(warehouse.get("/api/v1/fulfilment/orders")) == (401, "authentication_failed", None)


def test_the_scheme_is_read_without_case(warehouse: PartnerClient) -> None:
    warehouse.defaults["HTTP_AUTHORIZATION"] = warehouse.defaults["HTTP_AUTHORIZATION"].replace("Api-Key", "api-KEY")
    assert warehouse.read("/orders")["results"] == []


def test_a_session_is_no_key(admin_client: Client) -> None:
    assert admin_client.get("/api/v1/fulfilment/orders").status_code == 401


@pytest.mark.parametrize(
    ("method", "address"),
    [("get", "/api/v1/fulfilment/stock"), ("post", "/api/v1/telemetry"), ("post", "/webhooks/stripe")],
)
def test_without_a_database_it_asks_to_come_back(
    warehouse: PartnerClient, monkeypatch: pytest.MonkeyPatch, method: str, address: str
) -> None:
    def gone(*args: object, **options: object) -> None:
        raise OperationalError("the database is starting up")

    token = {"Authorization": "Bearer x"} if "telemetry" in address else None
    report = {"message_id": "m", "observed_at": "2026-11-23T10:00:00Z", "supplies": [{"slot": "C"}]}
    with monkeypatch.context() as outage:
        outage.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", gone)
        outage.setattr("billing.gateway.verified_event", lambda *_: {"id": "evt_1", "type": "ping"})
        answer = getattr(warehouse, method)(address, report, "application/json", headers=token)
    assert (refusal(answer), answer["Retry-After"]) == ((503, "unavailable", None), "5")


@pytest.mark.parametrize("address", ["/", "/account/", "/admin/"])
def test_without_a_database_people_get_a_page_that_says_so(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def gone(*args: object, **options: object) -> None:
        raise OperationalError("the database is starting up")

    client.force_login(UserFactory.create())
    client.raise_request_exception = False
    with monkeypatch.context() as outage:
        outage.setattr("django.db.backends.utils.CursorWrapper.execute", gone)
        answer = client.get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "We are away for a moment" in answer.content.decode()


def test_what_is_refused_has_changed_nothing(warehouse: PartnerClient) -> None:
    order = OrderFactory.create(status="released")
    send(warehouse, b'{"carrier": "\\u0000"}', address=f"/api/v1/fulfilment/orders/{order.number}/dispatch")
    assert (Order.objects.get().status, Dispatch.objects.exists()) == ("released", False)


# Before Django


def taken_in(environ: WSGIEnvironment) -> WSGIRequest:
    """The request Django makes of what the server hands over."""
    seen: list[WSGIRequest] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        seen.append(WSGIRequest(environ))
        return []

    tidy(application)(environ, lambda status, headers, error=None: print)
    return seen[0]


def chunked(body: bytes) -> WSGIEnvironment:
    environ = RequestFactory().post("/api/v1/x", content_type="application/json").environ
    del environ["CONTENT_LENGTH"]
    return {**environ, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(body)}


def test_a_body_in_chunks_is_read_and_measured() -> None:
    request = taken_in(chunked(b'{"a": 1}'))
    assert (request.META["CONTENT_LENGTH"], request.body) == ("8", b'{"a": 1}')


def test_an_endless_body_in_chunks_is_cut_above_the_limit() -> None:
    request = taken_in(chunked(b"x" * 5_000_000))
    assert settings.MAX_BODY_BYTES < int(request.META["CONTENT_LENGTH"]) < 5_000_000


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("application/json", "application/json"),
        ("application/json; charset=bz2_codec", "application/json"),
        ("application/json; charset*=bogus'en'x", "application/octet-stream"),
        ("multipart/form-data; boundary=b; charset=rot13", 'multipart/form-data; boundary="b"'),
        ('multipart/form-data; boundary="b\\"; charset=rot13"', "multipart/form-data"),
    ],
)
def test_nothing_in_a_content_type_surprises_django(sent: str, taken: str) -> None:
    request = taken_in(chunked(b"{}") | {"CONTENT_TYPE": sent, "QUERY_STRING": "status=placed"})
    assert (request.META["CONTENT_TYPE"], request.GET["status"]) == (taken, "placed")
