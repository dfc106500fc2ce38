"""A printer's turn: what is reported, what is kept when the service is away, and who is told what."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent import outbox, paired, running
from agent.errors import ASLEEP, NO_ANSWER, PrinterError
from agent.outbox import Outbox
from agent.paired import Paired
from agent.supplies import FILLED, Reading, Supply
from agent.turn import Outside, Turn
from tests.agent.service import HEARTBEAT, TELEMETRY, FakeService, Reply

UUID = "0a1b2c3d-0000-4000-8000-00000000beef"
CYAN, WASTE = Supply(2, "Cyan", level=64, raw_level=64), Supply(3, "Box", class_=FILLED, level=90, raw_level=90)
WELL = Reading("Canon TS8430 series", UUID, "ACDE04471", [], [CYAN, WASTE])
LOW = Reading("Canon TS8430 series", UUID, "ACDE04471", [], [Supply(2, "Cyan", level=9, raw_level=9, low=True)])


class World:
    """A paired printer, and what a turn hears and says of it."""

    def __init__(self, server: str) -> None:
        self.printer = Paired("ipp://10.0.0.9/ipp/print", server, "device-token", "2026-11-22", *self.identity())
        self.printer.keep()
        self.reading: Reading | PrinterError = WELL
        self.read_at: list[str] = []
        self.also_at: list[object] = []
        self.elsewhere: str | None = None
        self.said: list[str] = []
        self.complaints: list[str] = []

    @staticmethod
    def identity() -> tuple[str, str, str]:
        return WELL.make_and_model, WELL.printer_uuid, WELL.serial_number

    def read(self, at: object, also: object) -> Reading:
        self.read_at.append(str(at))
        self.also_at.append(also and str(also))
        if isinstance(self.reading, PrinterError):
            raise self.reading
        if self.elsewhere not in (None, str(at)):
            raise PrinterError("10.0.0.9 refuses the connection.")
        return self.reading

    def turn(self, *, once: bool = True) -> bool:
        self.complaints.clear()
        outside = Outside(self.said.append, self.complaints.append, self.read, lambda _: self.elsewhere)
        return Turn(paired.everything()[0], outside, now_or_never=once).take()

    @property
    def state(self) -> paired.State:
        return paired.state_of(self.printer)

    @property
    def waiting(self) -> int:
        return len(Outbox(self.printer))


@pytest.fixture
def world(service: FakeService) -> World:
    return World(service.url)


def test_a_report_says_what_empties_and_nothing_else(world: World, service: FakeService) -> None:
    assert world.turn()
    report = service.told(TELEMETRY)[0]
    assert report["supplies"] == [{"name": "Cyan", "index": 2, "level": 64}]
    assert report["state_reasons"] == []
    assert report["observed_at"].endswith("Z")
    assert service.heard[0].authorization == "Bearer device-token"
    assert world.said == ["Canon TS8430 series (serial number ends 4471): reported. Cyan is low."]


def test_a_colour_that_two_share_is_not_told(world: World, service: FakeService) -> None:
    blacks = [Supply(1, "PGBK", colorant="black", raw_level=5), Supply(2, "BK", colorant="black", raw_level=6)]
    world.reading = Reading(supplies=[*blacks, Supply(3, "C", colorant="cyan")])
    world.turn()
    assert [each.get("colorant") for each in service.told(TELEMETRY)[0]["supplies"]] == [None, None, "cyan"]


def test_reports_wait_for_the_service_and_go_in_order(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(500), Reply(500), Reply(202))
    assert [world.turn(), world.turn(), world.turn()] == [False, False, True]
    sent = [report["observed_at"] for report in service.told(TELEMETRY)]
    assert len(sent) == 5
    assert sent[0] == sent[1] == sent[2] < sent[3] < sent[4]
    assert world.waiting == 0


def test_a_service_that_cannot_be_reached_loses_nothing(world: World, service: FakeService) -> None:
    service.close()
    assert not world.turn()
    assert world.waiting == 1
    assert "cannot be reached" in world.complaints[0]


def test_a_report_the_service_will_never_take_does_not_hold_up_the_next(world: World, service: FakeService) -> None:
    refusal = {"errors": [{"code": "invalid", "detail": "Must be a text.", "attr": "supplies.0.name"}]}
    service.answers(TELEMETRY, Reply(500), Reply(400, refusal), Reply(202))
    world.turn()
    assert not world.turn()
    assert world.waiting == 0
    assert "HTTP 400 supplies.0.name Must be a text." in world.complaints[0]


def test_the_service_is_left_alone_as_long_as_it_asks(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(429, headers={"Retry-After": "600"}), Reply(202))
    assert [world.turn(), world.turn()] == [False, False]
    assert len(service.told(TELEMETRY)) == 1
    assert world.waiting == 2
    assert 540 < world.state.not_before - time.time() < 601


def test_a_service_that_fails_is_tried_again_later_unless_a_person_asks(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(500), Reply(202))
    world.turn(once=False)
    world.turn(once=False)
    assert len(service.told(TELEMETRY)) == 1
    assert 30 < world.state.retry_at - time.time() < 64
    assert world.turn()
    assert world.waiting == 0


def test_a_token_that_is_revoked_is_told_and_not_tried_again_soon(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(401))
    assert not world.turn()
    assert world.complaints == [
        f"{service.url} does not know Canon TS8430 series (serial number ends 4471) any more: pair it again."
    ]
    assert not world.turn(once=False)
    assert (len(service.told(TELEMETRY)), len(world.read_at)) == (1, 1)


def test_a_revoked_token_is_tried_once_a_turn(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(500))
    world.turn()
    service.answers(HEARTBEAT, Reply(401))
    world.reading = PrinterError("10.0.0.9 refuses the connection.")
    assert not world.turn()
    assert (len(service.told(HEARTBEAT)), len(service.told(TELEMETRY))) == (1, 1)


def test_who_only_announces_itself_as_the_printer_is_not_it(world: World, service: FakeService) -> None:
    world.reading = Reading("Canon TS8430 series", "", "ZZZZ00001", [], [CYAN])
    world.elsewhere = "ipp://10.0.0.66/ipp/print"
    assert not world.turn()
    assert paired.everything()[0].uri == "ipp://10.0.0.9/ipp/print"
    assert service.told(TELEMETRY) == []


@pytest.mark.parametrize("told", [True, "soon", -1, 0, 10**400, float("inf"), None])
def test_a_wait_that_is_none_is_four_hours(world: World, service: FakeService, told: object) -> None:
    service.answers(TELEMETRY, Reply(202, {"next_report_seconds": told}))
    world.turn()
    assert 14_340 < world.state.next_at - time.time() < 15_121


def test_a_printer_that_does_not_answer_is_told_of(world: World, service: FakeService) -> None:
    world.reading = PrinterError("10.0.0.9 did not answer within 15 seconds.", NO_ANSWER)
    assert not world.turn()
    assert service.told(HEARTBEAT) == [{"printer_reachable": False, "reason": "no_answer"}]
    assert (service.told(TELEMETRY), world.waiting) == ([], 0)


def test_a_printer_asleep_is_no_report(world: World, service: FakeService) -> None:
    world.reading = Reading(supplies=[Supply(raw_level=-2)])
    world.turn()
    assert service.told(HEARTBEAT) == [{"printer_reachable": False, "reason": ASLEEP}]
    assert service.told(TELEMETRY) == []


def test_a_printer_without_supplies_is_a_sign_of_life(world: World, service: FakeService) -> None:
    world.reading = Reading("Canon TS8430 series")
    assert world.turn()
    assert (service.told(HEARTBEAT), service.told(TELEMETRY)) == ([{"printer_reachable": True}], [])


def test_another_printer_at_the_same_address_is_not_reported(world: World, service: FakeService) -> None:
    world.reading = Reading("Canon TS8430 series", "", "ZZZZ00001", [], [CYAN])
    assert not world.turn()
    assert "another printer answers at ipp://10.0.0.9/ipp/print now." in world.complaints[0]
    assert service.told(TELEMETRY) == []


def test_a_printer_that_moved_is_found_by_its_uuid(world: World, service: FakeService) -> None:
    world.elsewhere = "ipp://10.0.0.77/ipp/print"
    assert world.turn()
    assert len(service.told(TELEMETRY)) == 1
    assert world.read_at == ["ipp://10.0.0.9/ipp/print", "ipp://10.0.0.77/ipp/print"]
    assert paired.everything()[0].uri == "ipp://10.0.0.77/ipp/print"


def test_its_address_for_snmp_moves_along(world: World, service: FakeService) -> None:
    world.printer = replace(world.printer, also="snmp://secret@10.0.0.9:1161")
    world.printer.keep()
    world.elsewhere = "ipp://10.0.0.77/ipp/print"
    assert world.turn()
    assert world.also_at == ["snmp://secret@10.0.0.9:1161", "snmp://secret@10.0.0.77:1161"]
    assert paired.everything()[0].also == "snmp://secret@10.0.0.77:1161"


def test_between_reports_only_a_supply_that_has_just_become_low_is_told(world: World, service: FakeService) -> None:
    for reading in (WELL, WELL, LOW, LOW):
        world.reading = reading
        world.turn(once=False)
    assert [report["supplies"][0]["level"] for report in service.told(TELEMETRY)] == [64, 9]


def test_the_next_report_is_when_the_service_wants_it(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(202, {"next_report_seconds": 60}))
    world.turn()
    assert 30 < world.state.next_at - time.time() < 64


def test_a_clock_that_is_wrong_is_told(world: World, service: FakeService) -> None:
    service.answers(TELEMETRY, Reply(202, headers={"Date": "Wed, 01 Jan 2020 00:00:00 GMT"}))
    world.turn()
    assert "The clock of this computer is" in world.complaints[0]


class TestOutbox:
    def test_it_is_bounded_and_the_oldest_go(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outbox, "MOST", 3)
        box = Outbox(world.printer)
        for number in range(5):
            box.add({"number": number})
        assert [report["number"] for _, report in box.waiting()] == [2, 3, 4]

    def test_a_file_that_was_begun_and_one_that_was_spoilt_are_nothing(self, world: World) -> None:
        box = Outbox(world.printer)
        box.add({"number": 1})
        (box.folder / "000000000002.json.77.new").write_text('{"num')
        (box.folder / "000000000003.json").write_text('{"num')
        assert [report["number"] for _, report in box.waiting()] == [1]
        box.add({"number": 4})
        assert [report["number"] for _, report in box.waiting()] == [1, 4]

    def test_only_its_user_can_read_it(self, world: World, home: Path) -> None:
        Outbox(world.printer).add({})
        files = [path for path in home.rglob("*") if path.is_file()]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        assert home.stat().st_mode & 0o777 == 0o700


def test_one_printers_trouble_is_no_other_printers(world: World, service: FakeService) -> None:
    Paired("ipp://10.0.0.8", "ftp://ink.example", "other-token", "2026-11-20").keep()
    outside = Outside(world.said.append, world.complaints.append, world.read, lambda _: None)
    assert not running.once(outside)
    assert len(service.told(TELEMETRY)) == 1
    assert world.complaints == ["ftp://ink.example is no address of a service: it begins with https://."]


def test_a_state_that_the_disk_has_spoilt_is_learnt_again(world: World, service: FakeService, home: Path) -> None:
    world.turn()
    (home / "states" / f"{world.printer.key}.json").write_text("{")
    assert world.turn()
    assert len(service.told(TELEMETRY)) == 2
