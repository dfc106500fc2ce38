"""A refused card asked once more by phone: shown first with both its ends, then asked, once."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from billing import lifecycle
from billing.gateway import Outcome
from billing.models import Card, Charge, PlanCard
from enrollment import callers
from enrollment.models import Note, Plan
from notifications.models import Message
from orders.models import Order
from tests.billing.paid import staff
from tests.billing.parcels import LATER, another_card, asked_in_our_rows, refused
from tests.notifications.shop import read_steps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def clerk(charge: Charge, role: str = "Support", *, verified: bool = True) -> Client:
    client, dana = Client(), staff(role, "dana@ink.example")
    client.force_login(dana)
    if verified:
        callers.knows_facts(charge.order.user, dana, LATER, right=True)
    return client


def address(charge: Charge) -> str:
    return f"/admin/retry/{charge.order_id}/"


def said(response: Any) -> str:
    """What was said last."""
    return str(list(get_messages(response.wsgi_request))[-1])


def typed(page: Any, **change: object) -> dict[str, object]:
    hidden = dict(re.findall(r'name="(key|attempt)" value="([^"]+)"', page.text))
    return {**hidden, "why": "She put money on it.", "act": "", **change}


def attempts(charge: Charge) -> list[str]:
    return list(charge.order.charges.order_by("attempt").values_list("status", flat=True))


def test_it_is_shown_with_the_mail_and_asked_once() -> None:
    charge = refused()
    dana = clerk(charge)
    page = dana.get(address(charge))
    for sentence in (
        "Visa 4242 is asked for $26.76 once more: attempt 2.",
        "no mail goes out: they know",
        f"The mail goes to {charge.order.user.email}:",
        "$26.76",
        "Ask Visa 4242 for $26.76",
    ):
        assert sentence in page.text, sentence
    assert "/mail/order/" not in page.text
    assert attempts(charge) == ["declined"]
    form = typed(page)
    answers = [dana.post(address(charge), form) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/admin/customers/{charge.order.user_id}/"] * 2
    assert ["The bank is asked" in said(answer) for answer in answers] == [True, False]
    assert attempts(charge) == ["declined", "pending"]
    asked = charge.order.events.get(note="Charged once more, to Visa 4242.")
    assert asked.by == "dana@ink.example"
    assert Note.objects.get().text.endswith("tried again: She put money on it.")


def test_two_pages_of_one_attempt_are_one_attempt() -> None:
    charge = refused()
    dana = clerk(charge)
    forms = [typed(dana.get(address(charge))) for _ in range(2)]
    told = [said(dana.post(address(charge), form)) for form in forms]
    assert "The bank is asked" in told[0]
    assert "No payment of order" in told[1]
    assert attempts(charge) == ["declined", "pending"]
    assert Note.objects.count() == 1


def test_after_another_no_a_page_of_before_does_nothing() -> None:
    charge = refused()
    dana = clerk(charge)
    old = typed(dana.get(address(charge)))
    assert lifecycle.try_again(charge.order_id, 1, LATER)
    again = Charge.objects.get(attempt=2)
    lifecycle.settle(again.pk, Outcome("declined", "pi_2", code="insufficient_funds"), LATER)
    assert "was asked since this page was made" in said(dana.post(address(charge), old))
    assert attempts(charge) == ["declined", "declined"]


def test_a_yes_ships_it_with_that_mail_and_another_no_is_not_told() -> None:
    for outcome, kinds in (("declined", []), ("paid", ["shipped"])):
        charge = refused()
        read_steps()
        Message.objects.all().delete()
        client = Client()
        client.force_login(staff("Support lead", f"{outcome}@ink.example"))
        callers.knows_facts(charge.order.user, staff("Support", f"{outcome}2@ink.example"), LATER, right=True)
        client.post(address(charge), typed(client.get(address(charge))))
        again = charge.order.charges.get(attempt=2)
        found = Outcome("paid", "pi_2", amount_cents=2676, currency="usd")
        lifecycle.settle(again.pk, found if outcome == "paid" else Outcome("declined", "pi_3", code="x"), LATER)
        read_steps(LATER)
        assert [mail.kind for mail in Message.objects.all()] == kinds


def no_card(charge: Charge) -> None:
    PlanCard.objects.all().delete()


def other_card(charge: Charge) -> None:
    PlanCard.objects.update(card=another_card(charge.order.user))


def removed(charge: Charge) -> None:
    Card.objects.update(removed_at=LATER)


def plan_over(charge: Charge) -> None:
    Plan.objects.update(status="cancelled", ended_at=LATER)


def cancelled(charge: Charge) -> None:
    Order.objects.update(status="cancelled")


def for_good(charge: Charge) -> None:
    Charge.objects.update(outcome="stolen_card")


def often(charge: Charge) -> None:
    for attempt in range(2, lifecycle.MOST_TRIES + 1):
        Charge.objects.create(
            **{name: getattr(charge, name) for name in ("order", "dispatch", "card", "amount_cents", "currency")},
            attempt=attempt,
            status="declined",
            outcome="insufficient_funds",
            created_at=LATER,
            settled_at=LATER,
        )


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        (no_card, "No card can pay for this printer"),
        (removed, "No card can pay for this printer"),
        (other_card, "Visa 1881 pays for this printer now"),
        (plan_over, "The plan has ended"),
        (cancelled, "it is cancelled"),
        (for_good, "refused Visa 4242 for good"),
        (often, "was asked 15 times in 30 days"),
    ],
)
def test_what_may_not_be_is_said_on_the_page_and_by_the_button(happens: Any, sentence: str) -> None:
    charge = refused()
    dana = clerk(charge)
    form = typed(dana.get(address(charge)))
    happens(charge)
    before = attempts(charge)
    page = dana.get(address(charge))
    assert sentence in page.text
    assert "<button" not in page.text.partition('class="desk"')[2]
    assert sentence in said(dana.post(address(charge), form))
    assert attempts(charge) == before
    assert not Note.objects.exists()


def test_a_bank_that_asks_its_customer_is_not_asked_by_staff() -> None:
    charge = asked_in_our_rows()
    assert "only they can, on their page" in clerk(charge).get(address(charge)).text


def test_for_an_unknown_caller_nothing_is_asked() -> None:
    charge = refused()
    dana = clerk(charge, verified=False)
    assert "Verify the caller first" in dana.get(address(charge)).text
    by_hand = {"why": "x", "key": "11111111-1111-4111-8111-111111111111", "attempt": 1, "act": ""}
    assert "Verify the caller first" in dana.post(address(charge), by_hand).text
    assert attempts(charge) == ["declined"]


def test_a_reason_is_asked_for() -> None:
    charge = refused()
    dana = clerk(charge)
    page = dana.post(address(charge), typed(dana.get(address(charge)), why=""))
    assert "This field is required." in page.text
    assert attempts(charge) == ["declined"]


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue", "Finance"])
def test_others_may_not(role: str) -> None:
    charge = refused()
    assert clerk(charge, role, verified=False).post(address(charge), {}).status_code == 403


def test_the_customers_page_and_the_orders_lead_there_while_it_waits() -> None:
    charge = refused()
    dana = clerk(charge)
    pages = (f"/admin/customers/{charge.order.user_id}/", f"/admin/orders/order/{charge.order_id}/change/")
    assert [address(charge) in dana.get(page).text for page in pages] == [True, True]
    lifecycle.try_again(charge.order_id, 1, LATER)
    assert [address(charge) in dana.get(page).text for page in pages] == [False, False]
