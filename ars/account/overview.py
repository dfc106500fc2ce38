"""What the overview says: what needs the customer, what comes next, and how the printers are."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import DatabaseError, models
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext

from ars.account import level_history, order_rows, printer_rows
from ars.account.compiled import Compiled
from ars.account.order_rows import OrderRow
from ars.account.printer_rows import PrinterRow
from ars.account.questions import Asked, is_it_in_of
from ars.account.tanks import Supply
from billing import confirming
from billing.models import Card
from enrollment.models import Plan, User
from orders import words
from orders.models import Order
from printers import history

log = logging.getLogger(__name__)
Read = TypeVar("Read")

Status = Order.Status
NEEDS_AT_MOST = 3
RECENT = 3


def _shown(user: Any, now: Any) -> "QuerySet[Order]":
    """A user's newest orders and whatever is under way, of which each says whether it is, in no order."""
    newest = Order.objects.filter(user=user).order_by("-placed_at", "-pk")[:RECENT]
    orders = order_rows.explained().annotate(under_way=order_rows.is_under_way(now))
    return orders.filter(Q(under_way=True) | Q(pk__in=newest.values("pk")), user=user)


SHOWN = Compiled(_shown, models.BigAutoField(), models.DateTimeField())


@dataclass(frozen=True)
class Need:
    """Something only the customer can move on: one sentence, one button; or a question with its answers."""

    text: str
    button: str = ""
    url: str = ""
    tone: str = "stop"
    asked: Asked | None = None
    late: Order | None = None


@dataclass(frozen=True)
class Overview:
    """The overview of one user, now."""

    user: User
    now: datetime
    unread: set[str] = field(default_factory=set)

    @cached_property
    def plans(self) -> list[PrinterRow]:
        """All of them, ended ones too."""
        return [PrinterRow(plan, self.now, tuple(self.under_way)) for plan in self._plans]

    @cached_property
    def _plans(self) -> list[Plan]:
        return printer_rows.all_of(self.user)

    @property
    def printers(self) -> list[PrinterRow]:
        return [row for row in self.plans if row.plan.status != Plan.Status.CANCELLED]

    @cached_property
    def under_way(self) -> list[OrderRow]:
        return order_rows.nearest_first(row for row in self._orders if getattr(row.order, "under_way", False))

    @property
    def recent(self) -> list[OrderRow]:
        return self._orders[:RECENT]

    @cached_property
    def _orders(self) -> list[OrderRow]:
        """The newest and whatever is under way, the newest first, of the plans that are read anyhow."""

        def read() -> list[OrderRow]:
            rows = [OrderRow(order, self.now) for order in self._with_plans(SHOWN.read(self.user.pk, self.now))]
            prefetch_related_objects([row.order for row in rows if row.may_be_refused], "events")
            return order_rows.newest_first(rows)

        return self._read("orders", read, [])

    def _with_plans(self, orders: Iterable[Order]) -> Iterator[Order]:
        plans = {plan.pk: plan for plan in self._plans}
        for order in orders:
            if order.plan_id in plans:
                order.plan = plans[order.plan_id]
            yield order

    def _read(self, block: str, read: Callable[[], Read], without: Read) -> Read:
        """What `read` finds; if the database fails, the block says so and the rest of the page stands."""
        try:
            return read()
        except DatabaseError:
            log.exception("the overview shows no %s", block)
            self.unread.add(block)
            return without

    @property
    def next_delivery(self) -> OrderRow | None:
        return self.under_way[0] if self.under_way else None

    @property
    def more_under_way(self) -> int:
        return len(self.under_way) - 1

    @property
    def needs(self) -> list[Need]:
        """The worst of them, the worst first."""
        return self.all_needs[:NEEDS_AT_MOST]

    @cached_property
    def all_needs(self) -> list[Need]:
        """The worst first."""
        to_confirm = [row for row in self.under_way if row.order.pk in self._to_confirm]
        refused = [row for row in self.under_way if row.order.status == Status.PAYMENT_FAILED and row not in to_confirm]
        unpaid = [*map(_card_problem, refused), *map(_bank_asks, to_confirm)]
        held = {row.order.plan_id for row in self.under_way if row.order.status == Status.PAYMENT_FAILED}
        rest = [need for row in self.printers if row.plan.pk not in held and (need := _of_plan(row)) is not None]
        rest += _cards(row for row in self.printers if row.plan.pk not in held)
        return [*unpaid, *self._asked, *sorted(rest, key=lambda need: need.tone)]

    @cached_property
    def _to_confirm(self) -> set[int]:
        """Orders whose owner is to confirm a payment with their bank."""
        asked_for = [row.order.pk for row in self.under_way if row.may_be_refused]
        nothing: set[int] = set()
        return self._read("orders", lambda: confirming.wanted(asked_for), nothing) if asked_for else nothing

    @property
    def _asked(self) -> list[Need]:
        """Is it in, then has it come: who is asked the first of an order is not asked the second as well."""
        asked = is_it_in_of(self.now, order__user=self.user)
        orders = {each.question.order_id for each in asked}
        late = [row for row in self.under_way if words.state_name(row.order, row.clock) == words.HAS_IT_COME]
        is_it_in = [Need(f"{each.text} {each.about}", tone="wait", asked=each) for each in asked]
        return [*is_it_in, *(_has_it_come(row) for row in late if row.order.pk not in orders)]

    @cached_property
    def lowest(self) -> tuple[PrinterRow, Supply] | None:
        """The emptiest supply anybody knows of: what will be ordered next."""
        known = [
            (supply.level, row, supply)
            for row in self.printers
            for supply in row.supplies
            if supply.level is not None and not supply.quiet
        ]
        if not known:
            return None
        _, row, supply = min(known, key=lambda found: found[0])
        return row, supply

    @cached_property
    def lasts(self) -> str:
        """How long the emptiest will do: '7 to 10 weeks', or nothing."""
        if self.lowest is None:
            return ""
        row, supply = self.lowest
        nothing: history.History = {}
        said = self._read("forecast", lambda: history.of(row.since, self.now, supply.slot.pk), nothing)
        levels = level_history.of(supply, said.get((row.plan.printer_id or 0, supply.slot.pk), ()))
        return levels.span


def _card_problem(row: OrderRow) -> Need:
    order = row.order
    facts = {"what": row.what, "printer": order.plan.display_name}
    if words.state_name(order, row.clock) == words.WAITING_FOR_CARD:
        text = gettext("%(what)s for %(printer)s waits for a card: there is none we can charge.") % facts
        return Need(text, gettext("Name a card"), reverse("plan_card", args=[order.plan_id]))
    facts["day"] = words.set_aside_until(row.failed_at or order.updated_at, row.clock)
    text = gettext("Your card did not go through: %(what)s for %(printer)s is set aside until %(day)s.") % facts
    return Need(text, gettext("Use another card"), reverse("order", args=[order.number]))


def _bank_asks(row: OrderRow) -> Need:
    order = row.order
    facts = {"what": row.what, "printer": order.plan.display_name, "amount": row.total}
    facts["day"] = words.set_aside_until(row.failed_at or order.updated_at, row.clock)
    text = gettext("Your bank asks you to confirm %(amount)s: %(what)s for %(printer)s is set aside until %(day)s.")
    return Need(text % facts, gettext("Confirm payment"), reverse("order", args=[order.number]))


def _has_it_come(row: OrderRow) -> Need:
    facts = {"what": row.what, "printer": row.order.plan.display_name, "sentence": row.sentence}
    text = gettext("Has it come? %(what)s for %(printer)s. %(sentence)s") % facts
    return Need(text, tone="wait", late=row.order)


def _of_plan(row: PrinterRow) -> Need | None:
    facts = {"printer": row.plan.display_name}
    if row.whose:
        return Need(row.asked_for, gettext("Say whose it is"), row.whose)
    if row.plan.status == Plan.Status.PENDING:
        return Need(row.set_up.sentence, gettext("Continue"), row.set_up.next_page, tone="wait")
    if row.plan.payable_since is None and not _told_with_its_card(row):
        text = gettext("There is no card for %(printer)s that we can charge. Ink for it will wait.") % facts
        return Need(text, gettext("Name a card"), reverse("plan_card", args=[row.plan.pk]))
    if row.disconnected:
        text = gettext("%(printer)s no longer tells us its ink, so nothing is ordered for it.") % facts
        return Need(text, gettext("Connect it again"), reverse("activate"), tone="wait")
    return None


def _cards(rows: Iterable[PrinterRow]) -> list[Need]:
    """A card that runs out, or has: once, with all it pays for."""
    paid: dict[Card, list[PrinterRow]] = {}
    for row in rows:
        if row.card is not None and row.plan.status == Plan.Status.ACTIVE and row.card.runs_out(row.clock.today):
            paid.setdefault(row.card, []).append(row)
    return [_runs_out(card, of_card) for card, of_card in paid.items()]


def _runs_out(card: Card, rows: list[PrinterRow]) -> Need:
    today, page = rows[0].clock.today, reverse("plan_card", args=[rows[0].plan.pk])
    facts = {"card": str(card), "month": card.last_month(today)}
    facts["printers"] = get_text_list([row.plan.display_name for row in rows], gettext("and"))
    if card.has_expired(today):
        text = gettext("%(card)s, which pays for %(printers)s, has expired. Ink that is ordered will wait.") % facts
        return Need(text, gettext("Name a card"), page)
    text = gettext("%(card)s, which pays for %(printers)s, expires at the end of %(month)s.") % facts
    return Need(text, gettext("Enter the new card"), page, tone="wait")


def _told_with_its_card(row: PrinterRow) -> bool:
    """That it has expired says already that no card can pay."""
    return row.card is not None and row.card.has_expired(row.clock.today)
