"""A customer's orders: the rows to read, and each order as lists show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext

from enrollment.models import User
from orders import delivery, parcels, unpaid, words, words_tax
from orders.clock import Clock
from orders.models import Order, OrderLine
from orders.money import display_amount

Status = Order.Status

# Under way, the nearest to the door first.
NEAREST = (
    Status.SHIPPED,
    Status.PACKED,
    Status.RELEASED,
    Status.PLACED,
    Status.BACKORDERED,
    Status.PAYMENT_FAILED,
)
NAMED = 3  # supplies of an order named in a list; the others are counted


def of(user: User) -> "QuerySet[Order]":
    """A user's orders with all that is shown of them, the newest first."""
    return whole().filter(user=user)


def whole() -> "QuerySet[Order]":
    """Orders with all that is shown of them, the newest first."""
    related = explained().select_related("plan__model", "plan__printer").prefetch_related("events")
    return related.order_by("-placed_at", "-pk")


def listed(user: User) -> "QuerySet[Order]":
    """A user's orders with what a row of a list shows, the newest first."""
    return _filled().filter(user=user).select_related("plan__model", "plan__printer").order_by("-placed_at", "-pk")


def explained() -> "QuerySet[Order]":
    """Orders with what is in them, why, and what they wait for, in no order."""
    return _filled("replenishment__signal__slot").select_related("wait")


def _filled(*related: str) -> "QuerySet[Order]":
    """Lines in no order, either: to sort so wide a query takes Django longer than to ask it."""
    return Order.objects.prefetch_related(Prefetch("lines", OrderLine.objects.select_related("sku", "slot", *related)))


def newest_first(rows: "Iterable[OrderRow]") -> "list[OrderRow]":
    return sorted(rows, key=lambda row: (row.order.placed_at, row.order.pk), reverse=True)


def under_way(user: User, now: datetime) -> "list[OrderRow]":
    """How a user's orders stand that are not there yet, without what is in them, the nearest to the door first."""
    return nearest_first(OrderRow(order, now) for order in Order.objects.filter(is_under_way(now), user=user))


def is_under_way(now: datetime) -> Q:
    """Of orders: not there yet, as far as anybody knows."""
    over = Q(status=Status.SHIPPED, shipped_at__lt=now - delivery.OVER_AFTER)
    return Q(status__in=NEAREST, lost_at=None) & ~over


def nearest_first(rows: "Iterable[OrderRow]") -> "list[OrderRow]":
    """Orders under way, the nearest to the door first."""
    return sorted(rows, key=lambda row: (NEAREST.index(Status(row.order.status)), row.order.placed_at))


@dataclass(frozen=True)
class Step:
    """One of the four steps of the tracker: done, now, or later."""

    label: str
    place: str


@dataclass(frozen=True)
class OrderRow:
    """An order with its words, by the clock of the place it goes to."""

    order: Order
    now: datetime

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.now, str(self.order.ship_to.get("state", "")))

    @property
    def lines(self) -> list[OrderLine]:
        return sorted(self.order.lines.all(), key=lambda line: line.pk)

    @property
    def state(self) -> words.State:
        return words.state(self.order, self.clock)

    @property
    def headline(self) -> str:
        return words.headline(self.order, self.clock)

    @property
    def headline_is_label(self) -> bool:
        """No date to head it with: the pill would say the same again."""
        return self.headline == self.state.label

    @property
    def sentence(self) -> str:
        return words.sentence(self.order, self.clock, failed_at=self.failed_at)

    @property
    def may_be_refused(self) -> bool:
        """Whether its card was asked, and has not paid."""
        return self.order.status in (Status.PAYMENT_FAILED, Status.PACKED)

    @property
    def failed_at(self) -> datetime | None:
        """When its card was first refused: ink is set aside from then on. None where it was not, or has paid since."""
        return unpaid.since(self.order) if self.may_be_refused else None

    @property
    def placed(self) -> str:
        return self.clock.day(self.order.placed_at)

    @property
    def what(self) -> str:
        """What is in it: 'Pigment Black, Cyan and 2 more'."""
        names = [supply_name(line) for line in self.lines]
        if len(names) > NAMED:
            more = len(names) - NAMED + 1
            named = ", ".join(names[: NAMED - 1])
            return gettext("%(named)s and %(more)d more") % {"named": named, "more": more}
        if len(names) > 1:
            return gettext("%(named)s and %(last)s") % {"named": ", ".join(names[:-1]), "last": names[-1]}
        return "".join(names)

    @cached_property
    def steps(self) -> list[Step]:
        """The tracker; empty for an order that left the way."""
        now, last = self.state.step, len(words.STEPS)
        if not now:
            return []
        done = now if now == last else now - 1
        places = ["done"] * done + ["now"] * (now - done) + ["later"] * (last - now)
        return [Step(gettext(label), place) for label, place in zip(words.STEPS, places, strict=True)]

    @property
    def reasons(self) -> list[str]:
        """Why each line was ordered: what the printer showed."""
        return [words.seen(line.replenishment.signal) for line in self.lines if line.replenishment]

    @property
    def is_to_be_charged(self) -> bool:
        """Whether the total is still a promise."""
        promised = self.order.status in NEAREST and self.order.status != Status.SHIPPED
        return promised and self.order.total_cents > 0

    @property
    def cancel_until(self) -> str:
        """Until when its owner may cancel it; empty when they may not."""
        return words.cancel_until(self.order, self.clock)

    @property
    def total(self) -> str:
        return display_amount(self.order.total_cents, self.order.currency)

    @property
    def cost(self) -> str:
        """The same with what of it is tax: '$24.99 plus $1.81 tax'."""
        return words_tax.cost(self.order.total_cents, self.order.tax_cents, self.order.currency)

    @property
    def parcels(self) -> list[parcels.Parcel]:
        """What to follow while it is on its way."""
        return parcels.of(self.order) if self.order.status == Status.SHIPPED else []

    @property
    def address(self) -> list[str]:
        """Where it goes, line by line."""
        to = self.order.ship_to
        who_and_where = [to.get(part, "") for part in ("full_name", "attention", "line1", "line2")]
        town = f"{to.get('city', '')}, {to.get('state', '')} {to.get('postal_code', '')}"
        return [line for line in [*who_and_where, town] if line]


def supply_name(line: OrderLine) -> str:
    """'Cyan', '2 × Cyan'."""
    name = name_of(line)
    return f"{line.quantity} × {name}" if line.quantity > 1 else name


def name_of(line: OrderLine) -> str:
    """'Cyan'."""
    return line.slot.name if line.slot else line.sku.name
