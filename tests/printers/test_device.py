"""What a device says besides its reports: signs of life, and farewell."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from printers.models import DeviceToken
from tests.factories.printers import NOW
from tests.printers.device import Device

AT = NOW + timedelta(hours=1)  # the time of the tests here
HEARTBEAT, DEVICE = "/api/v1/device/heartbeat", "/api/v1/device"


def beat(device: Device, body: object) -> Any:
    return device.client.post(HEARTBEAT, body, "application/json", headers=device.headers)


def leave(device: Device) -> Any:
    return device.client.delete(DEVICE, headers=device.headers)


def kept(device: Device) -> tuple[object, str]:
    device.printer.refresh_from_db()
    return device.printer.heartbeat_at, device.printer.unreachable_reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"printer_reachable": False, "reason": "asleep"}, "asleep"),
        ({"printer_reachable": False, "reason": "refused", "agent": "1.0"}, "refused"),
        ({"printer_reachable": False}, "no_answer"),
        ({"printer_reachable": False, "reason": None}, "no_answer"),
        ({"printer_reachable": True, "reason": "asleep"}, ""),
    ],
)
def test_a_sign_of_life_is_kept(device: Device, body: dict[str, Any], reason: str) -> None:
    assert beat(device, body).status_code == 204
    assert kept(device) == (AT, reason)


def test_a_sign_of_life_is_one_write(device: Device, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        beat(device, {"printer_reachable": True})


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "printer_reachable"),
        ({"printer_reachable": "no"}, "printer_reachable"),
        ({"printer_reachable": False, "reason": "tired"}, "reason"),
        ({"printer_reachable": False, "reason": ["asleep"]}, "reason"),
        ([], None),
    ],
)
def test_a_wrong_one_is_named_and_not_kept(device: Device, body: object, wrong: str | None) -> None:
    answer = beat(device, body)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [wrong]
    assert kept(device) == (None, "")


def test_a_body_that_is_too_large_is_not_read(device: Device) -> None:
    answer = device.client.post(HEARTBEAT, b"x" * 70_000, "application/json", headers=device.headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(("method", "address"), [("POST", HEARTBEAT), ("DELETE", DEVICE)])
@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", "Basic YTpi"])
def test_without_a_live_token_nothing_is_heard(
    device: Device, client: Client, method: str, address: str, sent: str
) -> None:
    body = '{"printer_reachable": true}'
    answer = client.generic(method, address, body, "application/json", headers={"authorization": sent})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert kept(device) == (None, "")


@pytest.mark.parametrize(("method", "address"), [("GET", HEARTBEAT), ("DELETE", HEARTBEAT), ("POST", DEVICE)])
def test_each_address_has_one_method(device: Device, method: str, address: str) -> None:
    answer = device.client.generic(method, address, headers=device.headers)
    assert answer.status_code == 405
    assert answer["Allow"] == ("POST" if address == HEARTBEAT else "DELETE")


def test_farewell_ends_the_token_and_says_why(device: Device) -> None:
    answer = leave(device)
    assert (answer.status_code, answer.content) == (204, b"")
    token = DeviceToken.objects.get()
    assert (token.revoked_at, token.revoked_cause) == (AT, "deregistered by the device")
    assert device.send({"slot": "C", "level": 50}).status_code == 401


def test_who_has_left_is_unknown(device: Device) -> None:
    leave(device)
    assert (leave(device).status_code, beat(device, {"printer_reachable": True}).status_code) == (401, 401)


def test_signs_of_life_count_as_reports(device: Device, settings: Settings) -> None:
    settings.TELEMETRY_REPORTS_PER_MINUTE = 2
    answers = [beat(device, {"printer_reachable": True}).status_code for _ in range(3)]
    assert answers == [204, 204, 429]
