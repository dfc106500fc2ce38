"""The running commentary: every fact the service writes, told once, in the order in which things happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.text import get_text_list

from ars.demo.stage import say
from billing.models import Charge
from enrollment.models import Plan
from notifications.models import Message
from orders.models import Decision, Order, OrderEvent
from orders.money import display_amount
from printers.models import LowSignal, Printer, Reading

# A fact may be committed a little after the time it bears: it is told when those before it can be read, too.
SETTLED_AFTER = timedelta(seconds=0.5)
LOOK_BACK = timedelta(minutes=5)  # facts that took longer than this to be committed are not told
NOTES: dict[str, str] = {
    Order.Status.RELEASED: "set aside, ready to be packed",
    Order.Status.PACKED: "charging the card",
}
RANKS = ("printer", "replaced", "decided", "placed", "backordered", "released", "packed", "charged", "declined")


@dataclass(frozen=True)
class Line:
    """One fact as people read it. `key` names the fact: it is told once."""

    at: datetime
    verb: str
    text: str
    key: tuple[str, int | str]

    @property
    def place(self) -> tuple[datetime, int]:
        """Facts of one transaction bear the same time."""
        return self.at, RANKS.index(self.verb) if self.verb in RANKS else len(RANKS)


class Commentary:
    """Tells what is new since it was last asked to. What was there before `since` is no news."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._told: set[tuple[str, int | str]] = set()

    def tell(self, *, everything: bool = False) -> None:
        """Say every line not said yet; `everything`: also what has only just happened."""
        now = timezone.now()
        until = now if everything else now - SETTLED_AFTER
        since = max(self._since, now - LOOK_BACK)
        news = [line for line in read(since, until) if line.key not in self._told]
        for line in sorted(news, key=lambda line: line.place):
            say(line.verb, line.text, line.at)
        self._told.update(line.key for line in news)


def read(since: datetime, until: datetime) -> Iterator[Line]:
    """Every fact of a span of time, in no order."""
    span = (since, until)
    for signal in LowSignal.objects.filter(received_at__range=span).select_related("printer__model", "slot"):
        yield Line(signal.received_at, "printer", low(signal), ("signal", signal.pk))
    yield from replacements(span)
    for decision in Decision.objects.filter(at__range=span).select_related("signal__printer__model", "signal__slot"):
        text = f"{decision.get_kind_display()} for {named(decision.signal.printer)}: {decision.reason}"
        yield Line(decision.at, "decided", text, ("decision", decision.pk))
    for event in OrderEvent.objects.filter(at__range=span).select_related("order__plan__printer__model"):
        yield Line(event.at, verb(event), f"{event.order.display_number}{about(event)}", ("event", event.pk))
    yield from money_and_mail(span)


def replacements(span: tuple[datetime, datetime]) -> Iterator[Line]:
    """New cartridges, those of one report together."""
    since, _ = span
    readings = Reading.objects.filter(received_at__range=span, replaced=True, observed_at__gte=since - LOOK_BACK)
    reports: dict[tuple[Printer, datetime], list[str]] = {}
    for reading in readings.select_related("printer__model", "slot").order_by("slot__position"):
        reports.setdefault((reading.printer, reading.received_at), []).append(reading.slot.name)
    for (printer, at), names in reports.items():
        text = f"{named(printer)} has a new {get_text_list(names, 'and')} in"
        yield Line(at, "replaced", text, ("replaced", f"{printer.pk} {at}"))


def money_and_mail(span: tuple[datetime, datetime]) -> Iterator[Line]:
    """Charges that are settled, mails that are sent."""
    for charge in Charge.objects.filter(settled_at__range=span).select_related("order", "card"):
        amount = display_amount(charge.amount_cents, charge.currency)
        verb = "charged" if charge.status == Charge.Status.PAID else "declined"
        text = f"{amount} to {charge.card} for {charge.order.display_number}"
        why = f": {charge.outcome}" if charge.outcome else ""
        yield Line(charge.settled_at or span[1], verb, text + why, ("charge", charge.pk))
    for message in Message.objects.filter(sent_at__range=span):
        text = f'"{message.subject}" to {message.to}'
        yield Line(message.sent_at or span[1], "mail", text, ("mail", message.pk))


def low(signal: LowSignal) -> str:
    """Front desk (TS8320 ...4471) reports Black low: 12 %."""
    return f"{named(signal.printer)} reports {signal.slot.name} low: {percent(signal.level)}"


def percent(level: int | None) -> str:
    """12 %, or that the printer does not know."""
    return "level unknown" if level is None else f"{level} %"


def named(printer: Printer) -> str:
    """By the name its owner gave it, its model, and the end of its serial number."""
    plan = Plan.objects.filter(printer=printer, status=Plan.Status.ACTIVE).first()
    what = f"{printer.model.name} ...{printer.serial_number[-4:]}"
    return f"{plan.nickname} ({what})" if plan and plan.nickname else what


def verb(event: OrderEvent) -> str:
    """The step as one word."""
    return "held" if event.status == Order.Status.PAYMENT_FAILED else str(event.status)


def about(event: OrderEvent) -> str:
    """What belongs to the step beside the number of its order."""
    order = event.order
    if event.status in (Order.Status.PLACED, Order.Status.BACKORDERED):
        what = ", ".join(str(line) for line in order.lines.select_related("sku"))
        whose = f" for {order.plan.nickname}" if order.plan.nickname else ""
        return f": {what}{whose}, {display_amount(order.quoted_total_cents, order.currency)}"
    if event.status == Order.Status.SHIPPED:
        return f": {order.carrier} {order.tracking_number}"
    if event.status == Order.Status.DELIVERED:
        return f": to {order.ship_to['full_name']}, {order.ship_to['city']}"
    note = event.note or NOTES.get(event.status, "")
    return f": {note}" if note else ""
