"""The one table of words, and what it says of an order at each moment of its life."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orders import words
from orders.clock import Clock
from orders.models import Order, Replenishment
from printers.models import LowSignal, Slot

NOON = datetime(2025, 11, 26, 20, 0, tzinfo=UTC)  # noon of the day before Thanksgiving, in Oregon
CLOCK = Clock(NOON, "OR")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Status = Order.Status


def order(status: str, **fields: Any) -> Order:
    return Order(status=status, placed_at=NOON, listed_at=NOON, updated_at=NOON, **fields)


def low(level: int | None) -> LowSignal:
    return LowSignal(slot=Slot(name="Black"), level=level, threshold=15)


@pytest.mark.parametrize("status", Status.values)
def test_the_table_calls_each_status_what_the_model_calls_it(status: str) -> None:
    assert words.STATES[Status(status)].label == Status(status).label


@pytest.mark.parametrize("status", Status.values)
def test_every_status_has_a_sentence_a_step_and_a_heading(status: str) -> None:
    found = order(status, shipped_at=NOON if status in (Status.SHIPPED, Status.DELIVERED) else None)
    for text in (words.sentence(found, CLOCK), words.headline(found, CLOCK), words.step_taken(status)):
        assert text
        assert "%" not in text


@pytest.mark.parametrize(
    ("status", "fields", "heading"),
    [
        (Status.PLACED, {}, "Ordered"),
        (Status.BACKORDERED, {}, "Waiting for stock"),
        (Status.RELEASED, {}, "Arrives about Tue 2 - Mon 8 Dec"),
        (Status.RELEASED, {"listed_at": NOON + 5 * DAY}, "Arrives about Thu 4 - Wed 10 Dec"),
        (Status.SHIPPED, {"shipped_at": NOON}, "Arrives Tue 2 - Mon 8 Dec"),
        (Status.SHIPPED, {"shipped_at": NOON - 20 * DAY}, "Has it come?"),
        (Status.DELIVERED, {"shipped_at": NOON, "delivered_at": NOON}, "Delivered Wed 26 Nov"),
        (Status.PAYMENT_FAILED, {"priced_at": NOON}, "Card problem"),
        (Status.PAYMENT_FAILED, {}, "Waiting for a card"),
        (Status.CANCELLED, {}, "Cancelled"),
    ],
)
def test_an_order_is_headed_by_its_date_or_else_its_state(status: str, fields: dict[str, Any], heading: str) -> None:
    found = order(status)
    for name, value in fields.items():
        setattr(found, name, value)
    assert words.headline(found, CLOCK) == heading


def test_a_slow_bank_is_told_after_an_hour() -> None:
    packed = order(Status.PACKED, priced_at=NOON)
    assert words.sentence(packed, CLOCK, card="Visa 4242") == "Packed. We are charging Visa 4242."
    packed.updated_at = NOON - HOUR
    assert words.sentence(packed, CLOCK) == "Your bank is taking longer than usual. You need not do anything."


def test_ink_is_set_aside_for_two_weeks_from_the_first_decline() -> None:
    failed = order(Status.PAYMENT_FAILED, priced_at=NOON)
    said = words.sentence(failed, CLOCK, failed_at=NOON)
    assert said == "Your ink is set aside until Wed 10 Dec. Nothing was charged."


def test_a_carrier_is_given_a_day_to_know_the_parcel() -> None:
    shipped = order(Status.SHIPPED, shipped_at=NOON, carrier="UPS")
    assert words.sentence(shipped, CLOCK) == "With UPS. The carrier may not show it until tomorrow."
    assert words.sentence(shipped, Clock(NOON + DAY, "OR")) == "With UPS."


def test_an_order_with_a_grace_says_when_packing_starts() -> None:
    released = order(Status.RELEASED)
    released.listed_at = NOON + 21 * HOUR
    assert words.sentence(released, CLOCK) == "We start packing it on Thu 27 Nov, 9:00 am."


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (9, "Black was at 9\u00a0%, below this printer's mark of 15\u00a0%."),
        (15, "Black was at 15\u00a0%, this printer's mark."),
        (40, "The printer said that Black was low, at 40\u00a0%."),
        (None, "The printer said that Black was low."),
    ],
)
def test_what_was_seen_is_told_with_its_numbers(level: int | None, said: str) -> None:
    assert words.seen(low(level)) == said


def test_an_order_decision_says_what_was_seen_and_when_it_was_ordered() -> None:
    said = words.decision(Replenishment.Kind.ORDERED, low(None), NOON, CLOCK)
    assert said == "The printer said that Black was low. We ordered one on Wed 26 Nov."


@pytest.mark.parametrize("kind", Replenishment.Kind.values)
def test_every_decision_has_a_sentence_but_the_one_that_came_too_late(kind: str) -> None:
    assert words.is_shown(kind) == (kind != Replenishment.Kind.STALE)
    if words.is_shown(kind):
        assert "Black" in words.decision(kind, low(9), NOON, CLOCK)


def test_icons_of_the_table_are_in_the_sprite(settings: Any) -> None:
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
    states = [*words.STATES.values(), *(value for value in vars(words).values() if isinstance(value, words.State))]
    assert [state.icon for state in states if f'id="{state.icon}"' not in sprite] == []
