"""The telemetry endpoint: what it answers, and what it stores."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from psycopg2.extensions import cursor
from pytest_django import Settings

from printers import supplies, tokens
from printers.models import LowSignal, Printer, Reading, UnknownSupply
from printers.telemetry import INGEST
from tests.factories.printers import NOW, PrinterModelFactory, SlotAliasFactory, SlotFactory
from tests.printers.device import URL, Device, make_device

BLACK_LOW = {"slot": "PGBK", "level": 12}
BLACK_FINE = {"slot": "PGBK", "level": 64}
BLACK_FULL = {"slot": "PGBK", "level": 100}


def test_a_low_report_is_answered_as_the_contract_says(device: Device) -> None:
    response = device.send({"slot": "PGBK", "level": 12, "low": True, "genuine": True, "serial_number": "A1B2"})
    assert response.status_code == 202
    assert response.json() == {
        "message_id": "m-1",
        "supplies": [{"slot": "PGBK", "status": "low", "replenishment": "deciding"}],
        "display_message": "Black is low. We are looking at it.",
        "next_report_seconds": 14400,
    }


def test_what_was_reported_is_kept_in_the_printers_row(device: Device) -> None:
    device.send({"slot": "C", "level": 64, "genuine": True, "serial_number": "A1B2"})
    state = supplies.state(Printer.objects.get(), "C")
    assert state == supplies.SupplyState(NOW, 64, 64, False, False, True, "A1B2", "none")
    assert device.printer.seen_at is None
    assert Printer.objects.get().seen_at == NOW + timedelta(hours=1)


def test_a_report_is_one_round_trip(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Counting(cursor):
        def execute(self, query: Any, values: Any = None) -> None:
            told.append(query)
            super().execute(query, values)

    monkeypatch.setattr(connection.connection, "cursor_factory", Counting)
    for level in (64, 64, 12):  # new, the same again, low
        device.send({"slot": "PGBK", "level": level}, {"slot": "C", "level": 64})
    assert told == 3 * [INGEST]


def test_the_same_report_again_changes_nothing_and_says_the_present_state(device: Device) -> None:
    device.send(BLACK_LOW)
    supplies.note(device.printer.pk, {"PGBK": "on_order"})
    again = device.send(BLACK_LOW)
    assert again.status_code == 202
    assert again.json()["supplies"] == [{"slot": "PGBK", "status": "low", "replenishment": "on_order"}]
    assert again.json()["display_message"] == "Black is low. A replacement is on its way."
    assert (LowSignal.objects.count(), Reading.objects.count()) == (1, 1)


def test_a_repeat_writes_nothing(device: Device) -> None:
    def row_version() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text || xmax::text FROM printers_printer")
            version: str = cursor.fetchone()[0]
        return version

    device.send(BLACK_LOW)
    before = row_version()
    device.send(BLACK_LOW)
    assert row_version() == before


@pytest.mark.parametrize("level", [16, 100])
def test_above_the_threshold_is_not_low(device: Device, level: int) -> None:
    assert device.send({"slot": "PGBK", "level": level}).json()["supplies"][0]["status"] == "ok"


@pytest.mark.parametrize(
    "supply", [{"level": 15}, {"level": 0, "low": False}, {"level": 80, "low": True}, {"low": True}]
)
def test_low_is_what_the_printer_says_or_the_threshold(device: Device, supply: dict[str, Any]) -> None:
    assert device.send({"slot": "PGBK"} | supply).json()["supplies"][0]["status"] == "low"


@pytest.mark.parametrize("level", [None, -1, -2, -3])
def test_sentinels_are_unknown_and_never_percentages(device: Device, level: int | None) -> None:
    response = device.send({"slot": "PGBK", "level": level})
    assert response.json()["supplies"] == [{"slot": "PGBK", "status": "ok", "replenishment": "none"}]
    assert device.state()["level"] is None
    assert not LowSignal.objects.exists()


def test_a_state_reason_counts_where_only_one_supply_can_be_meant(db: None) -> None:
    single, double = make_device("K"), make_device("PGBK", "C")
    reasons = ["toner-low-warning"]
    assert single.send({"slot": "K", "level": 50}, state_reasons=reasons).json()["supplies"][0]["status"] == "low"
    assert double.send({"slot": "C", "level": 50}, state_reasons=reasons).json()["supplies"][0]["status"] == "ok"


def test_the_first_low_of_a_slot_is_one_signal(device: Device) -> None:
    for minute in range(5):
        device.send({"slot": "PGBK", "level": 12 - minute}, minute=minute)
    signal = LowSignal.objects.get()
    assert (signal.level, signal.threshold, signal.said_low) == (12, 15, False)
    assert (signal.observed_at, signal.closed_at) == (NOW, None)


def test_history_is_written_on_change_only(device: Device) -> None:
    for minute, level in enumerate([64, 64, 64, 63, 63]):
        device.send({"slot": "PGBK", "level": level}, minute=minute)
    assert list(Reading.objects.order_by("observed_at").values_list("level", flat=True)) == [64, 63]
    assert device.state()["at"].startswith("2026-11-23T10:04:00")


def test_an_older_report_is_history_and_never_state(device: Device) -> None:
    device.send(BLACK_FINE, minute=10)
    late = device.send({"slot": "PGBK", "level": 90}, minute=5)
    assert late.status_code == 202
    assert device.state()["level"] == 64
    assert Reading.objects.filter(level=90).count() == 1


def test_a_late_low_report_is_a_stale_signal_once(device: Device) -> None:
    device.send(BLACK_FINE, minute=10)
    device.send(BLACK_LOW, minute=5)
    answer = device.send(BLACK_LOW, minute=5)
    signal = LowSignal.objects.get()
    assert (signal.closed_cause, signal.level) == ("stale", 12)
    assert answer.json()["supplies"] == [{"slot": "PGBK", "status": "ok", "replenishment": "none"}]


def test_a_low_report_older_than_seven_days_is_stale_but_a_new_one_is_not(device: Device) -> None:
    device.send(BLACK_LOW, minute=-8 * 24 * 60)
    assert LowSignal.objects.get().closed_cause == "stale"
    device.send(BLACK_LOW)
    assert LowSignal.objects.filter(closed_at=None).count() == 1


def test_a_time_in_the_future_is_taken_as_now(device: Device) -> None:
    device.send(BLACK_FINE, minute=60 * 24 * 365)
    assert device.state()["at"].startswith("2026-11-23T11:00:00")


def test_another_serial_number_is_a_new_cartridge(device: Device) -> None:
    device.send(BLACK_LOW | {"serial_number": "A"})
    device.send(BLACK_FINE | {"serial_number": "B"}, minute=1)
    signal = LowSignal.objects.get()
    assert signal.closed_cause == "replaced"
    assert device.state()["signal"] is None


def test_a_used_cartridge_that_is_low_itself_signals_again(device: Device) -> None:
    device.send(BLACK_LOW | {"serial_number": "A"})
    device.send(BLACK_LOW | {"serial_number": "B"}, minute=1)
    assert list(LowSignal.objects.order_by("observed_at").values_list("closed_cause", flat=True)) == ["replaced", ""]


def test_a_rise_is_a_new_cartridge_once_the_next_report_confirms_it(device: Device) -> None:
    device.send(BLACK_LOW)
    device.send(BLACK_FULL, minute=1)
    assert LowSignal.objects.get().closed_at is None
    device.send({"slot": "PGBK", "level": 98}, minute=2)
    assert LowSignal.objects.get().closed_cause == "replaced"


@pytest.mark.parametrize("levels", [(30, 28), (51, 50), (100, 20), (69, 69)])
def test_a_shaken_toner_is_no_new_cartridge(device: Device, levels: tuple[int, int]) -> None:
    device.send(BLACK_LOW)
    for minute, level in enumerate(levels, start=1):
        device.send({"slot": "PGBK", "level": level}, minute=minute)
    assert LowSignal.objects.get().closed_at is None


def test_a_printer_that_knows_three_steps_is_understood(device: Device) -> None:
    for minute, level in enumerate([100, 10, 100, 100]):
        device.send({"slot": "PGBK", "level": level}, minute=minute)
    assert LowSignal.objects.get().closed_cause == "replaced"


def test_a_rise_is_measured_from_the_last_known_level(device: Device) -> None:
    for minute, level in enumerate([5, None, 100, 100]):
        device.send({"slot": "PGBK", "level": level}, minute=minute)
    assert LowSignal.objects.get().closed_cause == "replaced"


def test_a_new_cartridge_arms_the_slot_again(device: Device) -> None:
    for minute, level in enumerate([12, 100, 99, 14]):
        device.send({"slot": "PGBK", "level": level}, minute=minute)
    assert LowSignal.objects.filter(closed_at=None).get().level == 14


def test_a_waiting_decision_comes_due_again_when_what_it_looked_at_changes(device: Device) -> None:
    device.send(BLACK_LOW | {"genuine": False})
    supplies.note(device.printer.pk, {"PGBK": "waiting"})
    LowSignal.objects.update(due_at=None)
    device.send(BLACK_LOW | {"genuine": True}, minute=1)
    assert LowSignal.objects.get().due_at is not None


def test_an_unknown_slot_is_kept_and_answered_unknown(device: Device) -> None:
    answer = device.send({"slot": "XYZ", "level": 5, "low": True}, BLACK_FINE)
    assert answer.status_code == 202
    assert answer.json()["supplies"][0] == {"slot": "XYZ", "status": "unknown", "replenishment": "none"}
    kept = UnknownSupply.objects.get()
    assert (kept.key, kept.described) == ("slot:XYZ", {"slot": "XYZ", "level": 5})
    assert not LowSignal.objects.exists()


def test_an_unknown_supply_is_kept_once_with_its_latest_report(device: Device) -> None:
    for level in (50, 40):
        device.send({"name": "Mystery", "index": 7, "level": level})
    assert UnknownSupply.objects.get().described == {"name": "Mystery", "index": 7, "level": 40}


def test_a_supply_without_a_code_is_found_by_its_other_names(device: Device) -> None:
    SlotAliasFactory.create(slot=device.slot("C"), key="name:canoncyaninktank")
    answer = device.send({"index": 1, "name": "Canon Cyan Ink-Tank", "level": 9})
    assert answer.json()["supplies"] == [{"slot": "C", "status": "low", "replenishment": "deciding"}]


def test_a_position_alone_is_no_name(device: Device) -> None:
    assert device.send({"index": 0, "level": 9}).json()["supplies"][0]["status"] == "unknown"


def test_a_position_is_one_where_staff_said_so_and_nothing_else_is_told(device: Device) -> None:
    SlotAliasFactory.create(slot=device.slot("C"), key="index:7")
    told: list[dict[str, Any]] = [{"index": 7, "level": 9}]
    told += [{"index": 7, "name": "Mystery", "level": 9}, {"index": 7, "type": "wasteInk"}]
    answers = [device.send(supply, minute=minute).json()["supplies"][0] for minute, supply in enumerate(told)]
    assert [(answer["slot"], answer["status"]) for answer in answers] == [
        ("C", "low"),
        (None, "unknown"),
        (None, "unknown"),
    ]


def test_a_slot_of_another_model_is_not_found(device: Device) -> None:
    SlotFactory.create(model=PrinterModelFactory.create(), code="MBK")
    assert device.send({"slot": "MBK", "level": 9}).json()["supplies"][0]["status"] == "unknown"


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic x"}, {"Authorization": "Bearer"}]
)
def test_without_a_live_token_nothing_is_stored(device: Device, header: dict[str, str]) -> None:
    body = {"message_id": "m", "observed_at": NOW.isoformat(), "supplies": [BLACK_LOW]}
    response = Client().post(URL, body, content_type="application/json", headers=header)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["errors"][0]["code"] == "not_authenticated"
    assert not Reading.objects.exists()


def test_a_revoked_token_is_refused_whatever_it_sends(device: Device) -> None:
    assert tokens.revoke(device.printer.tokens.get(), "lost", NOW)
    assert device.send(BLACK_LOW).status_code == 401
    assert device.post(b"{").status_code == 401
    assert not Reading.objects.exists()


def test_too_many_reports_a_minute_are_told_when_to_come_back(device: Device, settings: Settings) -> None:
    settings.TELEMETRY_REPORTS_PER_MINUTE = 2
    answers = [device.send(BLACK_LOW, minute=minute) for minute in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2]["Retry-After"] == "60"


def test_only_post_is_allowed(device: Device) -> None:
    response = device.client.get(URL, headers=device.headers)
    assert (response.status_code, response["Allow"]) == (405, "POST")
