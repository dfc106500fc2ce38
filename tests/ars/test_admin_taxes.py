"""Tax rates in the back office: Finance enters them, and what is wrong is refused in a sentence."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from ars import roles
from enrollment.models import User
from orders.models import TaxRate
from tests.factories import TaxRateFactory
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db

ADD = "/admin/orders/taxrate/add/"


@pytest.fixture
def finance(client: Client) -> Client:
    roles.make("default")
    fay = User.objects.create_user("fay@example.com", "correct horse", is_staff=True)
    fay.groups.add(Group.objects.get(name="Finance"))
    client.force_login(with_second_factor(fay))
    return client


def typed(**changed: Any) -> dict[str, Any]:
    return {"state": "OR", "percent": "7.25", "valid_from": "2026-12-01", **changed}


def test_finance_enters_a_rate_and_corrects_it(finance: Client) -> None:
    assert finance.post(ADD, typed()).status_code == 302
    rate = TaxRate.objects.get()
    assert str(rate) == "Oregon: 7.25 % from 2026-12-01"
    assert finance.post(f"/admin/orders/taxrate/{rate.pk}/change/", typed(percent="0.0125")).status_code == 302
    assert "0.0125\N{NO-BREAK SPACE}%" in finance.get("/admin/orders/taxrate/").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"percent": "-1"}, "A rate is between 0 and 20 percent."),
        ({"percent": "20.0001"}, "A rate is between 0 and 20 percent."),
        ({"percent": "7.00001"}, "no more than 4 decimal places"),
        ({"percent": "much"}, "Enter a number."),
        ({"state": "PR"}, "PR is not one of the available choices."),
        ({"valid_from": "2026-12-32"}, "Enter a valid date."),
    ],
)
def test_what_is_no_rate_is_refused_in_a_sentence(finance: Client, wrong: dict[str, str], sentence: str) -> None:
    assert sentence in finance.post(ADD, typed(**wrong)).text
    assert not TaxRate.objects.exists()


def test_a_second_rate_of_a_state_from_one_day_is_refused(finance: Client) -> None:
    known = TaxRateFactory.create()
    answer = finance.post(ADD, typed(valid_from=known.valid_from.isoformat()))
    assert "This state has a rate from this day already. Change that one." in answer.text
    assert finance.post(ADD, typed(valid_from=known.valid_from.isoformat(), state="DC")).status_code == 302


def test_a_rate_is_ended_not_deleted(finance: Client) -> None:
    assert finance.post(f"/admin/orders/taxrate/{TaxRateFactory.create().pk}/delete/", {}).status_code == 403
