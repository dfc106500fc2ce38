"""A card typed in a browser is kept once, and only for whom it was typed."""

import pytest

from ars.standin.process import Handle
from billing import cards
from billing.models import Card
from printers.facts import Refused
from tests.billing.parcels import entered
from tests.factories import UserFactory
from tests.standin.shop import Shop, arrived

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standin")]


def test_a_confirmed_card_is_kept_for_its_owner(shop: Shop) -> None:
    user = UserFactory.create()
    card = cards.keep_confirmed(user, entered(user, shop, "pm_card_mastercard"))
    assert (str(card), card.user) == ("Mastercard 4444", user)
    assert shop.sdk.payment_methods.retrieve(card.stripe_id).customer == user.stripe_customer.stripe_id


def test_a_setup_is_for_charges_without_the_customer(shop: Shop) -> None:
    name = cards.begin_setup(UserFactory.create()).partition("_secret_")[0]
    assert shop.sdk.setup_intents.retrieve(name).usage == "off_session"


def test_sent_twice_it_is_one_card(shop: Shop) -> None:
    user = UserFactory.create()
    name = entered(user, shop)
    assert cards.keep_confirmed(user, name) == cards.keep_confirmed(user, name)
    assert Card.objects.count() == 1


def test_somebody_elses_entry_is_no_card_of_mine(shop: Shop) -> None:
    ours, theirs = UserFactory.create(), UserFactory.create()
    name = entered(theirs, shop)
    with pytest.raises(Refused) as refused:
        cards.keep_confirmed(ours, name)
    assert refused.value.code == "card_refused"
    assert not Card.objects.exists()


def test_what_nobody_confirmed_is_no_card() -> None:
    user = UserFactory.create()
    with pytest.raises(Refused, match="The bank refused this card"):
        cards.keep_confirmed(user, cards.begin_setup(user).partition("_secret_")[0])
    assert not Card.objects.exists()


@pytest.mark.parametrize("name", ["seti_nobody", "", "pi_1", "seti_1/../x", "seti_" + "x" * 100, "seti_é"])
def test_a_made_up_name_is_no_card(name: str) -> None:
    with pytest.raises(Refused) as refused:
        cards.keep_confirmed(UserFactory.create(), name)
    assert refused.value.code == "card_refused"


@pytest.mark.parametrize("fault", ["503", "reset", "lost_answer"])
def test_a_service_that_is_away_is_asked_twice_and_then_said(standin: Handle, fault: str) -> None:
    user = UserFactory.create()
    cards.ensure_customer(user)
    standin.fault("POST /v1/setup_intents", fault, times=2)
    with pytest.raises(Refused, match="We cannot reach the card service right now") as refused:
        cards.begin_setup(user)
    assert refused.value.code == "card_service_unavailable"
    assert arrived(standin, "/v1/setup_intents") == 2


def test_a_confirmed_card_is_kept_when_the_service_is_back(standin: Handle, shop: Shop) -> None:
    user = UserFactory.create()
    name = entered(user, shop)
    standin.fault("GET /v1/setup_intents/*", "503", times=2)
    with pytest.raises(Refused, match="We cannot reach the card service right now"):
        cards.keep_confirmed(user, name)
    assert str(cards.keep_confirmed(user, name)) == "Visa 4242"
