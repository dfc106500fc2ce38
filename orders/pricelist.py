"""The price list: new prices, and how long before it takes effect a rise is entered; loading first prices.

A rise is mailed to whom it concerns at least NOTICE ahead. The mails are made every few hours by notifications; what
is entered must leave them that time, and MAILED_WITHIN for a morning on which nothing runs. So no rise takes effect
untold unless no mail can be made for a whole day.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext

from enrollment.models import Plan
from orders.models import Price
from orders.money import display_amount
from printers import catalogue
from printers.facts import Refused
from printers.models import Sku, SlotSku
from printers.sheets import Row, read

DEFAULT = Path(__file__).parent / "data" / "prices.csv"
COLUMNS = ("sku", "price_cents", "demo")
HIGHEST_CENTS = 1_000_000
NOTICE = timedelta(days=7)
MAILED_WITHIN = timedelta(days=1)


def load(path: Path, now: datetime) -> list[Price]:
    """The prices added, valid from `now`; `demo` in the sheet marks made-up ones. Raises BadSheet, then nothing is."""
    skus = Sku.objects.in_bulk(field_name="code")
    listed: dict[str, Price] = {}
    for row in read(path, COLUMNS):
        price = _price(row, skus, now)
        if price.sku.code in listed:
            raise row.bad("sku", f"{price.sku.code} is there twice.")
        listed[price.sku.code] = price
    with transaction.atomic():
        # Staff who enter a price at this moment, and a second load, take turns with this one.
        list(Sku.objects.filter(code__in=listed).order_by("pk").select_for_update(no_key=True))
        priced = set(Price.objects.values_list("sku__code", flat=True))
        added = Price.objects.bulk_create(price for code, price in listed.items() if code not in priced)
        decide_again(price.sku_id for price in added)
    return added


def give_notice(sku: Sku, amount_cents: int, valid_from: datetime, now: datetime) -> None:
    """Refused `no_notice` where this new price, or the next one after it, is a rise that nobody hears of in time.

    Rises of cartridges that no active plan uses, falls and first prices may take effect at once. Within a transaction:
    whoever enters another price of the SKU waits for its end.
    """
    Sku.objects.select_for_update(no_key=True).get(pk=sku.pk)
    prices = Price.objects.filter(sku=sku)
    before = prices.filter(valid_from__lte=valid_from).order_by("valid_from").last()
    if before is None or not _is_used(sku):
        return
    soon = now + NOTICE + MAILED_WITHIN
    if amount_cents > before.amount_cents and valid_from < soon:
        raise Refused(_too_soon(before, soon), "no_notice")
    after = prices.filter(valid_from__gt=valid_from, valid_from__lt=soon).order_by("valid_from").first()
    if after is not None and before.amount_cents >= after.amount_cents > amount_cents:
        text = gettext("The price of %(amount)s from %(moment)s on would become a rise that nobody was told in time.")
        facts = {"amount": display_amount(after.amount_cents, after.currency), "moment": _moment(after.valid_from)}
        raise Refused(text % facts, "no_notice")


def _is_used(sku: Sku) -> bool:
    """Whether it fits a printer of an active plan."""
    return SlotSku.objects.filter(sku=sku, slot__model__plans__status=Plan.Status.ACTIVE).exists()


def _too_soon(before: Price, soon: datetime) -> str:
    text = gettext(
        "This is more than the %(amount)s before it, and active plans use this cartridge: their owners hear of it at "
        "least %(days)d days ahead. It can take effect from %(moment)s on."
    )
    earliest = (soon + timedelta(minutes=70)).replace(minute=0, second=0, microsecond=0)  # still true when typed in
    amount = display_amount(before.amount_cents, before.currency)
    return text % {"amount": amount, "days": NOTICE.days, "moment": _moment(earliest)}


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def decide_again(sku_ids: Iterable[int]) -> None:
    """What was low and could not be ordered for want of a price is looked at once more."""
    catalogue.decide_again(SlotSku.objects.filter(sku__in=list(sku_ids)).values_list("slot_id", flat=True))


def _price(row: Row, skus: dict[str, Sku], now: datetime) -> Price:
    code = row.text("sku", 40)
    if code not in skus:
        raise row.bad("sku", f"the catalogue has no cartridge {code!r}.")
    cents = row.number_in("price_cents", 1, HIGHEST_CENTS)
    return Price(sku=skus[code], amount_cents=cents, valid_from=now, is_demo=row.one_of("demo", ["yes", "no"]) == "yes")
