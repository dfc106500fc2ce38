"""Prices and promotions in the back office: what may be entered, and what is said when it may not."""

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from enrollment.models import User
from orders import pricing, promotions
from orders.models import Price, Promotion
from tests.billing.paid import staff as one_of
from tests.factories.orders import PromotionFactory
from tests.factories.printers import NOW
from tests.orders.world import World
from tests.staff import with_second_factor

DAY = timedelta(days=1)
ADD = "/admin/orders/promotion/add/"


@pytest.fixture
def staff(world: World, client: Client) -> Client:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    return client


def moment(name: str, at: datetime) -> dict[str, str]:
    return {f"{name}_0": f"{at:%Y-%m-%d}", f"{name}_1": f"{at:%H:%M:%S}"}


def typed(**changed: Any) -> dict[str, Any]:
    """The form of ten percent off everything for a month."""
    form = {"name": "Autumn weeks", "percent": 10, "amount_cents": "", "scope": "everything"}
    return form | moment("starts_at", NOW) | moment("ends_at", NOW + 30 * DAY) | changed


def keep(client: Client, page: str, form: dict[str, Any]) -> Any:
    """Looks at what it would do, and does it."""
    shown = re.search(r'name="seen" value="(\w+)"', client.post(page, form).text)
    return client.post(page, form | {"seen": shown[1] if shown else ""})


def text_of(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def test_a_promotion_is_entered_and_counts_at_once(world: World, staff: Client) -> None:
    assert keep(staff, ADD, typed()).status_code == 302
    assert promotions.running([world.sku().pk], NOW) == {world.sku().pk: [Promotion.objects.get()]}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"percent": ""}, "Say a percentage or an amount, one of both."),
        ({"amount_cents": 100}, "Say a percentage or an amount, one of both."),
        ({"percent": 101}, "A percentage is between 1 and 100."),
        ({"percent": "", "amount_cents": 0}, "An amount is more than nothing."),
        ({"scope": "skus"}, "Say which cartridges it covers."),
        ({"scope": "series"}, "Say which series it covers."),
        (moment("ends_at", NOW - DAY), "It ends after it starts."),
        (moment("starts_at", NOW - 2 * DAY) | moment("ends_at", NOW - DAY), "That moment has passed."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(staff: Client, wrong: dict[str, Any], sentence: str) -> None:
    answer = staff.post(ADD, typed(**wrong))
    assert sentence in answer.text
    assert not Promotion.objects.exists()


def test_another_scope_than_the_chosen_cartridges_is_refused(world: World, staff: Client) -> None:
    assert (
        "Its scope is another, so no cartridges are to be chosen." in staff.post(ADD, typed(skus=world.sku().pk)).text
    )


def test_terms_and_scope_of_one_that_runs_may_change(world: World, staff: Client) -> None:
    running = PromotionFactory.create()
    form = typed(percent=20, scope="skus", skus=world.sku().pk)
    assert keep(staff, reverse("admin:orders_promotion_change", args=[running.pk]), form).status_code == 302
    running.refresh_from_db()
    assert (running.percent, list(running.skus.all())) == (20, [world.sku()])


def test_before_it_begins_it_says_what_costs_less_and_which_open_orders_stay_as_they_are(
    world: World, staff: Client
) -> None:
    PromotionFactory.create(name="Early bird", percent=5)
    order = world.order()
    page = staff.post(ADD, typed())
    text = text_of(page)
    assert "Open orders: none changes" in text
    assert "1 open order with a cartridge that it covers, placed without it:" in text
    assert f"{order} placed 23 Nov 2026, getting ready, $23.74" in text
    assert "Orders placed from 23 Nov 2026, 10:00 UTC on: 2 prices change" in text
    assert f"Black XL {world.sku().code} $23.74 $22.49 this one" in text
    assert Promotion.objects.count() == 1
    assert keep(staff, ADD, typed()).status_code == 302
    order.refresh_from_db()
    assert (order.quoted_total_cents, order.total_cents) == (2374, 2374)
    assert pricing.quotes([world.sku().pk], NOW)[world.sku().pk].now == "$22.49"


def test_another_that_saves_more_is_named(world: World, staff: Client) -> None:
    PromotionFactory.create(name="Better", percent=50)
    text = text_of(staff.post(ADD, typed()))
    assert "0 prices change" in text
    assert "$12.49 $12.49 Better, which saves at least as much" in text


def test_who_has_it_keeps_the_terms_of_their_day(world: World, staff: Client) -> None:
    running = PromotionFactory.create()
    order = world.order()
    page = reverse("admin:orders_promotion_change", args=[running.pk])
    text = text_of(staff.post(page, typed(percent=40)))
    assert "1 open order placed under it, with the terms of that day:" in text
    assert f"{order} placed 23 Nov 2026" in text
    running.refresh_from_db()
    assert running.percent == 10
    assert keep(staff, page, typed(percent=40)).status_code == 302
    assert order.lines.get().promotions.get().percent == 10


def test_what_changed_since_it_was_shown_is_shown_once_more(world: World, staff: Client) -> None:
    shown = re.search(r'name="seen" value="(\w+)"', staff.post(ADD, typed()).text)
    assert shown is not None
    other = PromotionFactory.create(name="Better", percent=50)
    answer = staff.post(ADD, typed(seen=shown[1]))
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Something changed meanwhile: look once more."]
    assert list(Promotion.objects.all()) == [other]


def test_another_word_than_was_seen_is_shown_first(staff: Client, world: World) -> None:
    shown = re.search(r'name="seen" value="(\w+)"', staff.post(ADD, typed()).text)
    assert shown is not None
    assert staff.post(ADD, typed(seen=shown[1], percent=90)).status_code == 200
    assert not Promotion.objects.exists()


def test_who_wants_to_type_again_finds_what_they_typed(staff: Client, world: World) -> None:
    page = staff.post(ADD, typed(change="1"))
    assert 'value="Autumn weeks"' in page.text
    assert "Please correct" not in page.text
    assert not Promotion.objects.exists()


@pytest.mark.parametrize("role", ["Support", "Warehouse", "Finance"])
def test_others_than_the_catalogue_see_no_preview(world: World, client: Client, role: str) -> None:
    client.force_login(one_of(role, "eve@ink.example"))
    assert client.post(ADD, typed()).status_code == 403
    page = reverse("admin:orders_promotion_change", args=[PromotionFactory.create().pk])
    assert client.post(page, typed()).status_code == 403


def test_it_says_how_many_open_orders_have_it_and_ends(world: World, staff: Client) -> None:
    running, over = PromotionFactory.create(), PromotionFactory.create(ends_at=NOW)
    world.order()
    listed = staff.get(reverse("admin:orders_promotion_changelist")).text
    assert '<td class="field-open_orders">1</td><td class="field-open_lines">1</td>' in listed
    picked = {"action": "end", "_selected_action": [running.pk, over.pk]}
    answer = staff.post(reverse("admin:orders_promotion_changelist"), picked)
    (message,) = get_messages(answer.wsgi_request)
    assert str(message) == "1 ended. Orders placed before keep it."
    running.refresh_from_db()
    assert running.withdrawn_at == NOW


def test_one_that_has_ended_cannot_be_changed(staff: Client) -> None:
    for over in (PromotionFactory.create(ends_at=NOW), PromotionFactory.create(withdrawn_at=NOW)):
        page = reverse("admin:orders_promotion_change", args=[over.pk])
        assert staff.get(page).status_code == 200
        assert staff.post(page, typed(percent=50)).status_code == 403


@pytest.mark.parametrize(
    ("cents", "at", "kept"), [(2499, NOW, True), (2500, NOW + 7 * DAY, False), (2500, NOW + 8 * DAY, True)]
)
def test_a_rise_leaves_time_to_tell(world: World, staff: Client, cents: int, at: datetime, kept: bool) -> None:
    form = {"sku": world.sku().pk, "amount_cents": cents, "currency": "usd"} | moment("valid_from", at)
    answer = staff.post("/admin/orders/price/add/", form)
    assert ("their owners hear of it at least 7 days ahead" in getattr(answer, "text", "")) is not kept
    assert Price.objects.filter(sku=world.sku()).count() == (2 if kept else 1)


def test_a_moment_that_has_passed_means_at_once(world: World, staff: Client) -> None:
    form = {"sku": world.sku().pk, "amount_cents": 2399, "currency": "usd"} | moment("valid_from", NOW - 30 * DAY)
    assert staff.post("/admin/orders/price/add/", form).status_code == 302
    assert Price.objects.filter(sku=world.sku()).latest("valid_from").valid_from == NOW
