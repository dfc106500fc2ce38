"""The receipt of an order: what stands on it, who may read it, and having it mailed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from billing.models import Charge, Refund
from enrollment.models import Plan, User
from notifications.models import Message
from orders.models import Order
from tests.ars.account.conftest import charge, make_order, posted, text_of
from tests.factories import NOW, LinePromotionFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> None:
    cache.clear()


@pytest.fixture
def order(plan: Plan) -> Order:
    """Shipped, 10 % off, taxed, and charged to Visa 4242."""
    amounts: dict[str, Any] = {"quoted_total_cents": 2412, "discount_cents": 250, "tax_rate": Decimal("7.25")}
    made = make_order(plan, "shipped", shipped_at=NOW, priced_at=NOW, tax_cents=163, **amounts)
    made.lines.update(unit_discount_cents=250, quoted_unit_discount_cents=250)
    LinePromotionFactory.create(line=made.lines.get())
    charge(made, "paid")
    return made


def path(order: Order, to: str = "") -> str:
    return f"/account/orders/{order.display_number}/receipt/{to}"


def number_of(order: Order) -> str:
    number = order.charges.get().receipt_number
    assert number
    return number


def test_it_has_all_that_a_receipt_has(client: Client, order: Order) -> None:
    page = text_of(client, path(order))
    assert page.startswith(f"Receipt {number_of(order)} of order {order.display_number} - ARS")
    assert f"Order {order.display_number}, placed Mon 23 Nov 2026, shipped Mon 23 Nov 2026" in page
    assert "Sold by ARS100 Depot RoadMemphis, TN 38118help@ars.example1-800-555-0100" in page
    assert f"Bought by Ana Ruiz{order.user.email} Sent to Ana Ruiz12 Elm StreetPortland, OR 97201" in page
    assert (
        "Black $24.99 Promotion “Autumn weeks” -$2.50 Shipping $0.00 Sales tax, OR 7.25\N{NO-BREAK SPACE}% $1.63 "
        "Total $24.12 Charged $24.12 to Visa 4242 on Mon 23 Nov 2026." in page
    )


def test_what_went_back_since_stands_on_it(client: Client, order: Order) -> None:
    Charge.objects.update(refunded_cents=1000)
    given: dict[str, Any] = {"charge": order.charges.get(), "created_at": NOW}
    Refund.objects.create(amount_cents=600, status="made", stripe_id="re_1", settled_at=NOW, **given)
    Refund.objects.create(amount_cents=400, **given)
    page = text_of(client, path(order))
    back = "$6.00 went back to Visa 4242 on Mon 23 Nov 2026. $4.00 goes back to Visa 4242."
    assert f"What went back since {back}" in page


def test_money_that_came_too_late_has_a_receipt_though_nothing_was_shipped(client: Client, plan: Plan) -> None:
    cancelled = make_order(plan, "cancelled")
    late = charge(cancelled, "declined", outcome=Charge.PAID_TOO_LATE)
    assert client.get(path(cancelled)).status_code == 302
    Charge.objects.filter(pk=late.pk).update(receipt_number="R-2026-000007")
    page = text_of(client, path(cancelled))
    assert "Receipt R-2026-000007" in page
    assert "$24.99 was taken from Visa 4242 too late for this order, and goes back: receipt R-2026-000007." in page


def test_what_was_free_has_one_without_a_number(client: Client, plan: Plan) -> None:
    free = make_order(plan, "shipped", shipped_at=NOW, priced_at=NOW, quoted_total_cents=0)
    charge(free, "waived", outcome="nothing_to_pay")
    page = text_of(client, path(free))
    assert page.startswith(f"Receipt of order {free.display_number} - ARS")
    assert "Total $0.00 Nothing to pay." in page
    posted(client, path(free, "mail/"))
    assert Message.objects.get().subject == f"Receipt of order {free.display_number}"


def test_it_is_mailed_to_its_owner_as_it_stands(client: Client, order: Order, ana: User) -> None:
    page = posted(client, path(order, "mail/"))
    assert f"We mail it to {ana.email}." in page
    mail = Message.objects.get()
    assert (mail.kind, mail.to, mail.order, mail.due_at) == ("receipt", ana.email, order, NOW)
    assert mail.subject == f"Receipt {number_of(order)}: $24.12 for order {order.display_number}"
    for said in (
        "Charged $24.12 to Visa 4242 on Mon 23 Nov 2026.",
        "Sold by:\n  ARS\n  100 Depot Road\n  Memphis, TN 38118\n",
        f"Bought by:\n  Ana Ruiz\n  {ana.email}\n",
        "  Promotion “Autumn weeks”: -$2.50\n",
        "  Sales tax, OR 7.25\N{NO-BREAK SPACE}%: $1.63\n  Shipping: $0.00\n  Total: $24.12\n",
        f"The receipt, to print:\n{settings.SITE_URL}{path(order)}\n",
    ):
        assert said in mail.text


def test_it_is_mailed_three_times_an_hour_and_no_more(client: Client, order: Order) -> None:
    for _ in range(3):
        posted(client, path(order, "mail/"))
    page = posted(client, path(order, "mail/"))
    assert "We have mailed you receipts several times just now. Try again in an hour." in page
    assert Message.objects.count() == 3


def test_there_is_none_before_it_ships(client: Client, plan: Plan) -> None:
    waiting = make_order(plan, "released")
    assert client.get(path(waiting)).status_code == 302
    client.post(path(waiting, "mail/"))
    assert not Message.objects.exists()


@pytest.mark.parametrize("to", ["", "mail/"])
def test_nobody_else_finds_it(client: Client, order: Order, to: str) -> None:
    client.force_login(UserFactory.create())
    assert client.get(path(order)).status_code == 404
    assert client.post(path(order, "mail/")).status_code == 404
    assert not Message.objects.exists()
    stranger = Client()
    assert stranger.get(path(order, to)).headers["Location"].startswith("/accounts/login/")


def test_a_year_later_its_dates_are_the_same(client: Client, order: Order) -> None:
    with time_machine.travel(NOW + 400 * DAY, tick=False):
        client.force_login(order.user)
        assert "Charged $24.12 to Visa 4242 on Mon 23 Nov 2026." in text_of(client, path(order))
