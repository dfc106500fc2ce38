"""The main job: a printer says low, and the ink is ordered, packed, charged, shipped and mailed about, once."""

import time
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from tests.journeys.outside import PATIENCE, Json, World, text_of
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(200)


@dataclass
class Journey:
    """What became of one low report."""

    released_after: float
    shipped_after: float
    order: Json
    parcel: Json


def travel(world: World, slot: str) -> Journey:
    start = time.monotonic()
    number = world.release(world.device, slot)
    released_after, start = time.monotonic() - start, time.monotonic()
    parcel = world.warehouse.dispatch(number)
    assert world.warehouse.becomes(number, "shipped", PATIENCE)
    return Journey(released_after, time.monotonic() - start, world.warehouse.order(number), parcel)


@pytest.fixture(scope="module")
def journey(world: World) -> Journey:
    return travel(world, "PGBK")


@pytest.fixture(scope="module")
def another(world: World) -> Journey:
    """Times are the better of two: what else the machine does can only add to them."""
    return travel(world, "M")


@pytest.fixture(scope="module")
def mails(world: World, journey: Journey) -> list[EmailMessage]:
    assert eventually(lambda: len(world.mails_about(journey.order["number"])) >= 2, PATIENCE)
    return world.mails_about(journey.order["number"])


def test_the_order_is_released_within_five_seconds_of_the_report(journey: Journey, another: Journey) -> None:
    assert min(journey.released_after, another.released_after) < 5


def test_the_order_ships_within_five_seconds_of_its_dispatch(journey: Journey, another: Journey) -> None:
    assert min(journey.shipped_after, another.shipped_after) < 5


def test_it_holds_one_cartridge_and_its_history_in_order(journey: Journey) -> None:
    assert [(line["sku"], line["quantity"]) for line in journey.order["lines"]] == [("PGI-280XL-PGBK", 1)]
    assert [event["status"] for event in journey.order["history"]] == ["placed", "released", "packed", "shipped"]
    assert journey.order["tracking_number"] == journey.parcel["tracking_number"]


def test_the_card_is_charged_once_over_the_total(world: World, journey: Journey) -> None:
    assert world.paid_cents(journey.order["number"]) == [journey.order["total_cents"]]
    assert len(world.charges_of(journey.order["number"])) == 1


def test_two_mails_are_written_and_the_second_has_the_tracking_number(
    journey: Journey, mails: list[EmailMessage]
) -> None:
    confirmation, shipment = mails
    assert journey.parcel["tracking_number"] not in text_of(confirmation)
    assert journey.parcel["tracking_number"] in text_of(shipment)


def test_the_printer_is_told_that_its_ink_is_on_order(world: World, journey: Journey) -> None:
    answer = world.printer(world.device).report("PGBK", 6)
    assert answer["supplies"] == [{"slot": "PGBK", "status": "low", "replenishment": "on_order"}]


def test_what_is_delivered_reads_delivered(world: World, another: Journey) -> None:
    number = another.order["number"]
    world.warehouse.deliver(number)
    assert world.warehouse.order(number)["status"] == "delivered"
