"""The shelf: what is on hand, what is promised, what leaves. A SKU's stock row is the lock for whatever reserves it.

Locks are taken in this order, so that nobody waits for whom he holds up: orders that hold stock, then stock rows by
their keys, then orders that wait for stock.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from orders.models import Order, OrderLine, Reservation, StockItem, StockMovement
from printers.facts import Refused

Movement = StockMovement.Kind
Status = Order.Status
MOST = 10_000_000  # pieces of one SKU: whoever counts more has typed wrong
HOLDING = (Status.RELEASED, Status.PAYMENT_FAILED)  # who holds pieces that lie on the shelf
LOOKED_FOR_AGAIN = timedelta(days=1)  # after this whoever waits for what was not found is given what there should be
SOON = timedelta(days=30)  # a date within this is one that people wait for without being asked


def lock(sku_ids: Iterable[int]) -> dict[int, StockItem]:
    """The stock rows of these SKUs, locked in the order of their keys; made where there is none yet."""
    wanted = sorted(set(sku_ids))
    StockItem.objects.bulk_create([StockItem(sku_id=sku_id) for sku_id in wanted], ignore_conflicts=True)
    rows = StockItem.objects.filter(pk__in=wanted).select_for_update().order_by("pk")
    return {row.pk: row for row in rows}


def lock_with_orders(sku_id: int) -> dict[int, StockItem]:
    """The same with whatever else is in orders that hold pieces of this SKU, or wait for some."""
    holding = Order.objects.filter(lines__reservation__sku=sku_id)
    beside = Reservation.objects.filter(line__order__in=holding)
    return lock_with_queue({sku_id, *beside.values_list("sku_id", flat=True)})


def lock_with_queue(sku_ids: Iterable[int]) -> dict[int, StockItem]:
    """The same with whatever else is in orders that wait for these SKUs: all that is needed to release them."""
    return lock(_with_queue(sku_ids))


def seen_with_queue(sku_id: int) -> dict[int, StockItem]:
    """The same of one SKU, neither locked nor made, and never to be saved: to look at what might be."""
    wanted = _with_queue([sku_id])
    return {pk: StockItem(sku_id=pk) for pk in wanted} | StockItem.objects.in_bulk(wanted)


def _with_queue(sku_ids: Iterable[int]) -> set[int]:
    wanted = set(sku_ids)
    waiting = Order.objects.filter(status=Status.BACKORDERED, lines__sku__in=wanted)
    beside = OrderLine.objects.filter(order__in=waiting).exclude(sku__in=wanted)
    return wanted | set(beside.values_list("sku_id", flat=True))


def free(item: StockItem) -> int:
    """How many of a locked SKU may be promised now to somebody new."""
    return free_of([item])[item.pk]


def free_of(items: Iterable[StockItem]) -> dict[int, int]:
    """SKU id to how many may be promised now to somebody new: what no older order waits for.

    None while somebody waits for it alone. An order that waits for something else keeps aside its pieces of this one.
    """
    left = {item.pk: 0 if item.missed_at else max(item.on_hand - item.reserved, 0) for item in items}
    some_left = [sku_id for sku_id, pieces in left.items() if pieces]
    beside = OrderLine.objects.filter(order=OuterRef("order")).exclude(sku=OuterRef("sku"))
    waiting = OrderLine.objects.filter(sku__in=some_left, order__status=Status.BACKORDERED)
    counted = waiting.values("sku_id").annotate(pieces=Sum("quantity"), alone=Count("pk", filter=~Exists(beside)))
    for row in counted:
        left[row["sku_id"]] = 0 if row["alone"] else max(left[row["sku_id"]] - row["pieces"], 0)
    return left


def lacking(order: Order, rows: Mapping[int, StockItem]) -> list[int]:
    """The SKUs of a waiting order that it cannot have now: older orders wait for what there is, or there is none."""
    return [
        sku_id
        for sku_id, pieces in needs(order).items()
        if (row := rows[sku_id]).missed_at is not None
        or row.on_hand - row.reserved - waited_for(sku_id, before=order) < pieces
    ]


def needs(order: Order) -> Counter[int]:
    """SKU id to the pieces of it in an order."""
    found: Counter[int] = Counter()
    for line in order.lines.all():
        found[line.sku_id] += line.quantity
    return found


def waited_for(sku_id: int, before: Order) -> int:
    """How many pieces of a SKU orders wait for that are older than one."""
    older = Q(order__placed_at__lt=before.placed_at) | Q(order__placed_at=before.placed_at, order__lt=before.pk)
    lines = OrderLine.objects.filter(older, sku=sku_id, order__status=Status.BACKORDERED)
    pieces: int = lines.aggregate(pieces=Sum("quantity", default=0))["pieces"]
    return pieces


def obtainable(sku_ids: Iterable[int], today: date) -> set[int]:
    """Those that make sense to order: one is free, or more is expected within 30 days. Reads, and locks nothing."""
    items = list(StockItem.objects.filter(pk__in=list(sku_ids)))
    coming = {item.pk for item in items if item.expected_on and today <= item.expected_on <= today + SOON}
    return coming | {sku_id for sku_id, pieces in free_of(items).items() if pieces}


def reserve(lines: Collection[OrderLine], items: Mapping[int, StockItem], now: datetime) -> None:
    """Promise lines their pieces of locked SKUs."""
    Reservation.objects.bulk_create(
        Reservation(line=line, sku_id=line.sku_id, quantity=line.quantity, at=now) for line in lines
    )
    for line in lines:
        items[line.sku_id].reserved += line.quantity
    touched = {line.sku_id: items[line.sku_id] for line in lines}
    StockItem.objects.bulk_update(touched.values(), ["reserved"])


def lock_for(order: Order) -> dict[int, StockItem]:
    """The rows of whatever is promised to an order, with all that is needed to release who waits for it."""
    return lock_with_queue(reservation.sku_id for reservation in held(order))


def give_back(order: Order, rows: Mapping[int, StockItem]) -> list[int]:
    """Give back whatever is promised to an order; the SKUs of the locked `rows` that became free."""
    reservations = held(order)
    for reservation in reservations:
        rows[reservation.sku_id].reserved -= reservation.quantity
    _end(reservations, rows, ["reserved"])
    return sorted({reservation.sku_id for reservation in reservations})


def take_out(order: Order, now: datetime) -> None:
    """The parcel left: its pieces are neither on hand nor promised any more. Writing its row locks a SKU."""
    reservations = held(order)
    pieces: Counter[int] = Counter()
    for reservation in reservations:
        pieces[reservation.sku_id] += reservation.quantity
    for sku_id, left in sorted(pieces.items()):
        StockItem.objects.filter(pk=sku_id).update(reserved=F("reserved") - left, on_hand=F("on_hand") - left)
    StockMovement.objects.bulk_create(
        StockMovement(sku_id=each.sku_id, kind=Movement.SHIPMENT, quantity=-each.quantity, at=now, order=order)
        for each in reservations
    )
    Reservation.objects.filter(pk__in=[reservation.pk for reservation in reservations]).delete()


def held(order: Order) -> list[Reservation]:
    """What is promised to an order."""
    return list(Reservation.objects.filter(line__order=order))


def _end(reservations: list[Reservation], rows: Mapping[int, StockItem], changed: list[str]) -> None:
    StockItem.objects.bulk_update({rows[each.sku_id].pk: rows[each.sku_id] for each in reservations}.values(), changed)
    Reservation.objects.filter(pk__in=[reservation.pk for reservation in reservations]).delete()


def packed(sku_id: int) -> int:
    """Pieces that lie in packed parcels: on hand until they ship, but not on the shelf."""
    reservations = Reservation.objects.filter(sku=sku_id, line__order__status=Status.PACKED)
    pieces: int = reservations.aggregate(pieces=Sum("quantity", default=0))["pieces"]
    return pieces


def change(item: StockItem, quantity: int, kind: StockMovement.Kind, reason: str, now: datetime, by: str) -> None:
    """Put pieces of a locked SKU on the shelf, or take them off, with a movement that says why.

    Refused (`too_many`) above what any shelf holds. Never below what is promised: see `lifecycle.put_back`.
    """
    if not quantity:
        return
    check_room(item, quantity)
    item.on_hand += quantity
    item.save(update_fields=["on_hand"])
    note(item.pk, kind, quantity, now, reason=reason, by=by)


def check_room(item: StockItem, quantity: int) -> None:
    """Refused `too_many` when so many more are above what any shelf holds."""
    if item.on_hand + quantity > MOST:
        raise Refused(f"No more than {MOST:,} of {item.sku} fit on the shelf: {item.on_hand:,} are there.", "too_many")


def missed(item: StockItem, quantity: int, reason: str, now: datetime, by: str) -> None:
    """The warehouse did not find pieces of a locked SKU: they are not there, and how many are is in doubt for a day."""
    change(item, -quantity, Movement.CORRECTION, reason, now, by)
    item.missed_at, item.due_at = now, now + LOOKED_FOR_AGAIN
    item.save(update_fields=["missed_at", "due_at"])


def note(
    sku_id: int,
    kind: StockMovement.Kind,
    quantity: int,
    now: datetime,
    *,
    order: Order | None = None,
    reason: str = "",
    by: str = "",
) -> None:
    """Write a movement down."""
    facts = {"order": order, "reason": reason[:200], "by": by}
    StockMovement.objects.create(sku_id=sku_id, kind=kind, quantity=quantity, at=now, **facts)


def differences() -> dict[str, tuple[int, int]]:
    """SKUs whose movements do not add up to what is on hand: {code: (on hand, sum)}. Empty is the only good answer."""
    moved = StockItem.objects.annotate(sum=Sum("sku__movements__quantity", default=0)).filter(~Q(sum=F("on_hand")))
    return {row.sku.code: (row.on_hand, row.sum) for row in moved.select_related("sku")}
