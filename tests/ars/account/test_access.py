"""Who may see what: owners their own; for anybody else it does not exist; strangers sign in first."""

import pytest
from django.test import Client
from django.urls import reverse

from enrollment.models import Plan
from orders.money import display_number
from tests.ars.account.conftest import make_order
from tests.factories import PlanFactory, UserFactory

TABS = ("account", "replenishment", "orders")


@pytest.mark.parametrize("name", TABS)
@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in_and_back(name: str) -> None:
    path = reverse(name)
    response = Client().get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={path}"


def test_a_stranger_learns_nothing_of_what_exists(plan: Plan) -> None:
    order = make_order(plan)
    for path in (reverse("plan", args=[plan.pk]), reverse("order", args=[order.number]), reverse("plan", args=[999])):
        assert Client().get(path)["Location"].startswith("/accounts/login/")


def test_an_owner_sees_every_page(client: Client, plan: Plan) -> None:
    order = make_order(plan)
    paths = [*map(reverse, TABS), reverse("plan", args=[plan.pk]), reverse("order", args=[order.number])]
    assert [client.get(path).status_code for path in paths] == [200] * 5


def test_what_is_anothers_is_not_there(plan: Plan) -> None:
    order = make_order(plan)
    ben = Client()
    ben.force_login(UserFactory.create())
    for path in (reverse("plan", args=[plan.pk]), reverse("order", args=[order.number])):
        response = ben.get(path)
        assert response.status_code == 404
        assert plan.nickname not in response.content.decode()


def test_lists_hold_ones_own_alone(client: Client, plan: Plan) -> None:
    other = PlanFactory.create(nickname="Not hers", model=plan.model)
    make_order(other)
    for name in TABS:
        assert "Not hers" not in client.get(reverse(name)).content.decode()


def test_staff_are_customers_like_any_here(plan: Plan) -> None:
    staff = Client()
    staff.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    assert staff.get(reverse("plan", args=[plan.pk])).status_code == 404


def test_an_order_is_found_with_dashes_and_without(client: Client, plan: Plan) -> None:
    number = make_order(plan).number
    assert reverse("order", args=[number]) == f"/account/orders/{display_number(number)}/"
    assert client.get(f"/account/orders/{display_number(number)}/").status_code == 200
    assert client.get(f"/account/orders/{number}/").status_code == 200


def test_a_mistyped_number_leads_nowhere(client: Client, plan: Plan) -> None:
    number = make_order(plan).number
    wrong = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    for typed in (wrong, number[:-1], f"{number}0", "4827-1936-5-", "９" * 9):
        assert client.get(f"/account/orders/{typed}/").status_code == 404


@pytest.mark.parametrize("plan_id", [0, 2**63, 10**30])
def test_a_guessed_plan_leads_nowhere(client: Client, plan_id: int) -> None:
    assert client.get(f"/account/replenishment/{plan_id}/").status_code == 404


def test_pages_only_show(client: Client, plan: Plan) -> None:
    for path in (*map(reverse, TABS), reverse("plan", args=[plan.pk])):
        assert client.post(path).status_code == 405


def test_no_cache_keeps_what_is_ones_own(client: Client) -> None:
    assert "no-store" in client.get(reverse("account"))["Cache-Control"]


def test_a_form_cannot_be_sent_from_elsewhere(ana: object) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@b.c", "password": "x"})
    assert response.status_code == 403
    assert "That page was too old to be sent" in response.content.decode()
