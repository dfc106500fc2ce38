"""The page of one order, and the list."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from enrollment.models import Plan
from orders.models import Order, OrderLine
from tests.ars.account.conftest import charge, make_order, text_of
from tests.factories import NOW, LinePromotionFactory, OrderFactory, OrderLineFactory

Status = Order.Status


def page_of(client: Client, order: Order) -> str:
    return text_of(client, f"/account/orders/{order.display_number}/")


def test_a_parcel_on_its_way_can_be_followed(client: Client, plan: Plan) -> None:
    parcel: dict[str, Any] = {"carrier": "UPS", "tracking_number": "1Z999"}
    order = make_order(plan, Status.SHIPPED, shipped_at=NOW, priced_at=NOW, **parcel)
    page = page_of(client, order)
    assert page.startswith(f"Order {order.display_number}, on its way - ARS")
    assert "Arrives Fri 27 Nov - Thu 3 Dec On its way" in page
    assert "Left the warehouse. UPS, tracking number 1Z999." in page
    assert "https://www.ups.com/track?tracknum=1Z999" in client.get(f"/account/orders/{order.number}/").content.decode()


@pytest.mark.parametrize(
    ("status", "tracker"),
    [
        (Status.PLACED, "Ordered Packed to come On its way to come Delivered to come"),
        (Status.PACKED, "Ordered done Packed On its way to come Delivered to come"),
        (Status.DELIVERED, "Ordered done Packed done On its way done Delivered done"),
    ],
)
def test_the_tracker_says_how_far_it_is(client: Client, plan: Plan, status: str, tracker: str) -> None:
    assert tracker in page_of(client, make_order(plan, status, priced_at=NOW, shipped_at=NOW, delivered_at=NOW))


def test_a_cancelled_order_has_no_tracker(client: Client, plan: Plan) -> None:
    page = page_of(client, make_order(plan, Status.CANCELLED))
    assert "to come" not in page
    assert "Cancelled on Mon 23 Nov. Nothing was charged." in page


def test_the_cost_adds_up_and_says_that_it_was_paid(client: Client, plan: Plan) -> None:
    amounts = {"quoted_total_cents": 2476, "discount_cents": 250, "tax_cents": 227}
    order = make_order(plan, Status.SHIPPED, shipped_at=NOW, priced_at=NOW, **amounts)
    order.lines.update(unit_discount_cents=250, quoted_unit_discount_cents=250)
    LinePromotionFactory.create(line=order.lines.get())
    charge(order, "paid")
    page = page_of(client, order)
    assert "Black $24.99 Promotion “Autumn weeks” -$2.50 Shipping $0.00 Sales tax $2.27 Total $24.76" in page
    assert page.count("Charged $24.76 to Visa 4242") == 2
    assert "Charged $24.76 to Visa 4242 on Mon 23 Nov." in page


def test_what_is_too_little_for_a_card_says_that_it_is_on_us(client: Client, plan: Plan) -> None:
    order = make_order(plan, Status.SHIPPED, shipped_at=NOW, priced_at=NOW, quoted_total_cents=30)
    charge(order, "waived", outcome="below_minimum")
    assert page_of(client, order).count("The amount is too small to charge, so it is on us.") == 2


def test_what_costs_nothing_says_so_before_it_ships(client: Client, plan: Plan) -> None:
    page = page_of(client, make_order(plan, Status.RELEASED, quoted_total_cents=0))
    assert "on the warehouse's list. It costs you nothing." in page
    assert "Total $0.00 Free of charge." in page


def test_what_is_not_charged_yet_says_when_it_is(client: Client, plan: Plan) -> None:
    assert "Total $24.99 Charged when it ships, and never more than this." in page_of(client, make_order(plan))


def test_a_lower_price_is_explained(client: Client, plan: Plan) -> None:
    note = "You pay $2.00 less than we wrote: the price fell before shipping."
    order = make_order(plan, Status.PACKED, priced_at=NOW, total_cents=2299)
    assert note in page_of(client, order)


def test_a_refused_card_is_told_once_and_says_what_to_do(client: Client, plan: Plan) -> None:
    order = make_order(plan, Status.PAYMENT_FAILED, priced_at=NOW)
    charge(order, "declined", outcome="stolen_card")
    page = page_of(client, order)
    assert "Your card did not go through $24.99 from Visa 4242, Mon 23 Nov, 2:00 am" in page
    assert "The bank refused this card. Another card works best." in page
    assert "Your ink is set aside until Mon 7 Dec. Your printer is not affected." in page
    assert page.count("The bank refused Visa 4242. Nothing was charged.") == 1
    assert "The card could not be charged." not in page
    assert "stolen" not in page


def test_it_says_why_it_was_ordered_and_where_it_goes(client: Client, plan: Plan) -> None:
    page = page_of(client, make_order(plan))
    assert "Why we ordered it Black was at 9\u00a0%, below this printer's mark of 15\u00a0%." in page
    assert "Where to Ana Ruiz12 Elm StreetPortland, OR 97201" in page
    assert "for Front desk" in page


def test_history_stands_newest_first_in_the_time_of_the_place(client: Client, plan: Plan) -> None:
    page = page_of(client, make_order(plan, Status.BACKORDERED))
    later = "Mon 23 Nov, 2:00 am Out of stock. It ships as soon as it is here; nothing is charged before."
    assert page.index(later) < page.index("Mon 23 Nov, 2:00 am Ordered.")


def test_help_asks_for_the_number(client: Client, plan: Plan) -> None:
    order = make_order(plan)
    assert f"Have this ready: order {order.display_number}." in page_of(client, order)


def test_names_people_typed_stay_text(client: Client, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(nickname="<script>alert(1)</script>")
    order = make_order(plan)
    for path in ("/account/", f"/account/orders/{order.number}/", f"/account/replenishment/{plan.pk}/"):
        assert "<script" not in client.get(path).content.decode()


def test_no_orders_is_said(client: Client) -> None:
    said = "No orders yet. The first one appears here when a cartridge runs low."
    assert said in text_of(client, "/account/orders/")


def test_orders_come_twenty_a_page(client: Client, plan: Plan) -> None:
    order = make_order(plan)
    orders = [OrderFactory.create(plan=plan, placed_at=NOW) for _ in range(20)]
    slot = order.lines.get().slot
    for each in orders:
        OrderLineFactory.create(order=each, slot=slot, sku=order.lines.get().sku)
    assert text_of(client, "/account/orders/").count("For Front desk, ordered") == 20
    assert text_of(client, "/account/orders/?page=2").count("For Front desk, ordered") == 1
    assert "Page 2 of 2" in text_of(client, "/account/orders/?page=99")
    assert "Page 1 of 2" in text_of(client, "/account/orders/?page=nonsense")


def test_a_long_order_names_two_and_counts_the_rest(client: Client, plan: Plan) -> None:
    order = make_order(plan)
    line = order.lines.get()
    for _ in range(3):
        OrderLine.objects.create(
            order=order, slot=line.slot, sku=line.sku, quoted_unit_price_cents=1, unit_price_cents=1
        )
    assert "Black, Black and 2 more For Front desk" in text_of(client, "/account/orders/")


def test_tax_has_its_own_line_with_state_and_rate(client: Client, plan: Plan) -> None:
    amounts: dict[str, Any] = {"quoted_total_cents": 2680, "tax_cents": 181, "tax_rate": Decimal("7.2500")}
    order = make_order(plan, Status.RELEASED, **amounts)
    tax = "Sales tax, OR 7.25\N{NO-BREAK SPACE}%"
    assert f"Black $24.99 Shipping $0.00 {tax} $1.81 Total $26.80 Charged when it ships" in page_of(client, order)
    assert "Front desk, $24.99 plus $1.81 tax, charged when it ships" in text_of(client, "/account/")
    assert "We wrote $26.80. You never pay more than that." in page_of(client, order)
