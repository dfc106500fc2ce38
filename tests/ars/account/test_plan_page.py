"""View Plan: each cartridge with what was decided about it, how the plan runs, what happened."""

from datetime import timedelta

from django.test import Client

from enrollment.models import Plan, User
from orders.models import Order, Replenishment
from tests.ars.account.conftest import make_order, report, text_of
from tests.factories import NOW, DecisionFactory, PlanFactory, PlanSlotFactory, PriceFactory, SkuFactory, SlotSkuFactory

Kind = Replenishment.Kind


def page_of(client: Client, plan: Plan) -> str:
    return text_of(client, f"/account/replenishment/{plan.pk}/")


def test_it_opens_with_the_printer_and_the_way_back(client: Client, plan: Plan) -> None:
    page = page_of(client, plan)
    assert page.startswith("Front desk, All well - ARS")
    assert "Auto Replenishment Service Active printers Front desk" in page
    assert plan.printer is not None
    assert f"{plan.model}, serial ends {plan.printer.serial_number[-4:]}. Last reading just now" in page


def test_a_cartridge_says_its_level_and_what_the_next_one_costs_today(client: Client, plan: Plan) -> None:
    sku = plan.model.slots.get().fits.get().sku
    PriceFactory.create(sku=sku, amount_cents=2499)
    PriceFactory.create(sku=sku, amount_cents=9999, valid_from=NOW + timedelta(days=1))
    page = page_of(client, plan)
    assert "64\u00a0% left. We order at 15\u00a0%." in page
    assert f"The next one: {sku.name}, $24.99 today" in page


def test_without_a_price_it_says_that_nothing_is_ordered(client: Client, plan: Plan) -> None:
    assert "It has no price yet, so it is not ordered." in page_of(client, plan)


def test_the_next_one_is_of_the_chosen_size(client: Client, plan: Plan) -> None:
    slot = plan.model.slots.get()
    SlotSkuFactory.create(slot=slot, sku=SkuFactory.create(code="XL", name="Black XL"), size="high")
    assert "The next one: Black XL" in page_of(client, plan)
    PlanSlotFactory.create(plan=plan, slot=slot, size="standard")
    assert "The next one: PGI-280-PGBK" in page_of(client, plan)


def test_a_low_cartridge_says_what_was_ordered_and_links_to_it(client: Client, plan: Plan) -> None:
    report(plan, level=9, replenishment="on_order")
    order = make_order(plan, Order.Status.BACKORDERED)
    page = page_of(client, plan)
    assert "Black Waiting for stock" in page
    assert "We ordered one on Mon 23 Nov." in page
    assert f"See order {order.display_number}" in page


def test_a_cancelled_order_leaves_a_word_on_what_follows(client: Client, plan: Plan) -> None:
    order = make_order(plan, Order.Status.CANCELLED)
    order.lines.update(open=False)
    page = page_of(client, plan)
    assert "Its order was cancelled or sent back, so we are waiting for your word." in page
    assert "Order it now for Black" in page


def test_nothing_is_silently_not_ordered(client: Client, plan: Plan) -> None:
    make_order(plan, Order.Status.CANCELLED).lines.update(open=False)
    Replenishment.objects.update(decision=Kind.PAUSED)
    assert "Black is low. The plan is paused, so nothing was ordered." in page_of(client, plan)


def test_decisions_are_told_newest_first_and_equal_ones_once(client: Client, plan: Plan) -> None:
    need = make_order(plan).lines.get().replenishment
    for hours, kind in ((5, Kind.PAUSED), (4, Kind.PAUSED), (3, Kind.PAUSED), (2, Kind.STALE), (1, Kind.ORDERED)):
        DecisionFactory.create(replenishment=need, kind=kind, at=NOW - timedelta(hours=hours))
    page = page_of(client, plan)
    what_happened = page[page.index("What happened") :]
    assert what_happened.index("We ordered one on") < what_happened.index("The plan is paused, so nothing was ordered.")
    assert what_happened.count("The plan is paused") == 1
    assert "Checked 2 times since." in what_happened


def test_how_it_runs_names_address_and_card(client: Client, plan: Plan) -> None:
    page = page_of(client, plan)
    assert "When ink is low Send it" in page
    assert "Shipping Address Ana Ruiz, 12 Elm Street, Portland OR 97201 Edit Shipping Address" in page
    assert "Payment Method Visa 4242, charged when ink ships" in page


def test_a_removed_card_is_not_named(client: Client, plan: Plan) -> None:
    plan.plan_card.card.__class__.objects.update(removed_at=NOW)
    assert "Payment Method None yet" in page_of(client, plan)


def test_a_pending_plan_says_what_is_missing(client: Client, ana: User) -> None:
    page = page_of(client, PlanFactory.create(user=ana, pending=True))
    for step in (
        "say where ink is to be sent",
        "name a card to charge when ink ships",
        "agree to the terms",
        "connect it",
    ):
        assert step in page


def test_an_ended_plan_says_so_and_no_more(client: Client, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(status="cancelled", ended_at=NOW)
    page = page_of(client, plan)
    assert "Ended on Mon 23 Nov. Nothing more is ordered. Your printer keeps working with any ink." in page
    assert "How it runs" not in page
    assert "Plans that ended Front desk" in text_of(client, "/account/replenishment/")


def test_a_printer_never_heard_of_says_what_we_wait_for(client: Client, ana: User) -> None:
    page = page_of(client, PlanFactory.create(user=ana))
    assert "Connected. Waiting for the first reading; it usually comes within five minutes." in page
