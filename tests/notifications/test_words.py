"""What the mails say: exact amounts, dates and sentences."""

from datetime import date, timedelta

import pytest

from enrollment import links
from enrollment.models import Address, Plan
from orders import lifecycle, patience, stock
from orders.models import Order, Price, Wait
from tests.factories.orders import PriceFactory
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World

CONFIRMATION = """\
We ordered Black for Front desk. It should arrive Fri 27 Nov - Thu 3 Dec.

Your card is charged when it ships, and never more than $24.99. We write again then, with the tracking number.

Changed your mind? You can cancel until it is packed, which may be any minute on a working day:
https://ink.example/mail/cancel/.../

See the order:
https://ink.example/mail/order/.../

Why we ordered it:
Black was at 9\N{NO-BREAK SPACE}%, below this printer's mark of 15\N{NO-BREAK SPACE}%. We ordered one on Mon 23 Nov.

Order {number}
  Black ({sku}): $24.99
  Sales tax: $0.00
  Shipping: $0.00
  Total: $24.99

It goes to:
  Ana Ruiz
  12 Elm Street
  Portland, OR 97201

--
Questions? Call 1-800-555-0100 (Monday to Friday, 9 am to 6 pm Eastern) or write to help@ars.example. \
Have order number {number} ready.
You get this mail because your printer Front desk is enrolled in ARS auto replenishment.
"""


def test_the_confirmation_in_full(world: World) -> None:
    order = world.order("PGBK")
    mail = shop.read_one()
    assert mail.subject == "Ordered: Black for Front desk, $24.99"
    said = shop.without_signatures(mail.text)
    assert said == CONFIRMATION.format(number=order.display_number, sku=world.sku("PGBK").code)


def test_two_lines_in_one_order(world: World) -> None:
    world.stock("C", 5)
    world.low("PGBK")
    world.low("C", level=3)
    (order,) = world.decide()
    mail = shop.read_one()
    assert mail.subject == "Ordered: Black and Cyan for Front desk, $43.98"
    assert "Cyan was at 3\N{NO-BREAK SPACE}%, below this printer's mark of 15\N{NO-BREAK SPACE}%." in mail.text
    assert order.quoted_total_cents == 4398


def test_a_day_to_change_ones_mind_ends_at_an_hour(world: World) -> None:
    Plan.objects.update(when_low=Plan.WhenLow.DAY_FIRST)
    world.order("PGBK")
    mail = shop.read_one()
    assert "You can cancel until Tue 24 Nov, 2:00 am:\nhttps://ink.example/mail/cancel/" in mail.text
    assert "It should arrive Mon 30 Nov - Fri 4 Dec." in mail.text


def test_an_order_listed_at_once_offers_no_hour(world: World) -> None:
    world.order("PGBK")
    assert "You can cancel until it is packed, which may be any minute" in shop.read_one().text


def test_a_backorder_says_what_waits_and_how_to_cancel(world: World) -> None:
    order = world.order("C")
    mail = shop.read_one()
    assert mail.subject == "Waiting for stock: Cyan for Front desk"
    assert (
        "We are out of Cyan for Front desk, so your order waits. There is no expected date yet. "
        "You have not been charged.\n" in mail.text
    )
    assert (
        "Rather not wait? Cancel it, and you pay nothing; or call 1-800-555-0100 (Monday to Friday, 9 am to 6 pm "
        f"Eastern) with order number {order.display_number}, and we do it.\n" in mail.text
    )
    assert "Keep waiting or cancel it:\nhttps://ink.example/mail/waiting/" in mail.text
    assert "Your card is charged only when it ships, and never more than $18.99." in mail.text


def test_a_backorder_with_a_date_says_it_and_asks_nothing(world: World) -> None:
    stock.expect(world.sku("C"), date(2026, 12, 12), NOW)
    world.order("C")
    text = shop.read_one().text
    assert "We are out of Cyan for Front desk, so your order waits. It is expected by Sat 12 Dec." in text
    assert "It ships as soon as it is in stock, and you need not do anything. Your card is charged only when" in text


def test_a_backorder_without_one_says_by_when_to_answer(world: World) -> None:
    world.order("C")
    assert (
        "Will you keep waiting? Tell us by Wed 23 Dec. Without a word from you we cancel it then, you pay nothing, and "
        "we order it again when it is in stock." in shop.read_one().text
    )


def test_an_order_that_was_put_back_says_so(world: World) -> None:
    world.order("PGBK")
    stock.count(world.sku(), 0, "", NOW)
    assert shop.read_one().text.startswith(
        "We were getting Black for Front desk ready, and not all of it is on our shelf after all. So your order waits."
    )


def test_another_date_is_told(world: World) -> None:
    order = world.order("C")
    stock.expect(world.sku("C"), date(2026, 12, 12), NOW)
    patience.look([order.pk], NOW)
    mail = shop.read_one()
    assert mail.subject == "Expected by Sat 12 Dec: Cyan for Front desk"
    assert mail.text.startswith("Cyan for Front desk is out of stock and now expected by Sat 12 Dec. You have not been")
    assert "Keep waiting or cancel it:\nhttps://ink.example/mail/waiting/" in mail.text


def test_a_date_that_is_gone_is_told(world: World) -> None:
    stock.expect(world.sku("C"), date(2026, 12, 12), NOW)
    order = world.order("C")
    stock.expect(world.sku("C"), None, NOW)
    patience.look([order.pk], NOW)
    assert shop.read_one().subject == "No date any more: Cyan for Front desk"


def test_what_ends_for_want_of_stock_says_that_it_comes_later(world: World) -> None:
    order = world.order("C")
    shop.read_steps()
    patience.look([order.pk], NOW)
    Wait.objects.update(answer_by=NOW)
    patience.look([order.pk], NOW)
    text = shop.read_one().text
    assert "We cancelled order" in text
    assert "we order it as soon as it is in stock again. You need not do anything." in text


def test_a_shipment_says_when_by_whom_and_what_it_cost(world: World) -> None:
    shop.ship(world, world.order("PGBK"))
    mail = shop.read_one()
    assert mail.subject == "On its way: arrives Fri 27 Nov - Thu 3 Dec"
    assert "\nUPS tracking number: 1Z999AA10123456784\n" in mail.text
    assert "\nhttps://www.ups.com/track?tracknum=1Z999AA10123456784\n" in mail.text
    assert "\nWe charged $24.99 to Visa 4242.\n" in mail.text
    assert "Not there by Thu 3 Dec? Say so on the order's page" in mail.text


def test_every_parcel_is_named_once(world: World) -> None:
    shop.ship(world, world.order("PGBK"), parcels=[shop.PARCEL, {"carrier": "Acme", "tracking_number": "77"}])
    text = shop.read_one().text
    assert text.count("tracking number:") == 2
    assert "\nAcme tracking number: 77\nThe carrier may not show it until tomorrow.\n" in text


def test_a_price_that_fell_is_told(world: World) -> None:
    order = world.order("PGBK")
    PriceFactory.create(sku=world.sku("PGBK"), amount_cents=2299, valid_from=NOW + timedelta(hours=1))
    shop.ship(world, order, NOW + timedelta(hours=2))
    text = shop.read_steps(NOW + timedelta(hours=2))[-1].text
    assert "We charged $22.99 to Visa 4242. You pay $2.00 less than we wrote: the price fell before shipping.\n" in text
    assert "  Total: $22.99\n" in text


def test_a_shipment_without_a_charge_says_why(world: World) -> None:
    shop.waive(world, world.order("PGBK"), "Nothing to pay.")
    text = shop.read_one().text
    assert "\nNothing to pay.\n" in text
    assert "We charged" not in text


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("insufficient_funds", "The bank said there was not enough available."),
        ("expired_card", "The bank did not accept the number or date."),
        ("stolen_card", "The bank refused this card. Another card works best."),
    ],
)
def test_a_decline_says_what_it_means(world: World, code: str, sentence: str) -> None:
    shop.decline(world, world.order("PGBK"), code)
    mail = shop.read_one()
    assert mail.subject == "Your card did not go through: ink set aside until Mon 7 Dec"
    assert mail.text.startswith(
        f"We tried to charge $24.99 to Visa 4242 for Black for Front desk, and it did not go through. {sentence} "
        "Nothing was charged.\n"
    )
    assert "\nYour ink is set aside until Mon 7 Dec. Your printer is not affected: it keeps printing.\n" in mail.text


def test_a_decline_leads_to_where_it_is_paid_without_signing_in(world: World) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "insufficient_funds")
    mail = shop.read_one()
    signed = mail.text.partition("https://ink.example/pay/")[2].partition("/")[0]
    assert links.read(links.PAY, signed) == order.pk
    assert f"https://ink.example/pay/{signed}/" in mail.html


def test_a_bank_that_asks_is_answered_without_signing_in(world: World) -> None:
    order = world.order("PGBK")
    shop.decline(world, order, "authentication_required")
    mail = shop.read_one()
    assert mail.subject == "Confirm $24.99 for Black: your bank asks you"
    assert mail.text.startswith(
        "We tried to charge $24.99 to Visa 4242 for Black for Front desk. The bank asks you to confirm this payment "
        "yourself. Nothing was charged.\n"
    )
    signed = mail.text.partition("https://ink.example/pay/")[2].partition("/")[0]
    assert links.read(links.PAY, signed) == order.pk
    assert "\nYour ink is set aside until Mon 7 Dec. Your printer is not affected: it keeps printing.\n" in mail.text


def test_fourteen_days_count_from_the_first_decline(world: World) -> None:
    order, later = world.order("PGBK"), NOW + timedelta(days=3)
    shop.decline(world, order, "insufficient_funds")
    order.refresh_from_db()
    lifecycle.move(order, Order.Status.PACKED, now=later, by="billing")
    lifecycle.hold(order.pk, later, "Stripe", "Visa 4242 was not charged.")
    assert shop.read_steps(later)[-1].subject.endswith("ink set aside until Mon 7 Dec")


def test_a_missing_card_is_asked_for(world: World) -> None:
    Plan.objects.update(payable_since=None)
    world.order("PGBK")
    mail = shop.read_one()
    assert mail.subject == "We need a card: ink set aside until Mon 7 Dec"
    assert mail.text.startswith(
        "There is no card we can charge for Front desk, so Black cannot be sent yet. Nothing was charged.\n"
    )


def test_names_with_line_breaks_stay_on_their_line(world: World) -> None:
    Plan.objects.update(nickname="Desk\r\nBcc: x@y.z")
    Address.objects.update(full_name="Ana\n\nWe charged $0.00")
    world.order("PGBK")
    mail = shop.read_one()
    assert mail.subject == "Ordered: Black for Desk Bcc: x@y.z, $24.99"
    assert "\n  Ana We charged $0.00\n  12 Elm Street\n" in mail.text


def test_text_is_not_escaped_and_html_is(world: World) -> None:
    Plan.objects.update(nickname="Bo's <b>desk</b> & co")
    world.order("PGBK")
    mail = shop.read_one()
    assert mail.subject == "Ordered: Black for Bo's <b>desk</b> & co, $24.99"
    assert "for Bo's <b>desk</b> & co. It should" in mail.text
    assert "Bo&#x27;s &lt;b&gt;desk&lt;/b&gt; &amp; co" in mail.html


def test_prices_are_those_of_the_quote_even_if_the_list_has_changed(world: World) -> None:
    world.order("PGBK")
    Price.objects.update(amount_cents=1)
    assert "  Total: $24.99\n" in shop.read_one().text
