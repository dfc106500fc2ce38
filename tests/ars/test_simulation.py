"""The simulated year in small: nothing is ordered twice, nothing that is low is missed; and the auditor has teeth."""

import random
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from pytest_django import Settings

from ars.simulation import year
from ars.simulation.audit import DECISIONS, PATIENCE, Audit
from ars.simulation.truth import Cartridge, Machine, Speech, Supply
from orders.models import Decision, Order
from tests.factories.printers import NOW

SIGNALS = (request_started, request_finished)


@pytest.fixture
def played(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Audit]:
    """Fifty printers for a year, always the same ones."""
    settings.TELEMETRY_REPORTS_PER_MINUTE = 1_000_000
    for signal in SIGNALS:  # a request is no reason to leave the test's transaction: Django's own client does the same
        signal.disconnect(close_old_connections)
    monkeypatch.setattr("ars.device_door.close_old_connections", lambda: None)
    yield year.run(50, 2, lambda words: None)
    for signal in SIGNALS:
        signal.connect(close_old_connections)


@pytest.mark.timeout(600)
def test_fifty_printers_are_served_without_fault(played: Audit) -> None:
    assert (played.doubles, played.missed, played.refused) == ([], [], 0)
    assert played.reports > 18_000
    assert played.ordered > 100
    kinds = set(Decision.objects.values_list("kind", flat=True))
    assert DECISIONS - kinds <= {"out_of_stock"}  # needs more printers: see tests/orders/test_waits.py


def machine(level: float) -> tuple[Machine, Supply]:
    """A printer whose one supply was heard of at this level, in percent."""
    supply = Supply("K", 1, True, 1.0, 15, Cartridge(level, "A"))
    printer = Machine(1, "token", 1, Speech.FINE, False, True, False, [supply], random.Random(1))
    printer.hear(printer.report(NOW), NOW)
    return printer, supply


def test_the_auditor_sees_a_low_supply_that_nobody_orders() -> None:
    audit, (printer, _) = Audit({}), machine(9)
    for _ in range(PATIENCE):
        assert audit.missed == []
        audit.look(printer, 1, NOW.date())
    assert audit.missed == ["printer 1 K on 2026-11-23"]


@pytest.mark.parametrize("level", [9, 64])
def test_the_auditor_sees_nothing_amiss_where_one_is_ordered_or_none_is_low(level: float) -> None:
    audit, (printer, supply) = Audit({}), machine(level)
    if level < 15:
        audit.book(printer, supply, Order(pk=1))
    for _ in range(PATIENCE + 1):
        audit.look(printer, 1, NOW.date())
    assert (audit.missed, audit.doubles) == ([], [])


def test_the_auditor_sees_a_second_order_for_one_cartridge() -> None:
    audit, (printer, supply) = Audit({}), machine(9)
    for pk in (1, 2):
        audit.book(printer, supply, Order(pk=pk))
    assert audit.doubles == ["printer 1 K: 2 after {1}"]
