"""What the mails say of tax and of receipts."""

from decimal import Decimal

from enrollment.models import Closure
from orders import stock, wishes
from tests.factories.orders import TaxRateFactory
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World


def test_tax_is_said_beside_the_price_and_within_the_most_it_costs(world: World) -> None:
    TaxRateFactory.create()
    order = world.order("PGBK")
    mail = shop.read_one()
    assert mail.subject == "Ordered: Black for Front desk, $24.99 plus $1.81 tax"
    assert "Your card is charged $24.99 plus $1.81 tax when it ships, and never more than $26.80. We" in mail.text
    assert "  Sales tax: $1.81\n  Shipping: $0.00\n  Total: $26.80\n" in mail.text
    TaxRateFactory.create(percent=Decimal("4.5"), valid_from=NOW.date())
    shop.ship(world, order)
    text = shop.read_one().text
    assert "We charged $26.11 to Visa 4242. You pay $0.69 less than we wrote: less sales tax is due." in text
    assert "  Sales tax, OR 4.5\N{NO-BREAK SPACE}%: $1.12\n  Shipping: $0.00\n  Total: $26.11\n" in text


def test_what_ships_is_told_with_its_receipt(world: World) -> None:
    order = world.order("PGBK")
    shop.ship(world, order)
    mail = shop.read_one()
    receipt = f"https://ink.example/account/orders/{order.display_number}/receipt/"
    assert f"Your receipt, {order.charges.get().receipt_number}, to print:\n{receipt}\n" in mail.text
    assert f'href="{receipt}"' in mail.html


def test_a_deleted_account_is_told_the_number_alone(world: World) -> None:
    order = world.order("PGBK")
    shop.ship(world, order)
    Closure.objects.create(user=order.user, email="ana@example.com", at=NOW)
    text = shop.read_one().text
    assert f"Your receipt is {order.charges.get().receipt_number}.\n" in text
    assert "/receipt/" not in text


def test_a_backorder_that_moved_says_the_most_it_costs_there(world: World) -> None:
    TaxRateFactory.create(state="TX", percent=Decimal("8.25"))
    order = world.order("PGBK")
    wishes.readdress(world.plan, order.ship_to | {"state": "TX"}, NOW)
    stock.count(world.sku(), 0, "", NOW)
    text = shop.read_one().text
    assert "never more than $27.05." in text
    assert "  Sales tax: $2.06\n" in text
