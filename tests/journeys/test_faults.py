"""Any process may be killed at any moment: it is started again, and the job is done, once."""

import os
import signal
import time

import pytest

from tests.journeys.outside import Json, World, answers
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(240)

RESTARTED_WITHIN = 5.0
SERVES_WITHIN = 30.0  # the process is promised within five seconds; a busy machine reads it in more slowly
FINISHED_WITHIN = 120.0


def comes_back(world: World, name: str, gone: int) -> bool:
    """Whether another process has taken the place of one that was killed, in the time the contract gives."""
    return eventually(lambda: world.demo.credentials["pids"][name] != gone, RESTARTED_WITHIN)


def ships_once(world: World, number: str) -> None:
    assert world.warehouse.becomes(number, "shipped", FINISHED_WITHIN), world.warehouse.order(number)
    assert world.paid_cents(number) == [world.warehouse.order(number)["total_cents"]]


def test_a_worker_killed_between_dispatch_and_shipped_charges_once(world: World) -> None:
    number = world.release(world.device, "C")
    world.warehouse.dispatch(number)
    gone = world.demo.kill("worker")
    assert comes_back(world, "worker", gone)
    ships_once(world, number)


def test_a_killed_web_server_serves_again(world: World) -> None:
    gone = world.demo.kill("web")
    assert comes_back(world, "web", gone)
    assert eventually(lambda: answers(f"{world.base_url}/healthz"), SERVES_WITHIN)
    assert world.release(world.device, "Y")


def test_a_killed_beat_beats_again(world: World) -> None:
    gone = world.demo.kill("beat")
    assert comes_back(world, "beat", gone)


def test_without_a_broker_reports_are_taken_and_the_order_follows(world: World, spare_device: Json) -> None:
    gone = world.demo.kill("redis")
    number = world.release(spare_device, "C")
    assert comes_back(world, "redis", gone)
    assert world.warehouse.order(number)["lines"][0]["sku"] == spare_device["skus"]["C"]


def test_a_killed_database_is_there_again_with_all_that_was_promised(world: World, spare_device: Json) -> None:
    number = world.release(spare_device, "Y")
    gone = world.demo.kill("postgres")
    assert comes_back(world, "postgres", gone)
    world.warehouse.dispatch(number)
    ships_once(world, number)


def test_while_stripe_does_not_answer_the_order_waits_packed_and_then_ships_once(
    world: World, spare_device: Json
) -> None:
    number = world.release(spare_device, "PGBK")
    stripe = world.demo.credentials["pids"]["stripe"]
    os.kill(stripe, signal.SIGSTOP)
    try:
        world.warehouse.dispatch(number)
        time.sleep(3)
        assert world.warehouse.order(number)["status"] == "packed"
    finally:
        os.kill(stripe, signal.SIGCONT)
    ships_once(world, number)


def test_a_killed_stripe_charges_once_when_it_is_back(world: World, spare_device: Json) -> None:
    number = world.release(spare_device, "BK")
    gone = world.demo.kill("stripe")
    world.warehouse.dispatch(number)
    assert comes_back(world, "stripe", gone)
    ships_once(world, number)
