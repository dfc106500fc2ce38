"""The books of a month: each movement once, by line, to the cent what Stripe has, and the same whenever one looks."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from ars.standin.process import Handle
from billing import lifecycle, tasks
from billing.gateway import Outcome, RefundOutcome
from billing.models import Charge, Refund, RefundRequest
from billing.refunds import lifecycle as refunds
from billing.refunds import requests
from billing.settlements import reading, sheet
from billing.settlements.spreading import Account, Part, sold
from orders.models import Order, OrderLine
from printers.facts import Refused
from printers.models import Sku
from tests.billing.paid import came_back, paid, staff, wanted
from tests.billing.parcels import advance_until_settled, begun, end_of, refused
from tests.factories import NOW
from tests.properties import examples
from tests.standin.shop import Shop

MONTH = "2026-11"
Sheet = list[dict[str, str]]


def books(month: str = MONTH) -> Sheet:
    return list(csv.DictReader(io.StringIO("".join(sheet.lines(reading.rows(*reading.month(month)))))))


def moved(month: str = MONTH) -> Sheet:
    return [row for row in books(month) if row["date_utc"]]


def total(month: str = MONTH, kind: str = "total") -> dict[str, str]:
    return next(row for row in books(month) if row["kind"] == kind)


def cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def made(refund: Refund | None, at: datetime = NOW) -> Refund:
    assert refund is not None
    refunds.settle(refund.pk, RefundOutcome("made", f"re_{refund.pk}"), at)
    return Refund.objects.get(pk=refund.pk)


def given_back(charge: Charge, amount: int, at: datetime = NOW, pieces: dict[int, int] | None = None) -> Refund:
    fin = staff("Finance", f"fin{RefundRequest.objects.count()}@example.com")
    return made(requests.ask(charge, wanted(amount, pieces), fin, at)[0].refund, at)


pytestmark = pytest.mark.django_db


def test_a_charge_is_a_row_a_line() -> None:
    charge = paid(tax_cents=451)
    order, (two, one) = charge.order, charge.order.lines.select_related("sku").order_by("pk")
    known = {"date_utc": f"{NOW:%Y-%m-%d}", "order": order.display_number, "kind": "charge", "currency": "usd"}
    known |= {"state": order.ship_to["state"], "stripe_id": "pi_1"}
    assert moved() == [
        known | {"sku": two.sku.code, "quantity": "2", "gross": "48.10", "tax": "3.12", "net": "44.98"},
        known | {"sku": one.sku.code, "quantity": "1", "gross": "21.38", "tax": "1.39", "net": "19.99"},
    ]
    assert [total()[name] for name in ("quantity", "gross", "tax", "net")] == ["3", "69.48", "4.51", "64.97"]


def test_what_pieces_staff_gave_stands_with_their_line() -> None:
    charge = paid(tax_cents=451)
    one = charge.order.lines.select_related("sku").order_by("pk")[1]
    given_back(charge, 2138, pieces={one.pk: 1})
    row = moved()[-1]
    assert (row["kind"], row["sku"], row["quantity"], row["gross"]) == ("refund", one.sku.code, "-1", "-21.38")
    assert (row["tax"], row["net"]) == ("-1.39", "-19.99")


def test_what_came_back_stands_with_its_line() -> None:
    charge = paid()
    two = charge.order.lines.select_related("sku").order_by("pk")[0]
    made(refunds.begin(came_back(two, 2249).pk, NOW))
    row = moved()[-1]
    assert (row["sku"], row["quantity"], row["gross"]) == (two.sku.code, "-1", "-22.49")


def test_money_that_names_no_line_is_spread_by_what_is_left() -> None:
    charge = paid()
    one = charge.order.lines.order_by("pk")[1]
    given_back(charge, 1999, pieces={one.pk: 1})
    refunds.keep_foreign(charge, "re_dashboard", 1000, NOW)
    assert [(row["gross"], row["quantity"]) for row in moved()[-1:]] == [("-10.00", "0")]
    assert moved()[-1]["sku"] == charge.order.lines.order_by("pk")[0].sku.code


def test_a_month_that_is_over_reads_the_same_for_ever() -> None:
    charge, december = paid(), datetime(2026, 12, 5, tzinfo=UTC)
    refund = given_back(charge, 1000)
    before = books()
    refunds.settle(refund.pk, RefundOutcome("failed", refund.stripe_id, code="lost_or_stolen_card"), december)
    given_back(charge, 500, december + timedelta(hours=1))
    assert books() == before
    assert [(row["kind"], row["gross"]) for row in moved("2026-12")] == [
        *(("refund_sent_back", "6.92"), ("refund_sent_back", "3.08")),
        *(("refund", "-3.46"), ("refund", "-1.54")),
    ]


def test_months_begin_and_end_in_utc() -> None:
    charge = paid()
    first = datetime(2026, 11, 1, tzinfo=UTC)
    for at, there in ((first, True), (first - timedelta(microseconds=1), False)):
        Charge.objects.filter(pk=charge.pk).update(settled_at=at)
        assert bool(moved()) is there
    assert reading.month("2026-12")[1] == datetime(2027, 1, 1, tzinfo=UTC)
    assert reading.months(datetime(2027, 1, 31, 23, tzinfo=UTC)) == ["2027-01", "2026-12", "2026-11", "2026-10"]


@pytest.mark.parametrize("typed", ["", "2026", "2026-13", "2026-1", "11-2026", "2026-11-01", "٢٠٢٦-١١"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="2026-11"):
        reading.month(typed)


def test_what_is_open_or_came_to_nothing_is_no_movement() -> None:
    refused()
    requests.ask(paid(number=2), wanted(100), staff("Finance", "fin@example.com"), NOW)
    assert {row["kind"] for row in moved()} == {"charge"}


def test_a_formula_is_a_word() -> None:
    charge = paid(((1, 100, 0),))
    Sku.objects.filter(pk=charge.order.lines.get().sku_id).update(code='=HYPERLINK("http://evil.example")')
    Order.objects.filter(pk=charge.order_id).update(ship_to=charge.order.ship_to | {"state": "@SUM(A1)"})
    row = moved()[0]
    assert (row["sku"], row["state"]) == ('\'=HYPERLINK("http://evil.example")', "'@SUM(A1)")


def test_totals_by_state_and_by_sku_come_to_the_total() -> None:
    paid()
    other = paid(number=2)
    Order.objects.filter(pk=other.order_id).update(ship_to=other.order.ship_to | {"state": "WY"})
    for kind in ("total_of_state", "total_of_sku", "total"):
        assert sum(cents(row["gross"]) for row in books() if row["kind"] == kind) == 2 * 6497
    assert len([row for row in books() if row["kind"] == "total_of_state"]) == 2


def test_a_long_month_is_read_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        given_back(paid(((1, 1000 + number, 0),), number=number), 10 + number)
    whole = moved()
    monkeypatch.setattr(reading, "CHUNK", 3)
    assert moved() == whole
    assert len(whole) == 10


def test_the_command_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paid()
    file = tmp_path / "books.csv"
    call_command("books", month=MONTH, output=file)
    call_command("books", month=MONTH)
    assert file.read_bytes().decode() == capsys.readouterr().out.replace("\r\r", "\r")
    with pytest.raises(CommandError, match="2026-11"):
        call_command("books", month="November")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("books", month=MONTH, output=tmp_path / "nowhere" / "books.csv")


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def sweep() -> None:
    while tasks.sweep_refunds():
        pass


def too_late(shop: Shop) -> Charge:
    """Refused first, paid after all when its order had ended: it goes back by itself."""
    charge = begun(total_cents=3111)
    Charge.objects.filter(pk=charge.pk).update(status="declined", settled_at=NOW - timedelta(days=40), due_at=None)
    Order.objects.filter(pk=charge.order_id).update(status=Order.Status.CANCELLED)
    intent = shop.sdk.payment_intents.create(
        {
            "amount": 3111,
            "currency": "usd",
            "customer": charge.card.user.stripe_customer.stripe_id if charge.card else "",
            "payment_method": charge.card.stripe_id if charge.card else "",
            "allowed_payment_method_types": ["card"],
        }
    )
    shop.sdk.payment_intents.confirm(intent.id, {"off_session": True})
    Charge.objects.filter(pk=charge.pk).update(payment_intent_id=intent.id)
    assert lifecycle.settle(charge.pk, Outcome("paid", intent.id, amount_cents=3111, currency="usd"), NOW)
    return charge


@pytest.mark.usefixtures("clock")
def test_the_total_is_stripes_to_the_cent(standin: Handle, shop: Shop) -> None:
    """Charges, refunds in part and by piece, one made in the dashboard, one paid too late, one free of charge."""
    charges = [begun(total_cents=cents) for cents in (2676, 4999, 5150)]
    for charge in charges:
        advance_until_settled(charge)
        assert end_of(charge)[0] == "paid"
    part, piece, dashboard = Charge.objects.filter(pk__in=[each.pk for each in charges]).order_by("pk")
    fin = staff("Finance", "fin@example.com")
    requests.ask(part, wanted(1234), fin, NOW)
    requests.ask(piece, wanted(4999, {piece.order.lines.get().pk: 1}), fin, NOW)
    made_there = shop.sdk.refunds.create({"payment_intent": str(dashboard.payment_intent_id), "amount": 777})
    refunds.keep_foreign(dashboard, made_there.id, 777, NOW)
    too_late(shop)
    begun(total_cents=30)  # waived: too little to charge
    sweep()
    at_stripe = shop.paid()
    balance = sum(charge.amount - charge.amount_refunded for charge in at_stripe)
    assert sorted(charge.amount_refunded for charge in at_stripe) == [777, 1234, 3111, 4999]
    assert cents(total()["gross"]) == balance == 2676 - 1234 + 5150 - 777
    ids = {row["stripe_id"] for row in moved() if row["kind"] == "refund"}
    assert ids == {refund.id for refund in shop.sdk.refunds.list({"limit": 100}).data}


PRICED = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9_999), st.integers(0, 9_999)), min_size=1, max_size=4)
# In so many steps, each so many percent of what is left, and of which line, if of one; then the rest.
STEPS = st.lists(st.tuples(st.integers(1, 99), st.integers(0, 4), st.booleans()), max_size=5)


def lines(priced: list[tuple[int, int, int]]) -> list[OrderLine]:
    made = []
    for number, (quantity, price, discount) in enumerate(priced, 1):
        prices = {"unit_price_cents": price, "unit_discount_cents": min(discount, price)}
        made.append(OrderLine(pk=number, sku=Sku(code=f"S{number}"), quantity=quantity, **prices))
    return made


def whole_of(items: list[OrderLine]) -> int:
    return sum(each.quantity * (each.unit_price_cents - each.unit_discount_cents) for each in items)


def gross(parts: list[Part]) -> int:
    return sum(part.gross_cents for part in parts)


def taxes(parts: list[Part]) -> int:
    return sum(part.tax_cents for part in parts)


@examples(60)
@given(PRICED, st.integers(0, 9_999), STEPS)
def test_parts_always_come_to_their_whole(
    priced: list[tuple[int, int, int]], tax: int, steps: list[tuple[int, int, bool]]
) -> None:
    """Whatever prices, discounts, tax and quantities, and whatever goes back, of which line, or comes again."""
    items = lines(priced)
    whole = whole_of(items) + tax
    parts = sold(whole, tax, items)
    assert (gross(parts), taxes(parts)) == (whole, tax)
    account, left, back = Account(parts), whole, 0
    for percent, line, comes_again in [*steps, (100, 0, False)]:
        amount = left * percent // 100
        if not amount:
            continue
        gone = account.give_back(amount, {line: (1, amount)})
        assert gross(gone) == -amount
        if comes_again:
            again = account.undo(gone)
            assert (gross(again), taxes(again)) == (amount, -taxes(gone))
        else:
            left, back = left - amount, back + taxes(gone)
    assert (left, -back) == (0, tax if whole else 0)


@examples(40)
@given(PRICED, st.integers(0, 9_999), STEPS)
def test_what_names_no_line_takes_of_each_what_is_left_of_it(
    priced: list[tuple[int, int, int]], tax: int, steps: list[tuple[int, int, bool]]
) -> None:
    items = lines(priced)
    left = whole_of(items) + tax
    parts = sold(left, tax, items)
    account, back = Account(parts), list[Part]()
    for percent, _, _ in [*steps, (100, 0, False)]:
        amount = left * percent // 100
        if amount:
            back += account.give_back(amount, {})
            left -= amount
    for part in parts:
        mine = [each for each in back if each.line_id == part.line_id]
        assert (gross(mine), taxes(mine)) == (-part.gross_cents, -part.tax_cents)
        assert all(0 <= -each.tax_cents <= -each.gross_cents for each in mine)
