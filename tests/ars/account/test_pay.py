"""Paying for what waits: by the mail's link without signing in, and from the order's page; what is said, when."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from billing.models import Card, Charge, PlanCard
from enrollment import links
from enrollment.models import Plan, User
from notifications.models import Message
from orders.models import Order, OrderEvent
from tests.ars.account.conftest import card_of, charge, chargeable, make_order, posted, text_of
from tests.billing.parcels import entered
from tests.factories import NOW, StockItemFactory
from tests.standin.shop import Shop


@pytest.fixture
def shop(standin: Any) -> Shop:
    return Shop(standin.url)


@pytest.fixture
def stranger(db: None) -> Client:
    """Whoever holds the mail."""
    return Client()


@pytest.fixture
def failed(plan: Plan) -> Order:
    """Packed; then there was not enough on Visa 4242."""
    order = make_order(plan, "payment_failed", priced_at=NOW)
    charge(order, "declined", outcome="insufficient_funds", advice="try_again_later")
    chargeable(plan.user)
    return order


def link(order: Order) -> str:
    return f"/pay/{links.sign(links.PAY, order.pk)}/"


def standing(order: Order) -> tuple[str, list[str]]:
    order.refresh_from_db()
    return order.status, list(order.charges.order_by("attempt").values_list("status", flat=True))


def attempt(order: Order, status: str, number: int = 2, **fields: Any) -> Charge:
    """The next attempt, to the other card."""
    told: dict[str, Any] = {"dispatch": order.charges.get(attempt=1).dispatch, "card": chargeable(order.user)}
    told |= {"amount_cents": order.total_cents, "currency": "usd", "created_at": NOW, "settled_at": NOW}
    return Charge.objects.create(order=order, attempt=number, status=status, **told | fields)


def test_it_says_what_why_and_until_when_and_nothing_else(stranger: Client, failed: Order) -> None:
    other = make_order(failed.plan, "shipped", days_ago=3, shipped_at=NOW, priced_at=NOW)
    page = text_of(stranger, link(failed))
    assert "Your card did not go through" in page
    assert f"Order {failed.display_number}: Black Amount $24.99 Card Visa 4242, Mon 23 Nov, 2:00 am" in page
    assert "The bank said there was not enough available." in page
    assert "Your ink is set aside until Mon 7 Dec. Your printer is not affected." in page
    assert "Pay $24.99 with this card Try Visa 4242 again Cancel this order" in page
    for hidden in ("Elm Street", "Ana Ruiz", failed.user.email, other.display_number):
        assert hidden not in page


@pytest.mark.parametrize(
    ("outcome", "advice", "said", "again"),
    [
        ("insufficient_funds", "try_again_later", "The bank said there was not enough available.", True),
        ("expired_card", "confirm_card_data", "The bank did not accept the number or date.", False),
        ("stolen_card", "do_not_try_again", "The bank refused this card. Another card works best.", False),
    ],
)
def test_each_class_has_its_words_and_only_soft_ones_their_second_try(
    stranger: Client, failed: Order, outcome: str, advice: str, said: str, again: bool
) -> None:
    Charge.objects.update(outcome=outcome, advice=advice)
    page = text_of(stranger, link(failed))
    assert said in page
    assert ("Try Visa 4242 again" in page) is again
    assert "stolen" not in page


def test_a_bank_that_asks_is_said_and_another_card_offered(stranger: Client, failed: Order) -> None:
    Charge.objects.update(status="needs_authentication", outcome="authentication_required")
    page = text_of(stranger, link(failed))
    assert "The bank asks you to confirm this payment yourself. Another card may work at once." in page
    assert "Try Visa 4242 again" not in page


def test_looking_changes_nothing(stranger: Client, failed: Order) -> None:
    for below in ("", "again/", "cancel/", "card/"):
        stranger.get(link(failed) + below)
    assert standing(failed) == ("payment_failed", ["declined"])
    assert not Message.objects.exists()


def test_a_new_card_is_kept_charged_and_pays_from_now_on(stranger: Client, failed: Order, shop: Shop) -> None:
    known_to(failed.user, shop)
    sent = {"setup_intent": entered(failed.user, shop, "pm_card_mastercard")}
    page = posted(stranger, link(failed), sent)
    assert "Asking your bank" in page
    assert "We asked for $24.99 from Mastercard 4444." in page
    assert standing(failed) == ("packed", ["declined", "pending"])
    assert str(PlanCard.objects.get(plan=failed.plan).card) == "Mastercard 4444"
    assert posted(stranger, link(failed), sent) == page
    assert standing(failed) == ("packed", ["declined", "pending"])


def known_to(user: User, shop: Shop) -> None:
    """At the card service too."""
    user.stripe_customer.stripe_id = shop.customer
    user.stripe_customer.save(update_fields=["stripe_id"])


def test_without_a_card_nothing_is_charged(stranger: Client, failed: Order) -> None:
    assert "No card was entered" in posted(stranger, link(failed))
    assert standing(failed) == ("payment_failed", ["declined"])


def test_the_same_card_is_tried_again_once_a_press(stranger: Client, failed: Order) -> None:
    for _ in range(2):
        assert "Asking your bank" in posted(stranger, f"{link(failed)}again/", {"attempt": "1"})
    assert standing(failed) == ("packed", ["declined", "pending"])


@pytest.mark.parametrize("attempt", ["", "0", "2", "-1", "first", "१", "1" * 5000])
def test_a_try_after_another_attempt_is_none(stranger: Client, failed: Order, attempt: str) -> None:
    posted(stranger, f"{link(failed)}again/", {"attempt": attempt})
    assert standing(failed) == ("payment_failed", ["declined"])


def test_a_card_refused_too_is_said(stranger: Client, failed: Order) -> None:
    attempt(failed, "declined", outcome="generic_decline")
    page = text_of(stranger, link(failed))
    assert "This card was refused too. Nothing was charged. The bank refused this card." in page
    assert "Visa 1881" in page


def test_the_page_waits_twenty_seconds_and_then_says_that_it_does_not_know(stranger: Client, failed: Order) -> None:
    posted(stranger, f"{link(failed)}again/", {"attempt": "1"})
    page = stranger.get(link(failed)).content.decode()
    assert 'data-look-every="2"' in page
    assert '<meta http-equiv="refresh" content="2">' in page
    with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
        page = text_of(stranger, link(failed))
    assert (
        "We do not know yet whether this went through. Please do not pay twice; we write to you within the hour."
        in page
    )
    assert "Pay $24.99" not in page


def test_a_payment_is_told_as_news_and_later_as_the_past(stranger: Client, failed: Order) -> None:
    attempt(failed, "paid")
    Order.objects.update(status="shipped", shipped_at=NOW)
    page = text_of(stranger, link(failed))
    assert "Paid: $24.99, Visa 1881" in page
    assert "Your parcel leaves today or on the next working day." in page
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        page = text_of(stranger, link(failed))
    assert "Nothing to pay" in page
    assert "This order was paid on Mon 23 Nov." in page


def test_a_card_sent_for_what_is_paid_is_not_even_looked_at(stranger: Client, failed: Order) -> None:
    Order.objects.update(status="shipped", shipped_at=NOW)
    posted(stranger, link(failed), {"setup_intent": "seti_1"})
    assert standing(failed) == ("shipped", ["declined"])


def test_it_is_cancelled_by_link_after_one_more_question(stranger: Client, failed: Order) -> None:
    StockItemFactory.create(sku=failed.lines.get().sku)
    assert f"Cancel order {failed.display_number}?" in text_of(stranger, f"{link(failed)}cancel/")
    for _ in range(2):
        page = posted(stranger, f"{link(failed)}cancel/")
        assert "This order has ended" in page
        assert "The ink was put back and nothing was charged." in page
    assert OrderEvent.objects.filter(order=failed, status="cancelled").count() == 1


def test_what_is_being_charged_is_not_cancelled(stranger: Client, failed: Order) -> None:
    posted(stranger, f"{link(failed)}again/", {"attempt": "1"})
    assert "Asking your bank" in posted(stranger, f"{link(failed)}cancel/")
    assert standing(failed) == ("packed", ["declined", "pending"])


def test_an_order_never_packed_asks_for_a_first_card(stranger: Client, plan: Plan, shop: Shop) -> None:
    Plan.objects.filter(pk=plan.pk).update(payable_since=None)
    PlanCard.objects.all().delete()
    order = make_order(plan, "payment_failed")
    page = text_of(stranger, link(order))
    assert "There is no card for this printer" in page
    assert "Use this card Cancel this order" in page
    page = posted(stranger, link(order), {"setup_intent": entered(plan.user, shop)})
    assert "A card is named for this printer. It is charged when your ink ships, not before." in page
    assert not Charge.objects.exists()


@pytest.mark.parametrize("below", ["", "again/", "cancel/"])
def test_a_forged_link_leads_nowhere(stranger: Client, failed: Order, below: str) -> None:
    for signed in ("forged", links.sign("welcome", failed.pk), links.sign(links.PAY, 999_999)):
        assert stranger.get(f"/pay/{signed}/{below}").status_code == 404
        assert stranger.post(f"/pay/{signed}/{below}").status_code == 404
    assert stranger.post("/pay/forged/card/").status_code == 404
    assert standing(failed) == ("payment_failed", ["declined"])


def test_a_link_too_old_is_renewed_by_mail_once_an_hour(stranger: Client, failed: Order) -> None:
    old = link(failed)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        for _ in range(2):
            answer = stranger.get(old)
            assert answer.status_code == 410
            assert f"We just sent a new one to {failed.user.email[0]}...@example.com." in answer.content.decode()
        mail = Message.objects.get()
        assert (mail.kind, mail.to) == ("pay_link", failed.user.email)
        path = mail.text.partition("/pay/")[2].partition("/")[0]
        assert "Your card did not go through" in text_of(stranger, f"/pay/{path}/")


def test_an_old_link_of_what_is_paid_sends_nothing(stranger: Client, failed: Order) -> None:
    old = link(failed)
    Order.objects.update(status="shipped", shipped_at=NOW)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        answer = stranger.post(old, {"setup_intent": "seti_1"})
    assert answer.status_code == 410
    assert "Its order does not wait for a payment any more." in answer.content.decode()
    assert not Message.objects.exists()


def test_the_script_gets_a_secret_for_the_orders_owner(stranger: Client, failed: Order, shop: Shop) -> None:
    known_to(failed.user, shop)
    secret = stranger.post(f"{link(failed)}card/").json()["client_secret"]
    assert shop.sdk.setup_intents.retrieve(secret.partition("_secret_")[0]).customer == shop.customer


def test_the_orders_page_has_the_same_and_goes_on_there(client: Client, failed: Order) -> None:
    page = client.get(f"/account/orders/{failed.number}/").content.decode()
    assert "Pay $24.99 with this card" in page
    assert 'data-setup="/account/card/"' in page
    page = posted(client, f"/account/orders/{failed.number}/try-again/", {"attempt": "1"})
    assert "Asking your bank" in page
    assert standing(failed) == ("packed", ["declined", "pending"])


def test_an_ordinary_packed_order_asks_nothing(client: Client, plan: Plan) -> None:
    order = make_order(plan, "packed", priced_at=NOW, updated_at=NOW)
    charge(order, "pending")
    page = text_of(client, f"/account/orders/{order.number}/")
    assert "Packed. We are charging Visa 4242." in page
    assert "Asking your bank" not in page


def test_the_overview_leads_to_where_a_card_is_named(client: Client, ana: User, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(payable_since=None)
    assert (
        f'href="/account/replenishment/{plan.pk}/payment-method/">Name a card'
        in client.get("/account/").content.decode()
    )
    assert Card.objects.get() == card_of(ana)
