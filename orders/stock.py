"""Stock verbs: book what arrived, count, correct, say when more is expected. Each ends with the orders it concerns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from enrollment.models import Partner
from orders import lifecycle, shelf, waits
from orders.models import Order, Receipt, StockEntry, StockItem, StockMovement
from printers.facts import Refused
from printers.models import Sku

Kind = StockEntry.Kind
Movement = StockMovement.Kind
TRIES = 5
FARTHEST = timedelta(days=2 * 365)  # nobody knows what comes later
SECOND_THOUGHTS = timedelta(minutes=10)  # a date typed wrong is corrected before anybody hears of it


def receive(partner: Partner, receipt_id: str, sku: Sku, quantity: int, now: datetime) -> tuple[Receipt, bool]:
    """Book `quantity` pieces that arrived, once an id, and release the oldest backorders they fill.

    Returns the receipt and whether it is new. Refused `id_reused` when the id came before with other content,
    `too_many` when no shelf holds so much.
    """
    with transaction.atomic():
        receipt, new = Receipt.objects.get_or_create(
            partner=partner, receipt_id=receipt_id, defaults={"sku": sku, "quantity": quantity, "at": now}
        )
        if not new and (receipt.sku_id, receipt.quantity) != (sku.pk, quantity):
            raise Refused(f"Receipt {receipt_id} was booked before, with other content.", "id_reused")
        if new:
            _add(sku, quantity, f"Receipt {receipt_id}", now, partner.name)
    return receipt, new


@dataclass(frozen=True)
class Entered:
    """What a person entered about a SKU's shelf, why, and under which form's key."""

    kind: str
    sku: Sku
    quantity: int
    reason: str
    by: str
    key: UUID


def enter(entered: Entered, now: datetime) -> bool:
    """Do what a person entered: pieces that arrived, the number counted, or pieces to add or take off.

    Once a form: False when it was done before. Refused when it cannot be: `too_many`, `too_few`, `id_reused`.
    """
    kept = {"sku": entered.sku, "kind": entered.kind, "quantity": entered.quantity, "reason": entered.reason}
    _check(entered)
    with transaction.atomic():
        entry, new = StockEntry.objects.get_or_create(key=entered.key, defaults={**kept, "by": entered.by, "at": now})
        if not new:
            if any(getattr(entry, name) != value for name, value in kept.items()):
                raise Refused("This form was sent before, with other content. Open it again.", "id_reused")
            return False
        if entered.kind == Kind.RECEIVE:
            _add(entered.sku, entered.quantity, entered.reason, now, entered.by)
        elif entered.kind == Kind.COUNT:
            count(entered.sku, entered.quantity, entered.reason, now, entered.by)
        else:
            correct(entered.sku, entered.quantity, entered.reason, now, entered.by)
    return True


def _check(entered: Entered) -> None:
    """Refused `too_few` when it is no number of pieces for what was done."""
    if entered.kind != Kind.COUNT and (not entered.quantity or (entered.kind == Kind.RECEIVE and entered.quantity < 0)):
        raise Refused("Say how many pieces: at least one.", "too_few")
    if entered.kind == Kind.COUNT and entered.quantity < 0:
        raise Refused("There cannot be less than nothing on the shelf.", "too_few")


@dataclass(frozen=True)
class Preview:
    """What an entry would do: the shelf before and after, who goes (the oldest first), who waits again."""

    before: int
    after: int
    released: list[Order]
    put_back: list[Order]

    @property
    def seen(self) -> str:
        """What a page showed, in short, to be compared before it is done."""
        numbers = [[order.number for order in orders] for orders in (self.released, self.put_back)]
        return sha256(repr((self.before, self.after, numbers)).encode()).hexdigest()[:16]


def preview(entered: Entered) -> Preview:
    """What would happen if it were entered now. Reads, and locks nothing. Refused as `enter`."""
    _check(entered)
    rows = shelf.seen_with_queue(entered.sku.pk)
    row = rows[entered.sku.pk]
    before = row.on_hand
    if entered.kind == Kind.RECEIVE:
        target = before + entered.quantity
    elif entered.kind == Kind.COUNT:
        target = _counted(entered.quantity)(row, shelf.packed(row.pk))
    else:
        target = _corrected(entered.sku, entered.quantity)(row, shelf.packed(row.pk))
    shelf.check_room(row, target - before)
    put_back = lifecycle.would_put_back(row, target) if target < row.reserved else []
    row.on_hand, row.missed_at = target, None
    return Preview(before, target, lifecycle.would_release(row.pk, rows), put_back)


def count(sku: Sku, counted: int, reason: str, now: datetime, by: str = "") -> None:
    """There are `counted` pieces on the shelf, packed parcels not among them.

    Fewer than are promised: the newest orders that are not packed wait again, and are told.
    """
    if counted < 0:
        raise Refused("There cannot be less than nothing on the shelf.", "too_few")
    _bring_to(sku, _counted(counted), f"Counted {counted}. {reason}", now, by)


def correct(sku: Sku, quantity: int, reason: str, now: datetime, by: str = "") -> None:
    """Add `quantity` pieces (negative: take off), for a reason. Below what is promised as with a count.

    Refused `too_few` when there are not so many on the shelf.
    """
    _bring_to(sku, _corrected(sku, quantity), reason, now, by)


def _counted(counted: int) -> Callable[[StockItem, int], int]:
    """What is on hand when so many lie on the shelf, of a row and the pieces in packed parcels."""
    return lambda item, in_parcels: counted + in_parcels


def _corrected(sku: Sku, quantity: int) -> Callable[[StockItem, int], int]:
    """The same when so many are added. Refused `too_few` when there are not so many on the shelf."""

    def wanted(item: StockItem, in_parcels: int) -> int:
        on_shelf = item.on_hand - in_parcels
        if on_shelf + quantity < 0:
            raise Refused(f"There are only {on_shelf} of {sku} on the shelf.", "too_few")
        return item.on_hand + quantity

    return wanted


def expect(sku: Sku, day: date | None, now: datetime) -> None:
    """More of a SKU should be here on `day`; None: nobody knows. Whoever waits is told in ten minutes, if it is news.

    What is ordered only when there is some is looked at again. Refused `bad_day` as `objection` says.
    """
    if why := objection(day, now.date()):
        raise Refused(why, "bad_day")
    with transaction.atomic():
        row = shelf.lock([sku.pk])[sku.pk]
        if row.expected_on == day:
            return
        row.expected_on = day
        row.save(update_fields=["expected_on"])
        waits.look_at_all([sku.pk], now + SECOND_THOUGHTS)
        waits.wake(sku.pk, now)


def objection(day: date | None, today: date) -> str:
    """Why nothing can be expected on a day; empty when it can."""
    if day is not None and not today <= day <= today + FARTHEST:
        return f"Must be from {today} to {today + FARTHEST}."
    return ""


def look_again(sku_ids: list[int], now: datetime) -> None:
    """What was not found a day ago is looked for once more: whoever waits gets what should be there."""
    for sku_id in sku_ids:
        with transaction.atomic():
            StockItem.objects.filter(pk=sku_id, missed_at__lte=now - shelf.LOOKED_FOR_AGAIN).update(missed_at=None)
            lifecycle.release_backorders(sku_id, now)


def _add(sku: Sku, quantity: int, reason: str, now: datetime, by: str) -> None:
    with transaction.atomic():
        rows = shelf.lock_with_queue([sku.pk])
        row = rows[sku.pk]
        shelf.change(row, quantity, Movement.RECEIPT, reason, now, by)
        _no_doubt(row, now)
        lifecycle.release_backorders(sku.pk, now, rows)


def _bring_to(sku: Sku, wanted: Callable[[StockItem, int], int], reason: str, now: datetime, by: str) -> None:
    """Bring what is on hand to what is `wanted` of a row and the pieces in packed parcels; begin again while others
    pack or cancel what it depends on."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                rows = shelf.lock_with_orders(sku.pk)
                row = rows[sku.pk]
                target = wanted(row, shelf.packed(sku.pk))
                freed = lifecycle.put_back(rows, sku.pk, target, now, by or "stock")
                shelf.change(row, target - row.on_hand, Movement.CORRECTION, reason, now, by)
                _no_doubt(row, now)
                for sku_id in [sku.pk, *freed]:
                    lifecycle.release_backorders(sku_id, now, rows)
                return
        except lifecycle.Moving as busy:
            _wait_for(busy.order_ids)
    raise Refused(f"Orders of {sku} are being packed just now. Try again.", "order_changed")


def _wait_for(order_ids: Iterable[int]) -> None:
    """Until whoever changes these is done; one by one, and none is kept: by then it may wait for stock others hold."""
    for order_id in order_ids:
        with transaction.atomic():
            list(Order.objects.filter(pk=order_id).select_for_update(no_key=True))
            transaction.set_rollback(True)


def _no_doubt(row: StockItem, now: datetime) -> None:
    """More came, or somebody looked. A date that is here is none any more."""
    row.missed_at = None
    row.expected_on = None if row.expected_on and row.expected_on <= now.date() else row.expected_on
    row.save(update_fields=["missed_at", "expected_on"])
