"""Something is wrong with an order: what its owner says, and the new one that is sent for it, free of charge."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from enrollment.models import Plan
from orders import aftercare, follow_up, lifecycle, notes, numbers, pricing, shelf
from orders.aftercare import Pieces
from orders.models import Complaint, ComplaintLine, Order, OrderLine, Question, Replenishment
from printers import tracing
from printers.facts import Refused

COUNTED_FOR = timedelta(days=90)  # replacements of so long count towards a customer's limit
CUSTOMER = "customer"
Kind = Complaint.Kind
Answer = Question.Answer


def complain(
    order: Order, kind: str, wanted: Mapping[int, int], now: datetime, *, seen: int, by: str = CUSTOMER
) -> Complaint:
    """Keep what is wrong with `wanted` pieces (line id to quantity), and send new ones at once if the limit allows it.

    `by`: who says so, on their own page or on the phone. Above the limit it waits for staff. Who knows what is wrong
    with it has it: so it is delivered. Refused as `aftercare.choose` says, and `too_early` for what should have come
    but is not late yet.
    """
    with transaction.atomic():
        order = aftercare.lock(order)
        meant = aftercare.choose(order, wanted, seen)
        if kind == Kind.NOT_COME and not follow_up.is_late(order, now):
            raise Refused(_("It is not late yet."), "too_early")
        complaint = Complaint.objects.create(order=order, kind=kind, at=now, value_cents=value(meant, now))
        ComplaintLine.objects.bulk_create(
            ComplaintLine(complaint=complaint, line=each.line, quantity=quantity) for each, quantity in meant
        )
        _note_where_it_is(order, kind, now)
        _answer_questions(kind, [each.line for each, _ in meant], now)
        lifecycle.note(order, notes.COMPLAINED, now, by)
        if needs_nobody(order.user_id, complaint.value_cents, now):
            send(complaint, now, by)
    return complaint


def send(complaint: Complaint, now: datetime, by: str) -> list[Order]:
    """Place the free orders a complaint asks for; once, so that nothing comes of it a second time."""
    with transaction.atomic():
        old = aftercare.lock(complaint.order)
        if not Complaint.objects.waiting().filter(pk=complaint.pk).update(sent_at=now, sent_by=by):
            return []
        complaint.sent_at = now
        lines = list(complaint.lines.select_related("line__sku", "line__replenishment").order_by("pk"))
        return _place(old, lines, now)


def decline(complaint: Complaint, answer: str, now: datetime, by: str) -> bool:
    """Send nothing for it, and tell its owner why. False when it was decided before.

    Its pieces may be told of again, or sent back; what was said to be lost is taken for lost no more.
    """
    with transaction.atomic():
        order = aftercare.lock(complaint.order)
        waiting = Complaint.objects.waiting().filter(pk=complaint.pk)
        if not waiting.update(declined_at=now, declined_by=by, answer=answer):
            return False
        if complaint.kind == Kind.NOT_COME:
            Order.objects.filter(pk=order.pk).update(lost_at=None, updated_at=now)
        lifecycle.note(order, notes.COMPLAINT_ANSWERED, now, by, tell=True)
    return True


def value(meant: Iterable[tuple[Pieces, int]], now: datetime) -> int:
    """What these pieces cost by the list today, or when they were quoted if they have no price any more."""
    meant = list(meant)
    prices = pricing.current_prices([each.line.sku_id for each, _ in meant], now)
    return sum(prices.get(each.line.sku_id, each.line.quoted_unit_price_cents) * count for each, count in meant)


def needs_nobody(user_id: int, cents: int, now: datetime) -> bool:
    """Whether all that was replaced for a customer lately, and `cents` more, stays within what needs no person."""
    theirs = Complaint.objects.filter(order__user_id=user_id, at__gt=now - COUNTED_FOR, sent_at__isnull=False)
    sent: int = theirs.aggregate(cents=Sum("value_cents", default=0))["cents"]
    limit: int = settings.REPLACEMENT_LIMIT_CENTS
    return sent + cents <= limit


def _note_where_it_is(order: Order, kind: str, now: datetime) -> None:
    """Lost, when every piece of it never came; there, when something else is wrong with it."""
    if kind != Kind.NOT_COME:
        if order.status == Order.Status.SHIPPED:
            lifecycle.deliver(order, now, now, CUSTOMER)
        return
    missing = ComplaintLine.objects.filter(complaint__order=order, complaint__kind=Kind.NOT_COME)
    ordered = order.lines.aggregate(pieces=Sum("quantity", default=0))
    if missing.aggregate(pieces=Sum("quantity", default=0)) == ordered:
        Order.objects.filter(pk=order.pk, lost_at=None).update(lost_at=now, updated_at=now)


def _answer_questions(kind: str, lines: Iterable[OrderLine], now: datetime) -> None:
    """Nobody is asked whether these are in."""
    answer = Answer.NEVER_CAME if kind == Kind.NOT_COME else Answer.DOES_NOT_WORK
    open_yet = Question.objects.filter(line__in=lines, answer__in=["", Answer.NOT_YET])
    open_yet.update(answer=answer, answered_at=now, due_at=None)


def _place(old: Order, lines: list[ComplaintLine], now: datetime) -> list[Order]:
    """One order of all that is in stock, a backorder for each line that is not: stock is nobody's favour."""
    rows = shelf.lock(each.line.sku_id for each in lines)
    left = {sku_id: shelf.free(row) for sku_id, row in rows.items()}
    ready: list[ComplaintLine] = []
    missing: list[ComplaintLine] = []
    for each in lines:
        enough = left[each.line.sku_id] >= each.quantity
        (ready if enough else missing).append(each)
        left[each.line.sku_id] -= each.quantity if enough else 0
    placed = []
    if ready:
        placed.append(order := _create(old, ready, now))
        lifecycle.release(order, rows, now)
    for each in missing:
        placed.append(order := _create(old, [each], now))
        lifecycle.backorder(order, now, "stock", f"{each.line.sku.name} is not in stock.")
    return placed


def _create(old: Order, lines: list[ComplaintLine], now: datetime) -> Order:
    """A free order: to where the plan's ink goes now, or to where the old one went when the plan has ended."""
    plan = old.plan
    moved = plan.shipping_address if plan.status != Plan.Status.CANCELLED else None
    order = Order.objects.create(
        number=numbers.free(Order.objects),
        plan=plan,
        user_id=old.user_id,
        kind=Order.Kind.REPLACEMENT,
        replaces=old,
        ship_to=moved.as_ship_to() if moved else old.ship_to,
        is_test=old.is_test,
        trace=tracing.current(),
        placed_at=now,
        updated_at=now,
        listed_at=now,
        currency=old.currency,
        quoted_total_cents=0,
        total_cents=0,
    )
    for each in lines:
        need = _take_over(each.line)
        new = OrderLine.objects.create(
            order=order,
            replenishment=need,
            slot_id=each.line.slot_id,
            sku_id=each.line.sku_id,
            quantity=each.quantity,
            quoted_unit_price_cents=0,
            unit_price_cents=0,
            open=need is not None,
        )
        ComplaintLine.objects.filter(pk=each.pk).update(replaced_by=new)
    lifecycle.note(order, "", now, CUSTOMER, tell=True)
    return order


def _take_over(old: OrderLine) -> Replenishment | None:
    """The need the old line still stood for: from now on it waits for the new one. None when it is met or over."""
    if old.replenishment is None or old.replenishment.closed_at is not None:
        return None
    stood = OrderLine.objects.filter(pk=old.pk, open=True).update(open=False)
    return old.replenishment if stood else None
