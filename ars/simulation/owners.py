"""What owners do on their pages in a year: pause, skip, answer, cancel, order after all, sell the printer."""

from collections import defaultdict
from datetime import datetime, timedelta

from ars.simulation import cast
from ars.simulation.shop import Warehouse
from ars.simulation.truth import DAY, Machine, Supply
from enrollment import lifecycle, reasons
from enrollment.models import Plan
from orders import replenishment, wishes
from orders.lifecycle import NOT_PACKED
from orders.models import Order, Replenishment
from printers.models import Printer, Slot

WHIMS = ("pause", "pause_open", "skip", "spare", "ask", "no_more_asking", "cancel", "cheap", "sell", "early")
NEVER = timedelta(days=4000)
Kind = Replenishment.Kind


class Owners:
    """All of them; `diary` has what each means to do later."""

    def __init__(self, machines: list[Machine], warehouse: Warehouse) -> None:
        self.machines, self.warehouse = machines, warehouse
        self.diary: dict[int, list[tuple[str, Machine]]] = defaultdict(list)
        for machine in machines:
            if not machine.active:
                self.diary[50].append(("start", machine))

    def act(self, day: int, now: datetime) -> None:
        """What is in the diary, and what comes to somebody's mind today."""
        for what, machine in self.diary.pop(day, []):
            getattr(self, what)(machine, day, now)
        for machine in self.machines:
            luck = machine.dice.random()
            if machine.active and luck < 0.02:
                whim = machine.dice.choice(WHIMS)
                if whim != "sell" or luck < 0.004:
                    getattr(self, whim)(machine, day, now)
        self.say(day, now)

    def plan(self, machine: Machine) -> Plan:
        return Plan.objects.get(pk=machine.plan_id)

    def start(self, machine: Machine, day: int, now: datetime) -> None:
        """The plan that was not finished begins."""
        cast.begin(self.plan(machine), now)
        machine.active = True

    def pause(self, machine: Machine, day: int, now: datetime) -> None:
        """For some weeks; some change their mind about the day, and some printers lose their tongue meanwhile."""
        until = now.date() + machine.dice.randint(5, 40) * DAY
        lifecycle.pause(self.plan(machine), until, now)
        machine.paused_until = until
        if machine.dice.random() < 0.3:
            machine.moody = {until + away * DAY for away in range(-3, 4)}

    def pause_open(self, machine: Machine, day: int, now: datetime) -> None:
        """Until further notice."""
        lifecycle.pause(self.plan(machine), None, now)
        machine.paused_until = now.date() + NEVER
        self.diary[day + machine.dice.randint(10, 40)].append(("resume", machine))

    def resume(self, machine: Machine, day: int, now: datetime) -> None:
        """The pause is over, or its end is named after all."""
        if machine.active and machine.dice.random() < 0.5:
            lifecycle.resume(self.plan(machine), now)
            machine.paused_until = None
        elif machine.active:
            self.pause(machine, day, now)

    def skip(self, machine: Machine, day: int, now: datetime) -> None:
        """Not the next one, of one supply that is not low."""
        if supply := self._fine(machine):
            lifecycle.skip_next(self.plan(machine), self._slot(machine, supply))
            supply.skip = True

    def spare(self, machine: Machine, day: int, now: datetime) -> None:
        """One was found in a cupboard."""
        if supply := self._fine(machine):
            supply.spares += 1
            supply.bought += 1
            lifecycle.set_spares(self.plan(machine), self._slot(machine, supply), supply.spares)

    def ask(self, machine: Machine, day: int, now: datetime) -> None:
        """From now on this owner is asked each time."""
        lifecycle.choose_when_low(self.plan(machine), Plan.WhenLow.ASK, now)
        machine.asks = True

    def no_more_asking(self, machine: Machine, day: int, now: datetime) -> None:
        """From now on it is sent."""
        lifecycle.choose_when_low(self.plan(machine), Plan.WhenLow.SEND, now)
        machine.asks = False

    def cancel(self, machine: Machine, day: int, now: datetime) -> None:
        """An order that is not packed; some want it after all."""
        open_orders = Order.objects.filter(plan=machine.plan_id, status__in=NOT_PACKED)
        for order in open_orders.filter(kind=Order.Kind.REFILL)[:1]:
            if order.pk in self.warehouse.meant:
                self.warehouse.end(order, now, by_customer=True)
                self.diary[day + 3].append(("order_after_all", machine))

    def order_after_all(self, machine: Machine, day: int, now: datetime) -> None:
        """The button on the page, where one of theirs is excused or foreign and low."""
        for supply in machine.supplies:
            low = supply.heard_low and supply.heard is supply.cartridge and not supply.cartridge.orders
            if low and machine.active and replenishment.order_now(self.plan(machine), supply.slot_id, now):
                supply.cartridge.wanted = True

    def cheap(self, machine: Machine, day: int, now: datetime) -> None:
        """A foreign cartridge, half price."""
        supply = machine.dice.choice([each for each in machine.supplies if each.consumable])
        if machine.tells_genuine and supply.cartridge.level < 50:
            machine.put_in(supply, genuine=False)
            supply.cartridge.level = 95

    def early(self, machine: Machine, day: int, now: datetime) -> None:
        """A new one long before it was needed."""
        supply = machine.dice.choice([each for each in machine.supplies if each.consumable])
        if 20 < supply.cartridge.level < 55:
            machine.put_in(supply)

    def sell(self, machine: Machine, day: int, now: datetime) -> None:
        """The plan ends with its printer; its next owner begins another in ten days."""
        wishes.leave(self.plan(machine), [], reasons.Reason.PRICE, "", now)
        machine.active = machine.asks = False
        machine.paused_until = None
        for supply in machine.supplies:
            supply.drawer = supply.bought = supply.spares = 0
            supply.skip = False
        self.diary[day + 10].append(("next_owner", machine))

    def next_owner(self, machine: Machine, day: int, now: datetime) -> None:
        """Starts clean: what was ordered before went to somebody else."""
        plan = cast.plan_of(Printer.objects.get(pk=machine.printer_id), day, now)
        machine.plan_id, machine.active = plan.pk, True
        self.warehouse.of_plan[plan.pk] = machine
        for supply in machine.supplies:
            for cartridge in filter(None, (supply.cartridge, supply.heard)):
                cartridge.orders, cartridge.excused, cartridge.wanted = set(), False, False

    def say(self, day: int, now: datetime) -> None:
        """Yes or no to "shall we order?", and a yes to some of what was not ordered because it is foreign."""
        asked = Replenishment.objects.filter(closed_at=None, decision__in=[Kind.ASKING, Kind.NOT_GENUINE])
        for need in asked.select_related("slot").order_by("pk"):
            machine = self.warehouse.of_plan[need.plan_id]
            supply = next(each for each in machine.supplies if each.slot_id == need.slot_id)
            luck = machine.dice.random()
            if supply.heard is None or supply.heard is not supply.cartridge or not supply.heard_low or luck > 0.3:
                continue
            if luck < 0.08 and need.decision == Kind.ASKING:
                supply.heard.excused |= replenishment.decline(need, now)
            elif replenishment.order_now(self.plan(machine), need.slot_id, now):
                supply.heard.wanted = True

    def _fine(self, machine: Machine) -> Supply | None:
        """A supply that is far from low, with no wish for it yet."""
        fine = [s for s in machine.supplies if s.consumable and s.cartridge.level > 30 and not s.heard_low]
        free = [supply for supply in fine if not supply.skip and not supply.spares]
        return machine.dice.choice(free) if free else None

    def _slot(self, machine: Machine, supply: Supply) -> Slot:
        return Slot.objects.get(pk=supply.slot_id)
