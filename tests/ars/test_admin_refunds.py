"""Money given back in the back office: shown before it happens, done once, agreed to by a second person, in history."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from billing.models import Charge, Refund, RefundRequest
from billing.refunds import lifecycle
from enrollment import callers
from enrollment.models import User
from tests.billing.paid import disputed, paid, staff
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def clerk(role: str, email: str = "eve@example.com") -> Client:
    client = Client()
    client.force_login(User.objects.filter(email=email).first() or staff(role, email))
    return client


def address(charge: Charge) -> str:
    return f"/admin/billing/charge/{charge.pk}/refund/"


def typed(page: Any, **change: object) -> dict[str, object]:
    """A form as somebody fills in the page they were shown."""
    key = re.search(r'name="key" value="([\w-]{36})"', page.text)
    assert key is not None
    return {"scope": "amount", "amount": "10.00", "why": "damaged", "note": "It leaked.", "key": key[1]} | change


def calls(charge: Charge) -> None:
    """Its customer is on the phone, and known to be who they are."""
    user, eve, now = charge.order.user, User.objects.get(email="eve@example.com"), timezone.now()
    if callers.verified(user, now) is None:
        callers.read_out(user, callers.begin(user, eve, now), eve, now)


def shown(client: Client, charge: Charge, **change: object) -> tuple[dict[str, object], Any]:
    """What was typed while the customer is on the phone, with what the page then says will happen."""
    calls(charge)
    form = typed(client.get(address(charge)), **change)
    page = client.post(address(charge), form)
    seen = re.search(r'name="seen" value="(\d+)"', page.text)
    return form | {"give": "", "seen": seen[1] if seen else ""}, page


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def given(charge: Charge) -> list[int]:
    return list(Refund.objects.filter(charge=charge).order_by("pk").values_list("amount_cents", flat=True))


def test_the_page_says_what_will_happen_and_does_nothing() -> None:
    charge = paid()
    _, page = shown(clerk("Support"), charge)
    text = " ".join(page.text.split())
    assert "<strong>$10.00</strong> goes back to Visa 4242; $54.97 of the charge stays." in text
    assert "Refund made: $10.00 to Visa 4242" in text
    assert charge.order.user.email in text
    assert "Give $10.00 back" in text
    assert "/mail/" not in text  # such a link is its reader's alone
    assert (RefundRequest.objects.count(), given(charge)) == (0, [])


def test_its_button_gives_it_once_and_says_so_in_the_histories() -> None:
    charge, client = paid(), clerk("Support")
    form, _ = shown(client, charge)
    first, second = (client.post(address(charge), form) for _ in range(2))
    assert said(first) == "$10.00 goes back to Visa 4242."
    assert "nothing is given back twice" in said(second)
    assert given(charge) == [1000]
    asked = RefundRequest.objects.get()
    assert first.headers["Location"] == f"/admin/billing/refundrequest/{asked.pk}/change/"
    told = set(LogEntry.objects.values_list("content_type__model", "object_id"))
    about = {"order": charge.order_id, "charge": charge.pk, "refundrequest": asked.pk}
    assert told == {(model, str(pk)) for model, pk in about.items()}
    history = client.get(f"/admin/orders/order/{charge.order_id}/change/").text
    assert f"refund request {asked.pk}" in history


def test_all_that_is_left_goes_back_by_its_pieces() -> None:
    charge, client = paid(), clerk("Finance")
    form, _ = shown(client, charge, scope="whole")
    client.post(address(charge), form)
    assert given(charge) == [charge.amount_cents]
    assert sorted(RefundRequest.objects.get().lines.values_list("quantity", flat=True)) == [1, 2]


def test_cartridges_go_back_with_their_share() -> None:
    charge, client = paid(tax_cents=451), clerk("Finance")
    one = charge.order.lines.order_by("pk")[1]
    form, page = shown(client, charge, scope="lines", **{f"line_{one.pk}": 1})
    assert "$21.38" in page.text
    client.post(address(charge), form)
    assert given(charge) == [2138]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amount": "64.98"}, "$64.98 is more than is left of this charge: $64.97."),
        ({"amount": "0"}, "Say how much."),
        ({"amount": ""}, "Say how much."),
        ({"amount": "1.005"}, "no more than 2 decimal places"),
        ({"amount": "ten"}, "Enter a number."),
        ({"scope": "lines"}, "Say how much."),
        ({"scope": "everything"}, "is not one of the available choices"),
        ({"note": " "}, "This field is required."),
        ({"why": ""}, "This field is required."),
        ({"key": "no key"}, "Please correct"),
    ],
)
def test_what_cannot_be_is_said_and_not_done(change: dict[str, object], why: str) -> None:
    charge = paid()
    form, page = shown(client := clerk("Support"), charge, **change)
    assert why in page.text
    assert "What will happen" not in client.post(address(charge), form).text
    assert given(charge) == []


def test_what_was_given_meanwhile_is_shown_before_anything_is_done() -> None:
    charge, client = paid(), clerk("Finance")
    form, _ = shown(client, charge, scope="whole")
    lifecycle.keep_foreign(charge, "re_dashboard", 500, NOW)
    page = client.post(address(charge), form)
    assert "Something was given back meanwhile: look once more." in page.text
    assert "Give $59.97 back" in page.text
    assert given(charge) == [500]


def test_one_may_go_back_and_change_it() -> None:
    charge, client = paid(), clerk("Support")
    form, _ = shown(client, charge)
    del form["give"]
    page = client.post(address(charge), form | {"change": ""})
    assert 'value="10.00"' in page.text
    assert "Show what will happen" in page.text


def test_a_disputed_payment_has_no_form() -> None:
    charge = paid()
    disputed(charge)
    page = clerk("Finance").get(address(charge))
    assert "The customer&#x27;s bank disputes this payment" in page.text
    assert 'name="scope"' not in page.text


def waiting(charge: Charge, cents: str = "60.00") -> RefundRequest:
    client = clerk("Support")
    form, page = shown(client, charge, amount=cents)
    assert f"Ask a second person for ${cents}" in page.text
    assert "waits for a second person" in said(client.post(address(charge), form))
    return RefundRequest.objects.get()


def decision(asked: RefundRequest) -> str:
    return f"/admin/billing/refundrequest/{asked.pk}/decide/"


def test_a_second_person_reads_what_will_happen_and_agrees_once() -> None:
    charge = paid()
    asked, client = waiting(charge), clerk("Support lead", "lea@example.com")
    page = client.get(decision(asked)).text
    assert "Refund made: $60.00 to Visa 4242" in page
    assert "“It leaked.”" in page
    assert given(charge) == []
    answers = [client.post(decision(asked), {"note": "Seen.", verb: ""}) for verb in ("agree", "agree", "decline")]
    assert said(answers[0]) == "$60.00 goes back to Visa 4242."
    assert all("decided before by" in said(answer) for answer in answers[1:])
    assert given(charge) == [6000]
    assert LogEntry.objects.filter(change_message__contains="Seen.").count() == 3


def test_a_second_person_declines_with_a_note() -> None:
    charge = paid()
    asked, client = waiting(charge), clerk("Support lead", "lea@example.com")
    assert "This field is required." in client.post(decision(asked), {"note": "", "decline": ""}).text
    client.post(decision(asked), {"note": "It was replaced.", "decline": ""})
    asked.refresh_from_db()
    assert (asked.state, asked.decision_note, given(charge)) == ("declined", "It was replaced.", [])
    order = clerk("Support").get(f"/admin/orders/order/{charge.order_id}/change/").text
    assert "It was replaced." in order


def test_who_asked_does_not_decide() -> None:
    charge = paid()
    asked = waiting(charge)
    page = clerk("Support").get(decision(asked)).text
    assert "another person decides" in page
    assert 'name="agree"' not in page
    answer = clerk("Support").post(decision(asked), {"note": "Yes.", "agree": ""})
    assert "another person decides" in said(answer)
    assert given(charge) == []


def test_what_cannot_be_given_any_more_can_only_be_declined() -> None:
    charge = paid()
    asked = waiting(charge)
    disputed(charge)
    page = clerk("Finance", "fin@example.com").get(decision(asked)).text
    assert "It can only be declined." in page
    assert 'name="agree"' not in page


def test_what_waits_is_found_and_said_on_the_page_of_the_charge() -> None:
    charge = paid()
    asked = waiting(charge)
    client = clerk("Finance", "fin@example.com")
    assert str(charge.order) in client.get("/admin/billing/refundrequest/?state=waiting").text
    assert str(charge.order) not in client.get("/admin/billing/refundrequest/?state=given").text
    assert f"/admin/billing/refundrequest/{asked.pk}/change/" in client.get(address(charge)).text
    assert decision(asked) in client.get(f"/admin/billing/refundrequest/{asked.pk}/change/").text


@pytest.mark.parametrize(("role", "may"), [("Support", True), ("Finance", True), ("Warehouse", False)])
def test_the_order_leads_there_who_may(role: str, may: bool) -> None:
    charge = paid()
    page = clerk(role).get(f"/admin/orders/order/{charge.order_id}/change/").text
    assert (address(charge) in page) is may


@pytest.mark.parametrize("role", ["Warehouse", "Catalogue"])
def test_nobody_else_gives_money_back(role: str) -> None:
    charge, client = paid(), clerk(role)
    assert client.get(address(charge)).status_code == 403
    assert client.post(address(charge), {"give": "", "scope": "whole"}).status_code == 403
