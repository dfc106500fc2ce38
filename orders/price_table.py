"""The price list as a table that staff take out and bring back: new prices alone, by the rules of the price list."""

from collections.abc import Iterator
from datetime import UTC, datetime

from orders import pricelist
from orders.models import Price
from orders.money import display_amount
from printers.catalogue_tables import YES_NO, lock_skus, yes_no
from printers.exchange import Cells, Table, each
from printers.facts import Refused
from printers.models import Sku
from printers.sheets import BadSheet, Row

CURRENCIES = ("usd",)
WRONG_MOMENT = "is no moment such as 2026-12-24 06:00, in UTC."


def _prices() -> Iterator[Cells]:
    for price in Price.objects.select_related("sku").order_by("sku__code", "valid_from", "pk"):
        yield {
            "sku": price.sku.code,
            "price_cents": str(price.amount_cents),
            "currency": price.currency,
            "valid_from": price.valid_from.astimezone(UTC).isoformat(" "),
            "demo": yes_no(price.is_demo),
        }


def _bring_prices(rows: list[Row], now: datetime) -> list[BadSheet]:
    """In the order in which they take effect: each rise is measured by what holds before it."""
    skus = Sku.objects.in_bulk(field_name="code")
    known = {(each.sku_id, each.currency, each.valid_from): each for each in Price.objects.all()}
    added = set[tuple[int, str, datetime]]()

    def write(row: Row) -> None:
        sku = skus[row.known("sku", 40, skus)]
        price = Price(
            sku=sku,
            amount_cents=row.number_in("price_cents", 1, pricelist.HIGHEST_CENTS),
            currency=row.one_of("currency", CURRENCIES),
            valid_from=_moment(row),
            is_demo=row.one_of("demo", YES_NO) == "yes",
        )
        named = (sku.pk, price.currency, price.valid_from)
        if named in added:
            raise row.bad("valid_from", f"{sku.code} has another price from the same moment on above.")
        if (there := known.get(named)) is not None:
            return _check_same(row, there, price)
        if price.valid_from <= now:
            raise row.bad("valid_from", "This moment has passed. A price takes effect from a moment to come.")
        try:
            pricelist.give_notice(sku, price.amount_cents, price.valid_from, now)
        except Refused as refused:
            raise row.bad("valid_from", str(refused)) from refused
        price.save(force_insert=True)
        added.add(named)
        return None

    errors = each(sorted(rows, key=_order), PRICES.key, write)
    pricelist.decide_again(sku_id for sku_id, *_ in added)
    return sorted(errors, key=str)


def _check_same(row: Row, there: Price, said: Price) -> None:
    if there.amount_cents != said.amount_cents:
        amount = display_amount(there.amount_cents, there.currency)
        raise row.bad(
            "price_cents", f"A price is never edited: from this moment on it is {amount}. Give yours another."
        )
    if there.is_demo != said.is_demo:
        raise row.bad("demo", f"A price is never edited: this one says {yes_no(there.is_demo)}.")


def _moment(row: Row) -> datetime:
    text = row.text("valid_from", 40)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise row.bad("valid_from", f"{text!r} {WRONG_MOMENT}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _order(row: Row) -> tuple[float, int]:
    try:
        return _moment(row).timestamp(), row.number
    except (BadSheet, OverflowError):
        return 0, row.number


PRICES = Table(
    "prices",
    "Prices",
    ("sku", "price_cents", "currency", "valid_from", "demo"),
    ("sku", "currency", "valid_from"),
    _prices,
    lock_skus,
    _bring_prices,
)
