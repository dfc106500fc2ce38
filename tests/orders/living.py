"""The machine that lives orders' lives: it draws what happens, tells the rules and the obvious model, and compares."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import time_machine
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from enrollment import lifecycle as plans
from enrollment.models import Plan
from orders import replenishment, stock, wishes
from orders.models import Order
from printers import supplies
from printers.facts import Refused
from tests.factories.printers import NOW
from tests.orders.life import HOLDS, NOT_PACKED, House, Life, Parcel, Want
from tests.orders.test_wishes import ELSEWHERE
from tests.races import audit
from tests.races.rounds import Street, rest, signal, street

ANY = st.integers(0, 7)
WHERE = {"Austin": ELSEWHERE, "Salem": ELSEWHERE | {"city": "Salem", "state": "OR", "postal_code": "97301"}}
ROWS = """
    SELECT 'orders', id, NULL::bigint, status, revision::text FROM orders_order WHERE plan_id = ANY(%(plans)s)
    UNION ALL SELECT 'stock', sku_id, NULL, on_hand::text, reserved::text FROM orders_stockitem
        WHERE sku_id = ANY(%(skus)s)
    UNION ALL SELECT 'needs', plan_id, slot_id, decision, NULL FROM orders_replenishment
        WHERE plan_id = ANY(%(plans)s) AND closed_at IS NULL
    UNION ALL SELECT 'open lines', plan_id, slot_id, order_id::text, NULL
         FROM orders_orderline line JOIN orders_order o ON o.id = line.order_id
        WHERE plan_id = ANY(%(plans)s) AND open AND replenishment_id IS NOT NULL
"""
ON_A_WORD = ("ordered", "paused", "skipped", "spare_on_hand", "out_of_stock")


def made() -> Street:
    """Three houses, each with a black and a cyan slot; two of each colour in stock."""
    return street(Random(0), (), (), (), stock=(2, 2))


def same(what: str, found: object, expected: object) -> None:
    """Say both when they differ."""
    assert found == expected, f"{what}: found {found}, expected {expected}"


class Living(RuleBasedStateMachine):
    """One example: everything in it is undone when it ends."""

    def __init__(self, made: Street, clock: time_machine.Traveller) -> None:
        super().__init__()
        self.mark = transaction.savepoint()
        self.street, self.clock, self.now = made, clock, NOW
        clock.move_to(NOW)
        self.partner = made.houses[0].partner
        self.houses = {house.plan.pk: house for house in made.houses}
        self.skus = [sku.pk for sku in made.skus]
        self.sku_of = dict(zip((slot.pk for slot in made.slots), self.skus, strict=True))
        self.life = Life({key: House() for key in self.houses}, Counter(dict.fromkeys(self.skus, 2)))
        self.dispatches: dict[str, tuple[int, str]] = {}
        self.receipts: dict[str, tuple[int, int]] = {}
        self.returns: dict[str, str] = {}

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.mark)

    # --- Who and what

    def order(self, which: int) -> tuple[Order, Parcel]:
        """One of the last eight orders."""
        last = sorted(self.life.orders)[-8:]
        key = last[which % len(last)]
        return Order.objects.select_related("plan").get(pk=key), self.life.orders[key]

    def plan(self, which: int) -> tuple[Plan, House]:
        key = sorted(self.houses)[which % len(self.houses)]
        return Plan.objects.get(pk=key), self.life.houses[key]

    def some_orders(self) -> bool:
        return bool(self.life.orders)

    def refused(self, code: str, act: Any, *args: Any, **kwargs: Any) -> Any:
        """What `act` returns; when it is to be refused (`code`), that it is, and so."""
        done, said = None, ""
        try:
            done = act(*args, **kwargs)
        except Refused as refused:
            said = refused.code
        same("refused", said, code)
        return done

    # --- Needs and wishes

    @initialize(
        low=st.lists(st.tuples(ANY, st.integers(0, 1)), min_size=2, max_size=6),
        paused=st.sets(st.integers(0, 2), max_size=2),
        poor=st.sets(st.integers(0, 2), max_size=2),
    )
    def begins(self, low: list[tuple[int, int]], paused: set[int], poor: set[int]) -> None:
        """Some houses are paused, some have no card, and some run low."""
        for which in sorted(paused):
            self.pauses(which, pause=True)
        for which in sorted(poor):
            self.card_comes_or_goes(which, there=False)
        for which, slot in low:
            self.runs_low(which, slot)

    @rule(which=ANY, slot=st.integers(0, 1))
    def runs_low(self, which: int, slot: int) -> None:
        plan, house = self.plan(which)
        found = self.street.slots[slot]
        key = (plan.pk, found.pk)
        if house.active and key not in self.life.wants:
            signal({list(self.houses).index(plan.pk): [found.code]}, list(self.houses.values()))
            self.life.wants[key] = Want(self.sku_of[found.pk])

    @rule(which=ANY, slot=st.integers(0, 1))
    def is_put_in(self, which: int, slot: int) -> None:
        plan, house = self.plan(which)
        if not house.active:
            return
        assert plan.printer_id is not None
        found = self.street.slots[slot]
        assert supplies.replaced(plan.printer_id, found, self.now) == ((plan.pk, found.pk) in self.life.wants)
        self.life.wants.pop((plan.pk, found.pk), None)

    @rule(which=ANY, slot=st.integers(0, 1))
    def order_now(self, which: int, slot: int) -> None:
        plan, house = self.plan(which)
        found = self.street.slots[slot]
        want = self.life.wants.get((plan.pk, found.pk))
        may = want is not None and want.order is None and want.decision in ON_A_WORD
        code = "" if house.active else "plan_not_active"
        done = self.refused(code, replenishment.order_now, plan, found.pk, self.now)
        assert done is None or done == may
        if want and done:
            want.decision, want.wanted, want.again = "undecided", True, True

    @rule(which=ANY, pause=st.booleans())
    def pauses(self, which: int, pause: bool) -> None:
        plan, house = self.plan(which)
        if not house.active:
            return
        if pause:
            plans.pause(plan, None, self.now)
        else:
            plans.resume(plan, self.now)
        house.paused = pause

    @rule(which=ANY, slot=st.integers(0, 1), skip=st.booleans())
    def skips(self, which: int, slot: int, skip: bool) -> None:
        plan, house = self.plan(which)
        if not house.active:
            return
        found = self.street.slots[slot]
        plans.skip_next(plan, found, skip=skip)
        (house.skips.add if skip else house.skips.discard)(found.pk)

    @rule(which=ANY, slot=st.integers(0, 1), spares=st.integers(0, 2))
    def keeps_spares(self, which: int, slot: int, spares: int) -> None:
        plan, house = self.plan(which)
        if not house.active:
            return
        found = self.street.slots[slot]
        plans.set_spares(plan, found, spares)
        house.spares[found.pk] = spares

    @rule(which=ANY, there=st.booleans())
    def card_comes_or_goes(self, which: int, there: bool) -> None:
        plan, house = self.plan(which)
        if not house.active:
            return
        plans.set_payable(plan.pk, self.now if there else None)
        if there and not house.payable:
            self.life.card(plan.pk)
        house.payable = there

    @rule(which=ANY, city=st.sampled_from(sorted(WHERE)))
    def moves_house(self, which: int, city: str) -> None:
        plan, house = self.plan(which)
        elsewhere = [
            order.pk for order in Order.objects.filter(plan=plan, status__in=NOT_PACKED) if order.ship_to != WHERE[city]
        ]
        self.refused("" if house.active else "plan_ended", wishes.readdress, plan, WHERE[city], self.now)
        for key in elsewhere if house.active else ():
            order = self.life.orders[key]
            order.revision += 1
            if order.status == "payment_failed" and order.dispatched:
                order.status = "released"

    @precondition(lambda self: sum(house.active for house in self.life.houses.values()) > 1)
    @rule(which=ANY, drop=st.booleans())
    def leaves(self, which: int, drop: bool) -> None:
        plan, house = self.plan(which)
        dropped = list(plan.orders.values_list("pk", flat=True)) if drop else []
        assert wishes.leave(plan, dropped, "", "", self.now).ended == house.active
        if house.active:
            self.life.leave(plan.pk, drop=drop)

    # --- Stock

    @rule(sku=st.integers(0, 1), pieces=st.integers(1, 3), number=st.integers(0, 30))
    def stock_arrives(self, sku: int, pieces: int, number: int) -> None:
        told = (self.skus[sku], pieces)
        known = self.receipts.setdefault(f"R-{number}", told)
        code = "" if known == told else "id_reused"
        done = self.refused(code, stock.receive, self.partner, f"R-{number}", self.street.skus[sku], pieces, self.now)
        if done and done[1]:
            self.life.on_hand[told[0]] += pieces
            self.life.missed.pop(told[0], None)

    @rule(sku=st.integers(0, 1), counted=st.integers(0, 4))
    def is_counted(self, sku: int, counted: int) -> None:
        key = self.skus[sku]
        stock.count(self.street.skus[sku], counted, "", self.now)
        self.life.bring_to(key, counted + self.life.held(key, "packed"), self.now)

    @rule(sku=st.integers(0, 1), pieces=st.sampled_from([-2, -1, 1]))
    def is_corrected(self, sku: int, pieces: int) -> None:
        key = self.skus[sku]
        few = self.life.on_hand[key] - self.life.held(key, "packed") + pieces < 0
        self.refused("too_few" if few else "", stock.correct, self.street.skus[sku], pieces, "", self.now)
        if not few:
            self.life.bring_to(key, self.life.on_hand[key] + pieces, self.now)

    # --- Time

    @rule(days=st.sampled_from([1, 1, 2, 9, 31]))
    def time_passes(self, days: int) -> None:
        """A day first, so that what waits for a day and what waits for a month are not due at once."""
        for step in (1, days - 1):
            self.now += timedelta(days=step)
            self.clock.move_to(self.now)
            self.everything_agrees()

    # --- What must hold

    @invariant()
    def everything_agrees(self) -> None:
        broken = audit.broken(self.skus, self.now)
        if broken:
            rest()
            broken = audit.broken(self.skus, self.now)
        same("broken promises", broken, [])
        self.adopt(self.life.rest(self.now))
        self.compare()

    def adopt(self, wanted: list[tuple[int, int]]) -> None:
        """Refills we do not know yet are for the needs that should have been ordered, and for no other."""
        if not wanted and self.read()["orders"].keys() <= self.life.orders.keys():
            return self.life.release()
        new = Order.objects.filter(plan__in=self.houses).exclude(pk__in=self.life.orders).order_by("pk")
        for order in new.prefetch_related("lines"):
            lines = list(order.lines.all())
            known = Parcel(order.pk, order.plan_id, "backordered", Counter(line.sku_id for line in lines), self.now)
            self.life.orders[order.pk] = known
            for line in lines:
                assert line.slot_id is not None
                wanted.remove((order.plan_id, line.slot_id))
                self.life.wants[order.plan_id, line.slot_id].order = known
        same("not ordered", wanted, [])
        return self.life.release()

    def read(self) -> dict[str, dict[Any, Any]]:
        """Where the rows of orders, needs and stock stand, by key, read at once."""
        found: dict[str, dict[Any, Any]] = {"orders": {}, "stock": {}, "needs": {}, "open lines": {}}
        with connection.cursor() as cursor:
            cursor.execute(ROWS, {"plans": list(self.houses), "skus": self.skus})
            for what, first, second, left, right in cursor.fetchall():
                key = first if second is None else (first, second)
                found[what][key] = left if right is None else (left, right)
        return found

    def compare(self) -> None:
        """Orders, needs and stock stand where the model has them."""
        life, found = self.life, self.read()
        expected: dict[str, dict[Any, Any]] = {
            "orders": {key: (each.status, str(each.revision)) for key, each in life.orders.items()},
            "stock": {sku: (str(life.on_hand[sku]), str(life.held(sku, *HOLDS))) for sku in self.skus},
            "needs": {key: want.decision for key, want in life.wants.items()},
            "open lines": {key: str(want.order.key) for key, want in life.wants.items() if want.order},
        }
        for what, rows in expected.items():
            same(what, found[what], rows)
