"""Cancel Plan, on one page (promise P15): what still comes, what ends with it, and the way back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from enrollment.models import Consent, Plan, PlanEvent
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from orders import wishes
from orders.models import Order
from printers.models import DeviceToken
from tests.ars.account.conftest import make_order, posted, text_of
from tests.factories import NOW, ConsentFactory, DeviceTokenFactory, PriceFactory, StockItemFactory


def path(plan: Plan, to: str = "cancel/") -> str:
    return f"/account/replenishment/{plan.pk}/{to}"


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """Connected, and agreed to."""
    DeviceTokenFactory.create(printer=plan.printer)
    ConsentFactory.create(plan=plan)
    return plan


def stock(order: Order) -> None:
    StockItemFactory.create(sku=order.lines.get().sku)


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def test_the_page_says_what_leaving_means_and_asks_for_no_reason(client: Client, plan: Plan) -> None:
    page = text_of(client, path(plan))
    assert page.startswith("Cancel the plan for Front desk?")
    for line in (
        "No new orders from this moment.",
        "Your printer keeps working, with any ink.",
        "Leaving costs nothing.",
    ):
        assert line in page
    assert "Reason (optional) I would rather not say" in page
    assert page.index("Cancel Plan Keep my plan") < page.index("Only need a break? Pause until a date")
    assert 'value="unsaid"' in client.get(path(plan)).content.decode().partition(" checked")[0][-80:]


def test_without_a_word_the_plan_ends(client: Client, plan: Plan) -> None:
    page = posted(client, path(plan))
    assert page.startswith("Cancelled: plan for Front desk")
    assert "The plan for Front desk ended on Mon 23 Nov, 2:00 am." in page
    assert "We wrote to a...@example.com." in page
    assert PlanEvent.objects.get().note == ""


def test_a_reason_and_words_are_kept(client: Client, plan: Plan) -> None:
    posted(client, path(plan), {"reason": "price", "words": "Found \r\n a shop"})
    assert PlanEvent.objects.get().note == "price: Found a shop"


@pytest.mark.parametrize("typed", [{"reason": "nonsense"}, {"words": "a\0b"}, {"words": "x" * 5000}, {"order_x": "?"}])
def test_no_reason_stands_in_the_way(client: Client, plan: Plan, typed: dict[str, str]) -> None:
    assert posted(client, path(plan), typed).startswith("Cancelled: plan for Front desk")


def test_sent_twice_it_ends_once_and_shows_the_first_result(client: Client, plan: Plan) -> None:
    first = posted(client, path(plan))
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        assert posted(client, path(plan)) == first
    assert PlanEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "chosen", "becomes"),
    [
        ("placed", {}, "cancelled"),
        ("placed", "send", "placed"),
        ("backordered", {}, "cancelled"),
        ("backordered", "send", "backordered"),
        ("released", {}, "released"),
        ("released", "drop", "cancelled"),
        ("payment_failed", {}, "cancelled"),
        ("packed", "drop", "packed"),
        ("shipped", "drop", "shipped"),
        ("delivered", "drop", "delivered"),
    ],
)
def test_each_order_under_way_does_as_chosen(
    client: Client, plan: Plan, status: str, chosen: Any, becomes: str
) -> None:
    order = make_order(plan, status, priced_at=NOW)
    stock(order)
    posted(client, path(plan), {f"order_{order.pk}": chosen} if chosen else {})
    assert state(order) == becomes


def test_what_still_comes_is_told_on_the_page_and_in_the_mail(client: Client, plan: Plan) -> None:
    coming, dropped = make_order(plan, "released", days_ago=1), make_order(plan, "backordered")
    stock(coming)
    page = posted(client, path(plan))
    assert f"What still comes Black For Front desk, ordered Sun 22 Nov, {coming.display_number}" in page
    assert dropped.display_number not in page
    sweep_plan_events()
    mail = Message.objects.get()
    assert (mail.kind, mail.subject, mail.to) == ("plan_cancelled", "Cancelled: plan for Front desk", plan.user.email)
    assert f"What still comes:\n  Black, $24.99: Getting ready ({coming.display_number})\n" in mail.text
    assert f"Cancelled with the plan:\n  Black, $24.99 ({dropped.display_number})\n" in mail.text
    assert "Until Wed 23 Dec you can start it again" in mail.text


def test_an_order_packed_meanwhile_is_told_and_ships(
    client: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order(plan, "released", priced_at=NOW)
    stock(order)
    page_of_then = wishes.leave

    def packed_first(*args: Any) -> wishes.Left:
        Order.objects.update(status="packed")
        return page_of_then(*args)

    monkeypatch.setattr(wishes, "leave", packed_first)
    page = posted(client, path(plan), {f"order_{order.pk}": "drop"})
    assert f"While you were reading, order {order.display_number} was packed. It will come and be charged" in page
    assert state(order) == "packed"


def test_a_printer_that_is_gone_is_disconnected_and_has_no_way_back(client: Client, plan: Plan) -> None:
    page = posted(client, path(plan), {"reason": "gone"})
    assert DeviceToken.objects.get().revoked_at == NOW
    assert "Start again" not in page


def test_start_again_brings_it_all_back_with_a_fresh_consent(client: Client, plan: Plan) -> None:
    PriceFactory.create(sku=plan.model.slots.get().fits.get().sku)
    plan.slots.create(slot=plan.model.slots.get(), size="standard", spares=1)
    assert "Until Wed 23 Dec one press brings the plan back" in posted(client, path(plan))
    for _ in range(2):
        assert posted(client, path(plan, "start-again/")).startswith("Front desk, All well")
    again = Plan.objects.get(status="active")
    assert (again.printer, again.shipping_address, again.nickname) == (
        plan.printer,
        plan.shipping_address,
        "Front desk",
    )
    assert (again.plan_card.card.last4, again.slots.get().spares) == ("4242", 1)
    consent = Consent.objects.get(plan=again)
    assert (consent.prices, consent.given_at, consent.ip_address) == ({"PGI-280-PGBK": 2499}, NOW, "127.0.0.1")


def test_without_its_card_it_waits_for_one(client: Client, plan: Plan) -> None:
    posted(client, path(plan))
    plan.plan_card.card.__class__.objects.update(removed_at=NOW)
    assert "name a card to charge when ink ships" in posted(client, path(plan, "start-again/"))
    assert Plan.objects.get(ended_at=None).status == "pending"


@pytest.mark.parametrize(
    "no_longer",
    [
        lambda plan: Plan.objects.update(ended_at=NOW - timedelta(days=30)),
        lambda plan: plan.model.__class__.objects.update(eligible=False),
        lambda plan: DeviceToken.objects.update(revoked_at=NOW),
        lambda plan: Consent.objects.all().delete(),
    ],
    ids=["too long ago", "no longer eligible", "not connected", "never agreed to"],
)
def test_there_is_not_always_a_way_back(client: Client, plan: Plan, no_longer: Any) -> None:
    posted(client, path(plan))
    no_longer(plan)
    assert "Start again" not in text_of(client, path(plan))
    page = posted(client, path(plan, "start-again/"))
    assert "This plan cannot be started again. Connect the printer as a new one." in page
    assert Plan.objects.count() == 1


def test_a_plan_that_goes_on_is_not_started_again(client: Client, plan: Plan) -> None:
    assert client.post(path(plan, "start-again/")).status_code == 302
    assert Plan.objects.count() == 1
