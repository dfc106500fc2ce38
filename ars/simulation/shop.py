"""The warehouse, the carrier and the card: every order is packed, charged, brought, and now and then goes wrong."""

import random
from collections import defaultdict
from datetime import datetime
from typing import Literal

from ars.simulation.audit import Audit
from ars.simulation.truth import Machine, Supply
from enrollment import lifecycle as plans
from enrollment.models import Partner
from orders import aftercare, follow_up, lifecycle, questions, replacements
from orders.models import Complaint, Order, Question

Status = Order.Status
Kind = Question.Kind
PARCEL = {"carrier": "UPS", "tracking_number": "1Z999"}


class Warehouse:
    """Takes up what was ordered and sees it home. `at_home`: order to the supplies it was for."""

    def __init__(self, machines: list[Machine], partner: Partner, dice: random.Random, audit: Audit) -> None:
        self.partner, self.dice, self.audit = partner, dice, audit
        self.of_plan = {machine.plan_id: machine for machine in machines}
        self.meant: dict[int, list[Supply]] = {}
        self.diary: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self.seen = 0
        self.asked = 0

    def open(self, day: int, now: datetime) -> None:
        """One day: new orders are read, and what is due today is done."""
        for what, order_id in self.diary.pop(day, []):
            getattr(self, what)(order_id, day, now)
        for order in Order.objects.filter(pk__gt=self.seen).order_by("pk").prefetch_related("lines"):
            self._read(order, day)
            self.seen = order.pk

    def _read(self, order: Order, day: int) -> None:
        machine = self.of_plan[order.plan_id]
        slots = {line.slot_id for line in order.lines.all()}
        self.meant[order.pk] = [supply for supply in machine.supplies if supply.slot_id in slots]
        if order.kind == Order.Kind.REFILL:
            for supply in self.meant[order.pk]:
                self.audit.book(machine, supply, order)
        self.diary[day + 1].append(("pack", order.pk))

    def pack(self, order_id: int, day: int, now: datetime) -> None:
        """Packed when it can be; staff cancel a few, a card fails now and then, and few parcels get lost."""
        order, luck = Order.objects.get(pk=order_id), self.dice.random()
        if order.status == Status.CANCELLED:
            self._forget(order, by_customer=False)  # waited in vain for stock, if it was not its owner
            return
        if luck < 0.03 and order.kind == Order.Kind.REFILL:
            self.end(order, now)
        elif order.status != Status.RELEASED or order.listed_at > now:
            self.diary[day + 1].append(("pack", order_id))
        else:
            lifecycle.dispatch(order, self.partner, f"D-{order_id}", PARCEL, now)
            if luck > 0.97 and order.kind == Order.Kind.REFILL:
                lifecycle.hold(order_id, now, "billing", "The bank refused this card.")
                self.diary[day + 14].append(("give_up", order_id))
            else:
                lifecycle.ship(order_id, now, "billing", "Charged.")
                lost = luck > 0.94 and order.kind == Order.Kind.REFILL
                what, later = ("lose", 14) if lost else ("bring", self.dice.randint(3, 6))
                self.diary[day + later].append((what, order_id))

    def give_up(self, order_id: int, day: int, now: datetime) -> None:
        """Two weeks without a card that pays: the retry plan is over. Its owner names another one some days later."""
        order = Order.objects.get(pk=order_id)
        if order.status != Status.PAYMENT_FAILED:
            return
        self.of_plan[order.plan_id].unpaid = True
        self.end(order, now, until="paid")
        plans.set_payable(order.plan_id, None)
        self.diary[day + self.dice.randint(3, 20)].append(("name_card", order_id))

    def name_card(self, order_id: int, day: int, now: datetime) -> None:
        """What waits for a card is ordered now."""
        plan_id = Order.objects.get(pk=order_id).plan_id
        self.of_plan[plan_id].unpaid = False
        plans.set_payable(plan_id, now)

    def end(self, order: Order, now: datetime, *, by_customer: bool = False, until: Literal["paid", ""] = "") -> None:
        """Cancelled: nothing is ordered for those cartridges any more."""
        by = "customer" if by_customer else "staff"
        lifecycle.cancel(order, now, by, "It ended.", by_customer=by_customer, until=until)
        self._forget(order, by_customer=by_customer)

    def _forget(self, order: Order, *, by_customer: bool) -> None:
        for supply in self.meant[order.pk]:
            if supply.heard is not None:
                supply.heard.orders.discard(order.pk)
                supply.heard.excused |= by_customer
                supply.heard.wanted &= not by_customer

    def bring(self, order_id: int, day: int, now: datetime) -> None:
        """At the door; the carrier tells of most."""
        for supply in self.meant[order_id]:
            supply.drawer += 1
        if self.dice.random() < 0.8:
            lifecycle.deliver(Order.objects.get(pk=order_id), now, now, "carrier")

    def lose(self, order_id: int, day: int, now: datetime) -> None:
        """It never came, says its owner, once it is late; a new one is sent free of charge."""
        order = Order.objects.get(pk=order_id)
        if not follow_up.is_late(order, now):
            self.diary[day + 1].append(("lose", order_id))
            return
        pieces = {line.pk: line.quantity for line in order.lines.all()}
        seen = aftercare.claimed(aftercare.pieces(order))
        replacements.complain(order, Complaint.Kind.NOT_COME, pieces, now, seen=seen)
        for complaint in order.complaints.filter(sent_at=None):
            replacements.send(complaint, now, "staff")

    def answer(self, now: datetime) -> None:
        """Owners answer what they are asked, truly: has it come, and is it in."""
        asked = Question.objects.open().filter(asked_at=now).select_related("order", "line")
        for question in asked.order_by("pk"):
            supplies = self.meant[question.order_id]
            if question.kind == Kind.HAS_IT_COME:
                questions.has_come(question.order, now)
                continue
            for supply in supplies:
                if question.line and supply.slot_id == question.line.slot_id:
                    inside = not supply.drawer and supply.cartridge is not supply.heard
                    (questions.is_in if inside else questions.not_yet)(question, now)
