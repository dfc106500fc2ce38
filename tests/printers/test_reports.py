"""Bad bodies: refused, each wrong field named, nothing stored."""

import json
from typing import Any

import pytest

from printers.models import LowSignal, Printer, Reading, UnknownSupply
from printers.reports import InvalidReport, parse
from tests.printers.device import Device

GOOD: dict[str, Any] = {
    "message_id": "m-1",
    "observed_at": "2026-11-23T10:00:00Z",
    "supplies": [{"slot": "PGBK", "level": 12}],
}


def supply(**fields: Any) -> dict[str, Any]:
    return {"supplies": [{"slot": "PGBK"} | fields]}


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"message_id": None}, "message_id"),
        ({"message_id": 5}, "message_id"),
        ({"message_id": ""}, "message_id"),
        ({"message_id": "m" * 101}, "message_id"),
        ({"message_id": "a\x00b"}, "message_id"),
        ({"observed_at": None}, "observed_at"),
        ({"observed_at": "yesterday"}, "observed_at"),
        ({"observed_at": "2026-11-23T10:00:00"}, "observed_at"),
        ({"observed_at": "2026-11-23"}, "observed_at"),
        ({"observed_at": "2026-13-40T10:00:00Z"}, "observed_at"),
        ({"observed_at": "0001-01-01T00:00:00+14:00"}, "observed_at"),
        ({"observed_at": 1764000000}, "observed_at"),
        ({"state_reasons": "low"}, "state_reasons"),
        ({"state_reasons": [5]}, "state_reasons"),
        ({"supplies": None}, "supplies"),
        ({"supplies": []}, "supplies"),
        ({"supplies": {}}, "supplies"),
        ({"supplies": [{"slot": f"S{place}"} for place in range(33)]}, "supplies"),
        ({"supplies": ["PGBK"]}, "supplies.0"),
        ({"supplies": [{"slot": "C"}, {"slot": "C"}]}, "supplies.1.slot"),
        (supply(slot=""), "supplies.0.slot"),
        (supply(slot=7), "supplies.0.slot"),
        (supply(level=101), "supplies.0.level"),
        (supply(level=-4), "supplies.0.level"),
        (supply(level="12"), "supplies.0.level"),
        (supply(level=12.5), "supplies.0.level"),
        (supply(level=True), "supplies.0.level"),
        (supply(level=10**40), "supplies.0.level"),
        (supply(low="yes"), "supplies.0.low"),
        (supply(low=1), "supplies.0.low"),
        (supply(genuine="true"), "supplies.0.genuine"),
        (supply(serial_number="s" * 65), "supplies.0.serial_number"),
        (supply(index=-1), "supplies.0.index"),
        (supply(name="\x00"), "supplies.0.name"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(device: Device, change: dict[str, Any], attr: str) -> None:
    response = device.post(json.dumps(GOOD | change).encode())
    assert response.status_code == 400
    assert response.json()["type"] == "validation_error"
    assert attr in {error["attr"] for error in response.json()["errors"]}
    assert Printer.objects.get().supplies == {}
    assert not any(rows.objects.exists() for rows in (Reading, LowSignal, UnknownSupply))


def test_every_wrong_field_is_named_at_once(device: Device) -> None:
    bad = {"observed_at": "x", "supplies": [{"slot": "C", "level": 101}, {"slot": "M", "low": 3}]}
    errors = device.post(json.dumps(bad).encode()).json()["errors"]
    assert [error["attr"] for error in errors] == ["message_id", "observed_at", "supplies.0.level", "supplies.1.low"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b"5", b'"x"', b"null", b"NaN", b"[" * 5000, b'{"a":"\\ud800"}']
)
def test_what_is_no_json_object_is_refused(device: Device, body: bytes) -> None:
    response = device.post(body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] is None


def test_a_body_above_64_kib_is_too_large(device: Device) -> None:
    response = device.post(b" " * (64 * 1024 + 1))
    assert (response.status_code, response.json()["errors"][0]["code"]) == (413, "too_large")


def test_unknown_keys_are_ignored() -> None:
    taken = parse(json.dumps(GOOD | {"colour": "red", "supplies": [{"slot": "C", "smell": 1}]}).encode())
    assert taken.items[0] == {"slot": "C", "level": None}


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00+00:00"),
        ("2026-11-23t05:00:00.123456789-05:00", "2026-11-23T10:00:00.123456+00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
    ],
)
def test_times_of_rfc_3339_are_read(sent: str, utc: str) -> None:
    assert parse(json.dumps(GOOD | {"observed_at": sent}).encode()).observed_at.isoformat() == utc


@pytest.mark.parametrize("level", [0, 100, 12.0, -1, -2, -3, None])
def test_levels_of_the_contract_are_taken(level: float | None) -> None:
    taken = parse(json.dumps(GOOD | supply(level=level)).encode())
    assert taken.items[0]["level"] == (None if level is None or level < 0 else int(level))


def test_thirty_two_supplies_are_taken() -> None:
    assert len(parse(json.dumps(GOOD | {"supplies": [{"slot": f"S{n}"} for n in range(32)]}).encode()).items) == 32


def test_an_invalid_report_says_what_is_wrong_with_it() -> None:
    with pytest.raises(InvalidReport, match=r"supplies: This field is required\."):
        parse(b'{"message_id": "m", "observed_at": "2026-11-23T10:00:00Z"}')
