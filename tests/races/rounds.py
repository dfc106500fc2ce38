"""Rounds of a race: eight threads act at the same moment, then an auditor reads what became of it.

A few rounds are run on one street, a world of its own, and what one round leaves is what the next begins with.
How many rounds: RACE_ROUNDS, 50 unless told otherwise. The long run that a change of the rules deserves:

    RACE_ROUNDS=500 make test TEST_ARGS="tests/races/test_rounds.py -n 0"
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from enrollment.models import Plan
from orders import deciding, tasks
from orders.models import Order
from printers.facts import Refused
from printers.models import LowSignal, Printer
from tests.factories.enrollment import AddressFactory, PartnerFactory, PlanFactory
from tests.factories.orders import PriceFactory
from tests.factories.printers import NOW, LowSignalFactory, PrinterModelFactory, SlotSkuFactory
from tests.orders.world import World
from tests.races import audit
from tests.races.threads import Players

THREADS = 8
ROUNDS = int(os.environ.get("RACE_ROUNDS", "50"))
# What a rule says to who comes too late, or wants what cannot be. Anything else that is raised is a broken promise.
LOST = {
    *(
        "not_packed",
        "not_cancelled",
        "not_released",
        "not_backordered",
        "not_shipped",
        "not_delivered",
        "order_changed",
    ),
    *("not_returned", "more_than_shipped", "told_before", "not_left", "too_many", "too_few", "id_reused"),
    *("plan_not_active", "plan_ended", "not_stopped"),
}
CODES = ("PGBK", "C")
Act = Callable[[], Any]
ROUNDS_A_STREET = 5
MOMENTS = (NOW + timedelta(milliseconds=n) for n in count())  # no printer says two things at once
SWEEPS = (
    *(tasks.sweep_signals, tasks.sweep_plans, tasks.sweep_replenishments, tasks.sweep_waits),
    *(tasks.sweep_stock, tasks.sweep_skus, tasks.sweep_questions),
)


@dataclass
class Street:
    """Houses that each have a printer of one new model, and the two cartridges that only these need.

    `orders` are some that all of a round's acts are about, so that they meet.
    """

    houses: list[World]
    random: Random
    orders: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slots = list(self.houses[0].plan.model.slots.all())
        self.skus = [self.houses[0].sku(slot.code) for slot in self.slots]
        self.by_plan = {house.plan.pk: house for house in self.houses}

    def all_orders(self) -> list[Order]:
        return list(Order.objects.filter(plan__in=self.by_plan).select_related("plan").order_by("pk"))

    def house(self, order: Order) -> World:
        return self.by_plan[order.plan_id]


def street(random: Random, *low: Iterable[str], stock: tuple[int, int] = (4, 3)) -> Street:
    """A house for each of `low`, which says what is low there and was decided; so much black and cyan was there."""
    model, partner = PrinterModelFactory.create(), PartnerFactory.create()
    for position, code in enumerate(CODES):
        fit = SlotSkuFactory.create(slot__model=model, slot__code=code, slot__name=code, slot__position=position)
        PriceFactory.create(sku=fit.sku)
    address = AddressFactory.create()
    first = World(PlanFactory.build(user=address.user, model=model, shipping_address=address, printer=None), partner)
    houses = [first, *(World(_alike(first.plan), partner) for _ in low[1:])]
    for house in houses:
        house.plan.printer = Printer(model=model, serial_number=f"{model.pk}-{houses.index(house)}")
    Printer.objects.bulk_create([house.plan.printer for house in houses if house.plan.printer])
    for house in houses:
        house.plan.printer = house.plan.printer  # its key is known by now
    Plan.objects.bulk_create([house.plan for house in houses])
    for code, pieces in zip(CODES, stock, strict=True):
        if pieces:
            first.stock(code, pieces)
    made = Street(houses, random)
    signal(dict(enumerate(low)), houses)
    deciding.decide(made.by_plan, NOW)
    LowSignal.objects.filter(printer__model=model).update(due_at=None)
    return made


def _alike(plan: Plan) -> Plan:
    return PlanFactory.build(user=plan.user, model=plan.model, shipping_address=plan.shipping_address, printer=None)


def signal(low: Mapping[int, Iterable[str]], houses: Sequence[World]) -> None:
    """These are low now, by house number."""
    slots = {slot.code: slot for slot in houses[0].plan.model.slots.all()}
    signals = LowSignal.objects.bulk_create(
        LowSignalFactory.build(printer=houses[number].plan.printer, slot=slots[code], observed_at=next(MOMENTS))
        for number, codes in low.items()
        for code in codes
    )
    state = {"at": NOW.isoformat(), "level": 9, "last": 9, "low": True, "genuine": None, "serial": None, "rise": None}
    for each in signals:
        each.printer.supplies[each.slot.code] = state | {"signal": each.pk, "replenishment": "deciding"}
    Printer.objects.bulk_update({each.printer for each in signals}, ["supplies"])


def play(
    prepare: Callable[[Random], tuple[Street, Callable[[], Act]]], rounds: int = 0, *, stop: bool = False
) -> list[str]:
    """What broke in so many rounds (ROUNDS), with each one's number; `stop` at the first that breaks.

    `prepare` makes a street, and says how to draw an act on it. Its random numbers are seeded with the round's.
    """
    found: list[str] = []
    with Players(THREADS) as players:
        for number in range(rounds or ROUNDS):
            if number % ROUNDS_A_STREET == 0:
                made, draw = prepare(Random(number))
            meet(made)
            acts = [draw() for _ in range(THREADS)]
            outcomes = players.act(acts)
            found += [f"round {number}: {what}" for what in [*failures(acts, outcomes), *settled(made)]]
            if stop and found:
                break
    return found


def meet(made: Street) -> None:
    """Choose what the next round is about: an order that left, two that may be packed, two that wait or are over."""
    orders = made.all_orders()
    made.random.shuffle(orders)
    left = [order for order in orders if order.status in ("shipped", "delivered", "returned")]
    ready = [order for order in orders if order.status in ("released", "packed", "payment_failed")]
    rest = [order for order in orders if order.status in ("backordered", "cancelled")]
    made.orders = [*left[:1], *ready[:2], *rest[:2]]


def failures(acts: Iterable[Act], outcomes: Iterable[Any]) -> list[str]:
    """Errors that are no rule's answer: a constraint that had to stop it, a deadlock, a mistake."""
    return [
        f"{getattr(act, 'func', act).__name__}() raised {type(outcome).__name__}: {outcome}"
        for act, outcome in zip(acts, outcomes, strict=True)
        if isinstance(outcome, Exception) and not (isinstance(outcome, Refused) and outcome.code in LOST)
    ]


def settled(made: Street, now: datetime = NOW) -> list[str]:
    """What is broken once the sweeps have done what is due."""
    skus = [sku.pk for sku in made.skus]
    for sweep in SWEEPS[:4]:
        sweep()
    if not audit.broken(skus, now):
        return []
    rest()
    return audit.broken(skus, now)


def rest() -> None:
    """All sweeps, until none finds anything."""
    for _ in range(5):
        if not sum([sweep() for sweep in SWEEPS]):
            return
    raise AssertionError("the sweeps never come to rest")
