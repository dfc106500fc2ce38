"""The schema is valid, complete and true: what the server answers is what it says."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ars.schema import document
from enrollment.models import PairingRequest
from enrollment.oauth import FORM, GRANT_TYPE
from notifications import tasks
from notifications.models import Delivery, WebhookType
from orders import lifecycle
from printers import tokens
from tests.factories import NOW, EndpointFactory, OrderFactory, PlanFactory, SlotSkuFactory
from tests.orders.parcels import delivered
from tests.orders.world import World
from tests.partners import PartnerClient

UNDOCUMENTED = {"/api/schema/", "/api/docs/"}
PAIRING = {"/oauth/device_authorization", "/oauth/token"}
PARCEL = {"dispatch_id": "D-1", "carrier": "UPS", "tracking_number": "1Z999"}
TELEMETRY, DEVICE, HEARTBEAT = "/api/v1/telemetry", "/api/v1/device", "/api/v1/device/heartbeat"
RECEIPTS = "/api/v1/fulfilment/stock/receipts"


@pytest.fixture
def warehouse(world: World) -> PartnerClient:
    return PartnerClient(world.partner)


@pytest.fixture
def printer(world: World) -> Client:
    assert world.plan.printer is not None
    return Client(headers={"authorization": f"Bearer {tokens.issue(world.plan.printer)}"})


def check(method: str, path: str, answer: Any) -> int:
    """The status of an answer that is one of those the schema has for the operation, with the body it says."""
    documented = document()["paths"][path][method]["responses"]
    assert str(answer.status_code) in documented, (answer.status_code, answer.content)
    schema = documented[str(answer.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": document()["components"]}).validate(answer.json())
    return int(answer.status_code)


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        elif "^" not in address:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)


def test_the_schema_is_valid_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)


def test_every_address_of_the_api_is_in_it() -> None:
    api = {address for address in routes(get_resolver().url_patterns) if address.startswith("/api/")}
    assert api - UNDOCUMENTED | PAIRING == set(document()["paths"])


def test_webhooks_are_those_we_send_and_look_as_it_says(world: World, warehouse: PartnerClient) -> None:
    EndpointFactory.create(partner=world.partner)
    world.order("C")
    tasks.sweep_order_events()
    webhooks, components = document()["webhooks"], document()["components"]
    assert set(webhooks) == set(WebhookType.values)
    for sent in Delivery.objects.all():
        schema = webhooks[sent.type]["post"]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator(schema | {"components": components}).validate(json.loads(sent.body))
    assert Delivery.objects.count() == 2


def test_it_is_open_api_3_1_as_json_or_yaml(client: Client) -> None:
    assert client.get("/api/schema/").json()["openapi"] == "3.1.0"
    assert client.get("/api/schema/", headers={"accept": "application/yaml"}).content.startswith(b"openapi: 3.1.0")


@pytest.mark.parametrize("query", ["lang=x%00", "lang=../../etc", "version=%0d%0aX: y", "format=json"])
def test_no_parameter_breaks_it(client: Client, query: str) -> None:
    assert client.get(f"/api/schema/?{query}").status_code == 200


def test_it_tells_who_may_call_what() -> None:
    paths = document()["paths"]
    callers = {path: operation.get("security") for path, item in paths.items() for operation in item.values()}
    devices = {path for path, scheme in callers.items() if scheme == [{"DeviceToken": []}]}
    assert devices == {TELEMETRY, DEVICE, HEARTBEAT}
    assert {path for path, scheme in callers.items() if scheme is None} == PAIRING
    partners = [scheme for path, scheme in callers.items() if path not in devices | PAIRING]
    assert all(scheme == [{"PartnerKey": []}] for scheme in partners)


def test_the_telemetry_view_is_described_though_it_is_plain() -> None:
    operation = document()["paths"][TELEMETRY]["post"]
    assert set(operation["responses"]) == {"202", "400", "401", "413", "429", "503"}
    assert set(operation["responses"]["429"]["headers"]) == {"Retry-After"}


def test_what_a_warehouse_reads_is_as_described(world: World, warehouse: PartnerClient) -> None:
    number = world.order().display_number
    prefix = "/api/v1/fulfilment"
    assert check("get", f"{prefix}/orders", warehouse.get(f"{prefix}/orders")) == 200
    assert check("get", f"{prefix}/orders/{{number}}", warehouse.get(f"{prefix}/orders/{number}")) == 200
    assert check("get", f"{prefix}/orders", warehouse.get(f"{prefix}/orders?status=x")) == 400
    assert check("get", f"{prefix}/stock", warehouse.get(f"{prefix}/stock")) == 200


def test_what_a_warehouse_tells_is_answered_as_described(world: World, warehouse: PartnerClient) -> None:
    order = world.order()
    path = "/api/v1/fulfilment/orders/{number}"
    dispatched = warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL)
    lifecycle.ship(order.pk, NOW, "billing", "")
    delivered = warehouse.tell(f"/orders/{order.number}/delivery", {"delivered_at": "2026-11-23T10:00:00Z"})
    assert check("post", f"{path}/dispatch", dispatched) == 202
    assert check("post", f"{path}/delivery", delivered) == 200
    assert (
        check("post", f"{path}/dispatch", warehouse.tell(f"/orders/{order.number}/dispatch", PARCEL | {"revision": 9}))
        == 409
    )


def test_what_a_warehouse_says_of_its_shelf_is_answered_as_described(world: World, warehouse: PartnerClient) -> None:
    number, code = world.order().number, world.sku().code
    path, body = "/api/v1/fulfilment/orders/{number}/short", {"lines": [{"sku": code, "quantity": 1}]}
    answers = [warehouse.tell(f"/orders/{number}/short", body | {"short_id": key}) for key in ("S-1", "S-1", "S-2")]
    assert [check("post", path, answer) for answer in answers] == [200, 200, 409]
    expected = [warehouse.tell("/stock/expected", {"sku": sku, "expected_on": "2026-12-12"}) for sku in (code, "XX")]
    assert [check("post", "/api/v1/fulfilment/stock/expected", answer) for answer in expected] == [200, 404]


def test_what_a_warehouse_gets_back_is_answered_as_described(world: World, warehouse: PartnerClient) -> None:
    order = delivered(world)
    line = {"sku": world.sku().code, "quantity": 1, "accepted": True}
    path, body = "/api/v1/fulfilment/orders/{number}/return", {"return_id": "B-1", "lines": [line]}
    answers = [warehouse.tell(f"/orders/{order.number}/return", body) for _ in range(2)]
    answers.append(warehouse.tell(f"/orders/{order.number}/return", body | {"return_id": "B-2"}))
    assert [check("post", path, answer) for answer in answers] == [201, 200, 409]


def test_what_a_printer_tells_is_answered_as_described(printer: Client) -> None:
    supplies = [{"slot": "PGBK", "level": 9}, {"name": "Mystery", "level": -2, "class": "supplyThatIsConsumed"}]
    body = {"message_id": "m", "observed_at": "2026-11-23T10:00:00Z", "supplies": supplies}
    assert check("post", TELEMETRY, printer.post(TELEMETRY, body, "application/json")) == 202
    assert check("post", TELEMETRY, printer.post(TELEMETRY, "{", "application/json")) == 400
    assert check("post", TELEMETRY, Client().post(TELEMETRY, body, "application/json")) == 401
    assert check("post", TELEMETRY, printer.post(TELEMETRY, "x" * 70_000, "application/json")) == 413


def test_what_a_helper_tells_is_answered_as_described(printer: Client) -> None:
    asleep = {"printer_reachable": False, "reason": "asleep"}
    assert printer.post(HEARTBEAT, asleep, "application/json").status_code == 204
    assert check("post", HEARTBEAT, printer.post(HEARTBEAT, {}, "application/json")) == 400
    assert check("post", HEARTBEAT, Client().post(HEARTBEAT, asleep, "application/json")) == 401
    assert printer.delete(DEVICE).status_code == 204
    assert check("delete", DEVICE, printer.delete(DEVICE)) == 401


def test_what_a_device_asks_is_answered_as_described(client: Client, world: World) -> None:
    asked = client.post("/oauth/device_authorization", "client_id=ars-agent", FORM)
    assert check("post", "/oauth/device_authorization", asked) == 200
    assert check("post", "/oauth/device_authorization", client.post("/oauth/device_authorization")) == 400
    poll = {"client_id": "ars-agent", "grant_type": GRANT_TYPE, "device_code": asked.json()["device_code"]}
    assert check("post", "/oauth/token", client.post("/oauth/token", urlencode(poll), FORM)) == 400
    PairingRequest.objects.update(outcome="approved", answered_at=NOW, plan=PlanFactory.create())
    assert check("post", "/oauth/token", client.post("/oauth/token", urlencode(poll), FORM)) == 200


texts = st.text(max_size=8) | st.sampled_from(["A", "2026-11-23T10:00:00Z", "\x00", "\ud800"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


def bodies(*names: str) -> st.SearchStrategy[str]:
    """Any JSON, more often than not an object with the right names and the wrong values."""
    return (values | st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))).map(json.dumps)


SENT = bodies(
    *("receipt_id", "sku", "quantity", "dispatch_id", "carrier", "tracking_number", "parcels", "revision"),
    *("return_id", "lines", "accepted", "short_id", "expected_on"),
    *("delivered_at", "message_id", "observed_at", "supplies", "state_reasons"),
)
ASKED = ("make_and_model", "printer_uuid", "serial_number", "grant_type", "device_code", "scope")
fuzz = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(body=SENT)
def test_whatever_a_warehouse_sends_is_answered_as_described(warehouse: PartnerClient, body: str) -> None:
    SlotSkuFactory.create(sku__code="A")
    number = OrderFactory.create(status="released").number
    check("post", RECEIPTS, warehouse.tell("/stock/receipts", body))
    check("post", "/api/v1/fulfilment/stock/expected", warehouse.tell("/stock/expected", body))
    for operation in ("dispatch", "delivery", "return", "short"):
        answer = warehouse.tell(f"/orders/{number}/{operation}", body)
        check("post", f"/api/v1/fulfilment/orders/{{number}}/{operation}", answer)


@fuzz
@given(body=bodies("printer_reachable", "reason"))
def test_whatever_a_helper_sends_is_answered_as_described(printer: Client, body: str) -> None:
    answer = printer.post(HEARTBEAT, body, "application/json")
    assert answer.status_code == 204 or check("post", HEARTBEAT, answer) == 400


@fuzz
@given(form=st.dictionaries(st.sampled_from(ASKED), st.text(max_size=300)) | st.dictionaries(texts, texts))
def test_whatever_a_device_asks_is_answered_as_described(client: Client, db: None, form: dict[str, str]) -> None:
    body = urlencode(form | {"client_id": "ars-agent"}, errors="surrogatepass")
    for address in ("/oauth/device_authorization", "/oauth/token"):
        check("post", address, client.generic("POST", address, body, FORM))


@fuzz
@given(body=SENT)
def test_whatever_a_printer_sends_is_answered_as_described(printer: Client, body: str) -> None:
    check("post", TELEMETRY, printer.post(TELEMETRY, body, "application/json"))


def test_the_page_that_shows_it_keeps_the_content_security_policy(client: Client) -> None:
    answer = client.get("/api/docs/")
    page, policy = answer.content.decode(), answer["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in policy
    assert re.findall(r"<script(?! src=)", page) == []


def test_no_other_page_gets_its_exception(client: Client) -> None:
    assert "sha256-" not in client.get("/api/schema/")["Content-Security-Policy"]
