"""Payment Method, Edit, Save (promise P14): a saved card or another one, and to which open orders it applies."""

import re
from typing import Any

import pytest
from django.test import Client

from billing.models import Card, Charge, PlanCard
from enrollment.models import Plan, User
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from orders.models import Order
from tests.ars.account.conftest import card_of, charge, chargeable, make_order, posted, text_of
from tests.billing.parcels import entered
from tests.factories import NOW, PlanFactory, UserFactory
from tests.standin.shop import Shop


@pytest.fixture
def shop(standin: Any) -> Shop:
    return Shop(standin.url)


def path(plan: Plan) -> str:
    return f"/account/replenishment/{plan.pk}/payment-method/"


def pays(plan: Plan) -> str:
    return str(PlanCard.objects.get(plan=plan).card)


def test_it_stands_beside_payment_method_on_the_plans_page(client: Client, plan: Plan) -> None:
    assert f'href="{path(plan)}"' in client.get(f"/account/replenishment/{plan.pk}/").content.decode()


def checked(client: Client, plan: Plan) -> str:
    """The choice that is made already."""
    page = client.get(path(plan)).content.decode()
    (radio,) = re.findall(r'<input type="radio"[^>]* checked[^>]*>', page)
    return str(re.findall(r'value="(\w+)"', radio)[0])


def test_the_form_shows_each_saved_card_and_says_which_has_expired(client: Client, ana: User, plan: Plan) -> None:
    Card.objects.create(user=ana, stripe_id="pm_old", brand="visa", last4="0341", exp_month=10, exp_year=2026)
    Card.objects.create(
        user=ana, stripe_id="pm_gone", brand="visa", last4="9999", exp_month=1, exp_year=2030, removed_at=NOW
    )
    page = text_of(client, path(plan))
    assert "Visa 4242, expires 08/2028" in page
    assert "Visa 0341, expired 10/2026" in page
    assert "9999" not in page
    assert checked(client, plan) == str(card_of(ana).pk)


def test_a_second_printer_begins_with_a_card_of_the_first(client: Client, ana: User, plan: Plan) -> None:
    Card.objects.create(user=ana, stripe_id="pm_old", brand="visa", last4="0341", exp_month=10, exp_year=2026)
    second = PlanFactory.create(user=ana, pending=True)
    assert posted(client, path(second), {"card": checked(client, second)})
    assert pays(second) == "Visa 4242"


def test_a_saved_card_pays_from_now_on(client: Client, ana: User, plan: Plan) -> None:
    card = chargeable(ana)
    page = posted(client, path(plan), {"card": card.pk})
    assert "Saved. Visa 1881 pays for Front desk from now on." in page
    assert "Visa 1881, charged when ink ships" in page
    assert pays(plan) == "Visa 1881"


def test_sent_twice_it_is_done_once_and_told_again(client: Client, ana: User, plan: Plan) -> None:
    sent = {"card": chargeable(ana).pk}
    assert posted(client, path(plan), sent) == posted(client, path(plan), sent)
    assert plan.events.count() == 1


def test_it_says_what_becomes_of_each_order_under_way(client: Client, ana: User, plan: Plan) -> None:
    card = chargeable(ana)
    waiting, failed = make_order(plan, "released", days_ago=2), make_order(plan, "payment_failed", priced_at=NOW)
    charge(failed, "declined", outcome="insufficient_funds")
    page = posted(client, path(plan), {"card": card.pk})
    assert f"Order {waiting.display_number} is charged to it when it ships." in page
    assert f"Order {failed.display_number} is being charged to it now." in page
    assert Charge.objects.get(order=failed, attempt=2).card == card


def test_what_is_being_charged_to_the_old_card_goes_on(client: Client, ana: User, plan: Plan) -> None:
    packed = make_order(plan, "packed", priced_at=NOW)
    charge(packed, "pending")
    page = posted(client, path(plan), {"card": chargeable(ana).pk})
    assert f"Order {packed.display_number} is packed and is being charged to Visa 4242." in page
    assert Charge.objects.count() == 1


def test_what_waited_unpacked_for_a_card_is_packed(client: Client, ana: User, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(payable_since=None)
    order = make_order(plan, "payment_failed")
    page = posted(client, path(plan), {"card": card_of(ana).pk})
    assert f"Order {order.display_number} waited for a card: we pack it, and charge it when it ships." in page
    plan.refresh_from_db()
    assert (plan.payable_since, plan.due_at) == (NOW, NOW)


def test_one_card_for_all_printers(client: Client, ana: User, plan: Plan) -> None:
    studio = PlanFactory.create(user=ana, nickname="Studio")
    page = posted(client, path(plan), {"card": chargeable(ana).pk, "everywhere": "on"})
    assert "Saved. Visa 1881 pays for all your printers from now on." in page
    assert (pays(plan), pays(studio)) == ("Visa 1881", "Visa 1881")


def test_a_card_just_typed_is_kept_once(client: Client, ana: User, plan: Plan, shop: Shop) -> None:
    sent = {"card": "new", "setup_intent": entered(ana, shop, "pm_card_mastercard")}
    assert posted(client, path(plan), sent) == posted(client, path(plan), sent)
    assert pays(plan) == "Mastercard 4444"
    assert Card.objects.filter(user=ana).count() == 2


def test_somebody_elses_entry_changes_nothing(client: Client, plan: Plan, shop: Shop) -> None:
    theirs = entered(UserFactory.create(), shop)
    page = posted(client, path(plan), {"card": "new", "setup_intent": theirs})
    assert "The bank refused this card. Another card works best." in page
    assert theirs not in page  # so that the next one typed is not held up by it
    assert (pays(plan), Card.objects.count()) == ("Visa 4242", 1)


def test_a_service_that_is_away_keeps_what_was_entered(
    client: Client, ana: User, plan: Plan, shop: Shop, standin: Any
) -> None:
    name = entered(ana, shop)
    standin.fault("GET /v1/setup_intents/*", "503", times=2)
    answer = client.post(path(plan), {"card": "new", "setup_intent": name})
    assert "We cannot reach the card service right now." in answer.content.decode()
    assert f'value="{name}"' in answer.content.decode()
    assert Card.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose one of these cards."),
        ({"card": "99999"}, "Choose one of these cards."),
        ({"card": "new"}, "No card was entered, so nothing was changed and nothing was charged."),
    ],
)
def test_what_names_no_card_is_said(client: Client, plan: Plan, sent: dict[str, str], said: str) -> None:
    assert said in posted(client, path(plan), sent)
    assert pays(plan) == "Visa 4242"


def test_an_expired_card_cannot_be_chosen(client: Client, ana: User, plan: Plan) -> None:
    old = Card.objects.create(user=ana, stripe_id="pm_old", brand="visa", last4="0341", exp_month=10, exp_year=2026)
    assert "This card has expired. Choose another one." in posted(client, path(plan), {"card": old.pk})
    assert pays(plan) == "Visa 4242"


def test_somebody_elses_card_is_none_to_choose(client: Client, plan: Plan) -> None:
    assert "Choose one of these cards." in posted(client, path(plan), {"card": card_of(UserFactory.create()).pk})
    assert pays(plan) == "Visa 4242"


def test_an_ended_plan_shows_its_own_page(client: Client, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(status="cancelled", ended_at=NOW)
    assert client.get(path(plan)).headers["Location"] == f"/account/replenishment/{plan.pk}/"
    assert "This plan has ended, so it cannot be changed." in posted(client, path(plan), {"card": "new"})


def test_another_card_is_told_by_mail_once(client: Client, ana: User, plan: Plan) -> None:
    studio = PlanFactory.create(user=ana, nickname="Studio")
    PlanCard.objects.create(plan=studio, card=card_of(ana))
    posted(client, path(plan), {"card": chargeable(ana).pk, "everywhere": "on"})
    sweep_plan_events()
    mail = Message.objects.get()
    assert (mail.kind, mail.subject) == ("card_changed", "Another card pays for your printers")
    assert "you told us to charge Visa 1881 from now on. It pays for: Front desk, Studio." in mail.text
    assert "Was it not you? Call us at" in mail.text


def test_a_first_card_is_no_news(client: Client, ana: User, plan: Plan) -> None:
    PlanCard.objects.all().delete()
    posted(client, path(plan), {"card": chargeable(ana).pk})
    assert plan.events.count() == 0


def test_the_page_lets_in_the_card_services_hosts_and_no_other_page_does(
    client: Client, plan: Plan, settings: Any
) -> None:
    settings.STRIPE_API_BASE = ""
    allowed = client.get(path(plan)).headers["Content-Security-Policy"]
    for part in (
        "script-src 'self' https://js.stripe.com",
        "frame-src https://js.stripe.com https://hooks.stripe.com",
        "connect-src 'self' https://api.stripe.com",
    ):
        assert part in allowed
    assert '<script src="https://js.stripe.com/v3/" defer>' in client.get(path(plan)).content.decode()
    assert "stripe" not in client.get(f"/account/replenishment/{plan.pk}/").headers["Content-Security-Policy"]


def test_with_a_stand_in_it_lets_in_that_alone(client: Client, plan: Plan, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    page = client.get(path(plan))
    assert "script-src 'self' http://127.0.0.1:9;" in page.headers["Content-Security-Policy"] + ";"
    assert "stripe.com" not in page.headers["Content-Security-Policy"]
    assert '<script src="http://127.0.0.1:9/js.stripe.com/v3/" defer>' in page.content.decode()


def test_the_script_gets_a_secret_of_ones_own(client: Client, ana: User, shop: Shop) -> None:
    secret = client.post("/account/card/").json()["client_secret"]
    setup = shop.sdk.setup_intents.retrieve(secret.partition("_secret_")[0])
    ana.refresh_from_db()
    assert (setup.customer, setup.status) == (ana.stripe_customer.stripe_id, "requires_payment_method")


def test_whoever_tries_card_after_card_is_stopped(client: Client, shop: Shop) -> None:
    assert [client.post("/account/card/").status_code for _ in range(21)] == [200] * 20 + [429]
    assert client.post("/account/card/").json()["sentence"].startswith("That was many tries in a short time.")


def test_a_service_that_is_away_is_said_to_the_script(client: Client, standin: Any) -> None:
    standin.fault("POST /v1/customers", "503", times=2)
    answer = client.post("/account/card/")
    assert (answer.status_code, list(answer.json())) == (503, ["sentence"])


def test_an_order_of_a_test_printer_is_not_spoken_of(client: Client, ana: User, plan: Plan) -> None:
    order = make_order(plan, "released")
    Order.objects.update(is_test=True)
    page = posted(client, path(plan), {"card": chargeable(ana).pk})
    assert "Saved. Visa 1881 pays for Front desk from now on." in page
    assert f"Order {order.display_number} is charged" not in page
