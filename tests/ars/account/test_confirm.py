"""Confirming a payment with one's bank: what the page says, what its script is told, and what comes of it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from billing import cards, charging, confirming
from billing.models import Charge, PlanCard
from enrollment import links
from enrollment.models import Plan
from orders.models import Order
from tests.ars.account.conftest import charge, chargeable, make_order, posted, text_of
from tests.ars.account.test_pay import known_to, link, standing
from tests.billing.parcels import ASKING, entered
from tests.factories import NOW, PlanFactory, StockItemFactory, UserFactory
from tests.standin.shop import Shop

ASKED = ["needs_authentication"]


@pytest.fixture
def shop(standin: Any) -> Shop:
    return Shop(standin.url)


@pytest.fixture
def stranger(db: None) -> Client:
    """Whoever holds the mail."""
    return Client()


@pytest.fixture
def order(plan: Plan) -> Order:
    """Packed; then the bank of Visa 4242 asked for its owner's word."""
    order = make_order(plan, "payment_failed", priced_at=NOW)
    charge(order, "needs_authentication", outcome="authentication_required")
    chargeable(plan.user)
    return order


@pytest.fixture
def at_stripe(order: Order, shop: Shop) -> Order:
    """The same, its card known to the card service."""
    known_to(order.user, shop)
    card = cards.save_card(order.user, ASKING)
    Charge.objects.update(card=card)
    PlanCard.objects.update(card=card)
    StockItemFactory.create(sku=order.lines.get().sku, reserved=1)
    return order


def secret(client: Client, order: Order) -> dict[str, Any]:
    told: dict[str, Any] = client.post(f"{link(order)}confirm/secret/").json()
    return told


def html_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_it_says_who_asks_for_how_much_and_offers_another_card_too(stranger: Client, order: Order) -> None:
    page = text_of(stranger, link(order))
    assert "Confirm your payment" in page
    assert "The bank asks you to confirm this payment yourself. Another card may work at once." in page
    assert "Your ink is set aside until Mon 7 Dec. Your printer is not affected." in page
    assert page.index("Confirm $24.99 with Visa 4242") < page.index("Pay $24.99 with this card")
    assert "Try Visa 4242 again" not in page


def test_one_button_is_filled_and_it_confirms(stranger: Client, order: Order) -> None:
    page = html_of(stranger, link(order))
    assert page.count('<button type="submit" hidden>Confirm $24.99 with Visa 4242</button>') == 1
    assert '<button type="submit" class="outline">Pay $24.99 with this card</button>' in page
    assert "Confirming needs JavaScript, which does not run here." in page


def test_the_orders_own_page_has_the_same(client: Client, order: Order) -> None:
    page = html_of(client, f"/account/orders/{order.number}/")
    assert "Confirm $24.99 with Visa 4242" in page
    assert f'data-secret="/account/orders/{order.display_number}/confirm/secret/"' in page


def test_the_script_is_told_what_to_confirm_and_twice_the_same(stranger: Client, at_stripe: Order, shop: Shop) -> None:
    told = secret(stranger, at_stripe)
    assert secret(stranger, at_stripe) == told
    own = at_stripe.charges.get(attempt=2)
    assert (told["attempt"], told["client_secret"].partition("_secret_")[0]) == (2, own.payment_intent_id)
    assert standing(at_stripe) == ("packed", [*ASKED, "pending"])
    assert shop.paid() == []


def test_while_the_question_is_open_it_may_be_confirmed_again_or_paid_another_way(
    stranger: Client, at_stripe: Order
) -> None:
    secret(stranger, at_stripe)
    page = text_of(stranger, link(at_stripe))
    assert "Your bank has not told us yet that you confirmed $24.99 from Visa 3155." in page
    assert "Confirm $24.99 with Visa 3155 Pay another way" in page
    assert "with this card" not in page
    assert "data-look-every" not in html_of(stranger, link(at_stripe))


def test_back_from_the_bank_the_page_waits_for_its_answer_and_tells_it(
    stranger: Client, at_stripe: Order, shop: Shop
) -> None:
    told = secret(stranger, at_stripe)
    shop.answer(told["client_secret"])
    for _ in range(2):
        page = posted(stranger, f"{link(at_stripe)}confirm/", {"attempt": "2"})
        assert "Asking your bank" in page
    charging.advance(at_stripe.charges.get(attempt=2).pk, NOW)
    assert "Paid: $24.99, Visa 3155" in text_of(stranger, link(at_stripe))
    assert standing(at_stripe) == ("shipped", [*ASKED, "paid"])
    assert len(shop.paid()) == 1


def test_a_no_is_told_and_may_be_answered_again(stranger: Client, at_stripe: Order, shop: Shop) -> None:
    shop.answer(secret(stranger, at_stripe)["client_secret"], yes=False)
    posted(stranger, f"{link(at_stripe)}confirm/", {"attempt": "2"})
    charging.advance(at_stripe.charges.get(attempt=2).pk, NOW)
    page = text_of(stranger, link(at_stripe))
    said = "Your bank's question was not answered, so nothing was charged."
    assert f"{said} Try again when you have your phone at hand." in page
    assert "Confirm $24.99 with Visa 3155" in page
    assert standing(at_stripe) == ("payment_failed", [*ASKED, *ASKED])


def test_another_way_calls_it_off_and_offers_every_way(stranger: Client, at_stripe: Order, shop: Shop) -> None:
    secret(stranger, at_stripe)
    posted(stranger, f"{link(at_stripe)}confirm/", {"attempt": "2"})
    charging.advance(at_stripe.charges.get(attempt=2).pk, NOW)
    sent = {"setup_intent": entered(at_stripe.user, shop)}
    assert "Asking your bank" in posted(stranger, link(at_stripe), sent)
    assert standing(at_stripe) == ("packed", [*ASKED, *ASKED, "pending"])
    assert shop.paid() == []


@pytest.mark.parametrize("attempt", ["", "0", "1", "3", "-2", "second", "२", "2" * 5000])
def test_a_word_about_another_attempt_changes_nothing(stranger: Client, at_stripe: Order, attempt: str) -> None:
    secret(stranger, at_stripe)
    posted(stranger, f"{link(at_stripe)}confirm/", {"attempt": attempt})
    assert at_stripe.charges.get(attempt=2).answered_at is None


def test_after_twenty_seconds_it_does_not_know(stranger: Client, order: Order) -> None:
    own = confirming.take_up(order.pk, NOW)
    assert own is not None
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert "Asking your bank" in posted(stranger, f"{link(order)}confirm/", {"attempt": "2"})
    with time_machine.travel(NOW + timedelta(minutes=5, seconds=20), tick=False):
        assert "We do not know yet whether this went through." in text_of(stranger, link(order))


def test_looking_confirms_nothing(stranger: Client, order: Order) -> None:
    stranger.get(link(order))
    stranger.get(f"{link(order)}confirm/")
    assert stranger.get(f"{link(order)}confirm/secret/").status_code == 405
    assert standing(order) == ("payment_failed", ASKED)


@pytest.mark.usefixtures("shop")
def test_what_was_declined_is_not_confirmed(stranger: Client, order: Order) -> None:
    Charge.objects.update(status="declined", outcome="insufficient_funds")
    answer = stranger.post(f"{link(order)}confirm/secret/")
    assert (answer.status_code, "client_secret" in answer.json()) == (409, False)
    assert standing(order) == ("payment_failed", ["declined"])
    assert "Confirm $24.99" not in text_of(stranger, link(order))


def test_a_card_service_that_is_away_is_said_and_nothing_lost(stranger: Client, at_stripe: Order, standin: Any) -> None:
    standin.fault("POST /v1/payment_intents", "503", times=2)
    answer = stranger.post(f"{link(at_stripe)}confirm/secret/")
    assert answer.status_code == 503
    assert answer.json()["sentence"].startswith("We cannot reach the card service right now.")
    assert secret(stranger, at_stripe)["attempt"] == 2


def test_nobody_asks_for_secrets_all_day(stranger: Client, at_stripe: Order) -> None:
    answers = [stranger.post(f"{link(at_stripe)}confirm/secret/") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].json()["sentence"].startswith("That was many tries in a short time.")
    assert at_stripe.charges.count() == 2


@pytest.mark.parametrize("below", ["confirm/", "confirm/secret/"])
def test_somebody_elses_order_is_not_there(order: Order, below: str) -> None:
    other = Client()
    other.force_login(UserFactory.create())
    assert other.post(f"/account/orders/{order.number}/{below}", {"attempt": "1"}).status_code == 404
    for signed in ("forged", links.sign("welcome", order.pk)):
        assert other.post(f"/pay/{signed}/{below}").status_code == 404
    assert standing(order) == ("payment_failed", ASKED)


def test_the_overview_asks_for_it_after_a_refused_card(client: Client, plan: Plan, order: Order) -> None:
    other = PlanFactory.create(user=plan.user, model=plan.model, nickname="Studio")
    refused = make_order(other, "payment_failed", priced_at=NOW)
    charge(refused, "declined", outcome="insufficient_funds")
    page = text_of(client, "/account/")
    asks = "Your bank asks you to confirm $24.99: Black for Front desk is set aside until Mon 7 Dec. Confirm payment"
    assert page.index("Your card did not go through: Black for Studio") < page.index(asks)
    assert f'href="/account/orders/{order.display_number}/">Confirm payment' in html_of(client, "/account/")


def test_the_overview_asks_for_it_while_the_question_is_open(client: Client, order: Order) -> None:
    own = confirming.take_up(order.pk, NOW)
    assert own is not None
    assert "Your bank asks you to confirm $24.99" in text_of(client, "/account/")
    confirming.answered(order.pk, 2, NOW)
    assert "Needs you" not in text_of(client, "/account/")
