"""However often and whatever at once: one need is one order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.outside import PATIENCE, Json, World, report_of

pytestmark = pytest.mark.timeout(200)

SENDERS = 20


def all_at_once(world: World, messages: list[Json]) -> list[int]:
    """The status of each answer."""
    printer = world.printer(world.device)
    with ThreadPoolExecutor(SENDERS) as senders:
        return [status for status, _ in senders.map(printer.send, messages)]


def test_a_hundred_low_reports_at_once_make_one_order(world: World) -> None:
    now = datetime.now(UTC)
    same = [report_of("BK", 8, now)] * 50
    others = [report_of("BK", level % 8, now + timedelta(milliseconds=level)) for level in range(50)]

    orders = world.warehouse.new_orders(lambda: all_at_once(world, same + others), "released")

    assert [line["sku"] for order in orders for line in order["lines"]] == ["CLI-281XL-BK"]
    assert all_at_once(world, same + others) == [202] * 100
    settled = world.printer(world.device).report("BK", 5)
    assert settled["supplies"][0]["replenishment"] == "on_order"


def test_what_is_not_there_is_backordered_mailed_about_and_released_when_it_arrives(world: World) -> None:
    slot = world.device["backordered_slot"]
    order = world.warehouse.new_orders(lambda: world.printer(world.device).report(slot, 4), "backordered")[0]
    assert world.mails_arrive(order["number"], 1)

    world.warehouse.receive(order["lines"][0]["sku"], 1)

    assert world.warehouse.becomes(order["number"], "released", PATIENCE)
    assert world.charges_of(order["number"]) == []
    assert len(world.mails_about(order["number"])) == 1


def test_a_declined_card_holds_the_order_takes_nothing_and_is_mailed_about(world: World) -> None:
    number = world.release(world.declining_device, "BK")
    world.warehouse.dispatch(number)
    assert world.warehouse.becomes(number, "payment_failed", PATIENCE)

    assert world.mails_arrive(number, 2)
    assert [charge.paid for charge in world.charges_of(number)] == [False]
