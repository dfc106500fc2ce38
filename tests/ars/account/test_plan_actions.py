"""What a customer changes about a plan: its name, when it orders, pauses, sizes, spares and skips."""

from datetime import date

import pytest
from django.test import Client

from enrollment.models import Plan, PlanSlot
from orders.models import Replenishment
from printers.models import Slot
from tests.ars.account.conftest import make_order, posted, text_of
from tests.factories import NOW, PriceFactory, SkuFactory, SlotFactory, SlotSkuFactory


def path(plan: Plan, to: str = "") -> str:
    return f"/account/replenishment/{plan.pk}/{to}"


def cartridge(plan: Plan, to: str = "") -> str:
    return path(plan, f"cartridges/{slot_of(plan).pk}/{to}")


def slot_of(plan: Plan) -> Slot:
    return plan.model.slots.get(code="PGBK")


def choice(plan: Plan) -> PlanSlot:
    return PlanSlot.objects.get(plan=plan)


def test_a_printer_is_renamed(client: Client, plan: Plan) -> None:
    page = posted(client, path(plan, "name/"), {"nickname": " Upper \r\n floor "})
    assert "Saved. It is called Upper floor now." in page
    assert page.startswith("Upper floor, All well")


def test_without_a_name_it_is_its_model(client: Client, plan: Plan) -> None:
    assert posted(client, path(plan, "name/"), {"nickname": ""}).startswith(plan.model.name)


def test_a_name_too_long_is_refused(client: Client, plan: Plan) -> None:
    page = posted(client, path(plan, "name/"), {"nickname": "x" * 61})
    assert page.startswith("Error: Rename this printer")
    plan.refresh_from_db()
    assert plan.nickname == "Front desk"


@pytest.mark.parametrize(("when_low", "said"), [("day_first", "Give me a day first"), ("ask", "Ask me each time")])
def test_what_happens_when_ink_is_low_is_chosen(client: Client, plan: Plan, when_low: str, said: str) -> None:
    page = posted(client, path(plan, "when-low/"), {"when_low": when_low})
    assert "Saved. It holds from the next order on." in page
    assert f"When ink is low {said}" in page


@pytest.mark.parametrize("typed", [{}, {"when_low": "never"}])
def test_one_of_the_three_is_chosen(client: Client, plan: Plan, typed: dict[str, str]) -> None:
    page = posted(client, path(plan, "when-low/"), typed)
    assert page.startswith("Error: When ink is low, Front desk")
    assert "When ink is low: Choose one of the three." in page


def test_a_plan_is_paused_until_a_day_and_resumed(client: Client, plan: Plan) -> None:
    page = posted(client, path(plan, "pause/"), {"until": "2027-01-04"})
    assert page.count("Paused until Mon 4 Jan 2027. We watch, but order nothing.") == 2
    plan.refresh_from_db()
    assert (plan.paused_at, plan.paused_until) == (NOW, date(2027, 1, 4))
    assert "It goes on. What is low is ordered now." in posted(client, path(plan, "resume/"))
    plan.refresh_from_db()
    assert plan.paused_at is None


def test_a_pause_without_a_day_lasts_until_resumed(client: Client, plan: Plan) -> None:
    assert "Paused. We watch, but order nothing." in posted(client, path(plan, "pause/"), {"until": ""})


@pytest.mark.parametrize("until", ["2026-11-23", "2020-01-01", "2027-11-24", "9999-12-31", "soon", "2026-02-30"])
def test_a_pause_ends_on_a_day_within_a_year(client: Client, plan: Plan, until: str) -> None:
    assert posted(client, path(plan, "pause/"), {"until": until}).startswith("Error: Pause this plan")
    plan.refresh_from_db()
    assert plan.paused_at is None


def test_a_pending_plan_cannot_be_paused(client: Client, plan: Plan) -> None:
    Plan.objects.update(status="pending")
    assert "Only an active plan can be paused." in posted(client, path(plan, "pause/"), {"until": ""})


def test_the_next_one_is_skipped_once_and_the_skip_taken_back(client: Client, plan: Plan) -> None:
    for _ in range(2):
        page = posted(client, cartridge(plan, "skip/"))
        assert "The next Black is skipped, once." in page
        assert "The next one is skipped, once." in page
    assert choice(plan).skip_next
    assert "The next Black is ordered as always." in posted(client, cartridge(plan, "unskip/"))
    assert not choice(plan).skip_next


def test_a_skip_that_comes_after_the_order_says_so(client: Client, plan: Plan) -> None:
    make_order(plan, "released")
    said = "While this page was open, Black was ordered. Skip now applies to the one after it."
    assert said in posted(client, cartridge(plan, "skip/"))
    assert "Black is on order. Skip applies to the one after it." in posted(
        client, cartridge(plan, "skip/"), {"ordered": "1"}
    )


def test_sizes_are_chosen_by_their_price(client: Client, plan: Plan) -> None:
    slot = slot_of(plan)
    high = SlotSkuFactory.create(slot=slot, sku=SkuFactory.create(code="XL", name="Black XL"), size="high")
    PriceFactory.create(sku=slot.fits.get(size="standard").sku, amount_cents=1599)
    PriceFactory.create(sku=high.sku, amount_cents=2499)
    page = text_of(client, cartridge(plan))
    assert "PGI-280-PGBK ink, $15.99 today" in page
    assert "Black XL, $24.99 today, $9.00 more" in page
    assert "Saved. It holds from the next Black on." in posted(
        client, cartridge(plan), {"size": "standard", "spares": "2"}
    )
    assert (choice(plan).size, choice(plan).spares) == ("standard", 2)
    assert "2 spares at hand." in text_of(client, path(plan))


def test_where_there_is_one_size_only_spares_are_asked_for(client: Client, plan: Plan) -> None:
    assert "Size Standard" not in text_of(client, cartridge(plan))
    posted(client, cartridge(plan), {"spares": "1"})
    assert choice(plan).spares == 1


@pytest.mark.parametrize("spares", ["", "-1", "100", "many", "1.5"])
def test_spares_are_a_number(client: Client, plan: Plan, spares: str) -> None:
    assert "Spares at hand: Give a number from 0 to 99." in posted(client, cartridge(plan), {"spares": spares})
    assert not PlanSlot.objects.exists()


def test_what_waits_for_a_word_is_ordered_by_it(client: Client, plan: Plan) -> None:
    make_order(plan, "cancelled").lines.update(open=False)
    for _ in range(2):
        assert "We order Black now." in posted(client, cartridge(plan, "order/"))
    need = Replenishment.objects.get()
    assert (need.decision, need.due_at, need.wanted_at) == ("undecided", NOW, NOW)


def test_another_models_slot_and_a_waste_tank_are_not_there(client: Client, plan: Plan) -> None:
    other = SlotFactory.create(code="C")
    waste = SlotFactory.create(model=plan.model, code="WASTE", consumable=False)
    for slot in (other, waste):
        assert client.post(path(plan, f"cartridges/{slot.pk}/skip/")).status_code == 404


def test_a_button_reached_otherwise_leads_to_its_page(client: Client, plan: Plan) -> None:
    assert client.get(path(plan, "resume/"), follow=True).wsgi_request.path == path(plan)
    assert client.get(cartridge(plan, "skip/"), follow=True).wsgi_request.path == cartridge(plan)
    assert not PlanSlot.objects.exists()


@pytest.mark.parametrize("to", ["name/", "when-low/", "pause/", "resume/", "shipping-address/"])
def test_nothing_of_an_ended_plan_changes(client: Client, plan: Plan, to: str) -> None:
    Plan.objects.update(status="cancelled", ended_at=NOW)
    typed = {"nickname": "x", "when_low": "ask", "until": ""}
    assert "This plan has ended, so it cannot be changed." in posted(client, path(plan, to), typed)


def test_changes_cannot_be_sent_from_elsewhere(ana: object, plan: Plan) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(plan.user)
    for to in ("name/", "when-low/", "pause/", "resume/", "cancel/", "start-again/", "shipping-address/"):
        assert strict.post(path(plan, to)).status_code == 403
