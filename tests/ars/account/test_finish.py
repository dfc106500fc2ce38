"""Finishing a plan in any order: the list of its steps, the agreement, how its printer is connected, what is low."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ars.account import set_up
from ars.account.question import Question
from billing import cards
from enrollment import lifecycle, terms
from enrollment.choices import Choice, of
from enrollment.models import Consent, Plan, User
from enrollment.purchases import record
from orders.models import Order, Price
from orders.replenishment import decide_for
from printers.models import PrinterModel, Series, SlotSku
from tests.ars.account.conftest import card_of, posted, report, text_of
from tests.ars.account.test_shipping_address import NEW
from tests.enrollment.askers import SERIAL, approve, ask, poll
from tests.factories import (
    NOW,
    AddressFactory,
    ConsentFactory,
    DeviceTokenFactory,
    LowSignalFactory,
    PartnerFactory,
    PlanFactory,
    PriceFactory,
    PrinterModelFactory,
    PromotionFactory,
    SlotSkuFactory,
)


@pytest.fixture
def model(db: None) -> PrinterModel:
    """It takes black in two sizes, $24.99 and $31.99."""
    model = PrinterModelFactory.create(name="TR8620")
    standard = SlotSkuFactory.create(slot__model=model, slot__name="Black", sku__code="PGI-280-PGBK")
    larger = SlotSkuFactory.create(slot=standard.slot, sku__code="PGI-280XL-PGBK", size=SlotSku.Size.HIGH)
    PriceFactory.create(sku=standard.sku, amount_cents=2499)
    PriceFactory.create(sku=larger.sku, amount_cents=3199)
    return model


@pytest.fixture
def begun(ana: User, model: PrinterModel) -> Plan:
    """Nothing of it is done."""
    return PlanFactory.create(user=ana, model=model, nickname="Attic", pending=True)


def path(plan: Plan, to: str) -> str:
    return f"/account/replenishment/{plan.pk}/{to}/"


def stored(plan: Plan) -> Plan:
    return Plan.objects.get(pk=plan.pk)


def agree(client: Client, plan: Plan) -> Any:
    """Press the button of the page as it is now."""
    (shown,) = re.findall(r'name="shown"\s+value="(\w+)"', client.get(path(plan, "consent")).content.decode())
    return client.post(path(plan, "consent"), {"shown": shown})


def pay(plan: Plan) -> None:
    cards.use_card(plan, card_of(plan.user), NOW)


def connect(plan: Plan, user: User) -> str:
    """Said yes to, and the token fetched."""
    request, device_code = ask()
    approve(request, user, plan.model, plan)
    return poll(device_code)


# What comes next


def test_each_step_leads_to_the_next_and_the_last_to_the_plan(client: Client, ana: User, begun: Plan) -> None:
    assert client.post(path(begun, "shipping-address"), NEW)["Location"] == path(begun, "payment-method")
    pay(begun)
    assert set_up.next_page(begun) == path(begun, "consent")
    assert agree(client, begun)["Location"] == path(begun, "how-to-activate")
    assert stored(begun).status == "pending"
    connect(begun, ana)
    assert stored(begun).status == "active"
    assert set_up.next_page(begun) == f"/account/replenishment/{begun.pk}/"


def test_connected_first_the_agreement_comes_last_and_begins_it(client: Client, ana: User, begun: Plan) -> None:
    connect(begun, ana)
    client.post(path(begun, "shipping-address"), NEW)
    pay(begun)
    assert agree(client, begun)["Location"] == f"/account/replenishment/{begun.pk}/"
    assert stored(begun).status == "active"
    assert "Done. From now on we order ink for Attic when it is low." in text_of(client, "/account/")


def test_the_list_says_what_is_done_and_has_one_button(client: Client, begun: Plan) -> None:
    client.post(path(begun, "shipping-address"), NEW)
    page = text_of(client, path(begun, "set-up"))
    assert "1 of 4 done Shipping address done Ana Ruiz, 7 Oak Avenue, Austin TX 78701 Edit" in page
    assert "Payment method to come Your agreement to the terms to come Connected printer to come" in page
    assert "Next: payment method" in page
    html = client.get(path(begun, "set-up")).content.decode()
    assert html.count('class="button"') == 1


def test_the_overview_says_what_is_left(client: Client, ana: User, begun: Plan) -> None:
    assert "4 steps left for Attic. Next: say where ink is to be sent. Continue" in text_of(client, "/account/")
    client.post(path(begun, "shipping-address"), NEW)
    pay(begun)
    agree(client, begun)
    assert "One step left for Attic: connect it. Continue" in text_of(client, "/account/")
    assert f'href="{path(begun, "how-to-activate")}"' in client.get("/account/").content.decode()


def test_between_yes_and_token_the_next_page_is_the_one_that_waits(ana: User, begun: Plan) -> None:
    ConsentFactory.create(plan=begun)
    Plan.objects.filter(pk=begun.pk).update(payable_since=NOW, shipping_address=AddressFactory.create(user=ana))
    approve(ask()[0], ana, begun.model, begun)
    assert set_up.next_page(begun) == f"/activate/{begun.pk}/"


def test_a_plan_that_runs_or_ended_has_no_set_up(client: Client, plan: Plan) -> None:
    for step in ("set-up", "consent"):
        assert client.get(path(plan, step))["Location"] == f"/account/replenishment/{plan.pk}/"
    Plan.objects.update(status="cancelled", ended_at=NOW)
    for step in ("set-up", "consent", "how-to-activate"):
        assert client.get(path(plan, step))["Location"] == f"/account/replenishment/{plan.pk}/"


def test_a_printer_that_is_anothers_by_now_is_said_and_can_be_tried_again(client: Client, ana: User) -> None:
    plan = PlanFactory.create(user=ana, ready=True)
    DeviceTokenFactory.create(printer=plan.printer)
    ConsentFactory.create(plan=plan)
    other = PlanFactory.create(model=plan.model, printer=plan.printer)
    said = "This printer has an active plan already."
    assert said in text_of(client, set_up.next_page(plan))
    assert said in posted(client, path(plan, "set-up"))
    assert stored(plan).status == "pending"
    lifecycle.cancel(other, "", NOW, "customer")
    client.post(path(plan, "set-up"))
    assert stored(plan).status == "active"


# The agreement


def test_the_agreement_shows_every_price_and_what_is_agreed(client: Client, begun: Plan) -> None:
    page = text_of(client, path(begun, "consent"))
    assert "Black $24.99 PGI-280-PGBK $31.99 PGI-280XL-PGBK" in page
    assert (
        "Your card is charged when it ships, not before: the price of that day, never more than the order mail" in page
    )
    assert f"you agree to all of this and to the terms of {terms.VERSION}, for this printer. Agree and start" in page


def test_what_was_shown_is_kept_once(client: Client, begun: Plan) -> None:
    first, second = agree(client, begun), client.post(path(begun, "consent"), {"shown": "anything"})
    assert first["Location"] == second["Location"] == path(begun, "shipping-address")
    kept = Consent.objects.get()
    assert kept.prices == {"PGI-280-PGBK": 2499, "PGI-280XL-PGBK": 3199}
    assert (kept.plan, kept.text_version, kept.ip_address, kept.given_at) == (begun, terms.VERSION, "127.0.0.1", NOW)


def test_a_promotion_and_a_price_that_will_rise_stand_beside_the_button(client: Client, begun: Plan) -> None:
    PromotionFactory.create()
    larger = SlotSku.objects.get(size=SlotSku.Size.HIGH).sku
    PriceFactory.create(sku=larger, amount_cents=3399, valid_from=NOW + timedelta(days=2))
    page = text_of(client, path(begun, "consent"))
    assert "Autumn weeks: 10\u00a0% off, for orders placed until Sun 13 Dec." in page
    assert "was $24.99 now $22.49 PGI-280-PGBK Autumn weeks" in page
    assert f"From Wed 25 Nov on, one {larger.name} costs $33.99." in page


def test_a_price_that_changed_is_shown_before_it_is_agreed_to(client: Client, begun: Plan) -> None:
    html = client.get(path(begun, "consent")).content.decode()
    (shown,) = re.findall(r'name="shown"\s+value="(\w+)"', html)
    Price.objects.filter(sku__code="PGI-280-PGBK").update(amount_cents=2599)
    page = posted(client, path(begun, "consent"), {"shown": shown})
    assert "A price or the text changed while this page was open, so nothing was agreed to." in page
    assert "$25.99" in page
    assert not Consent.objects.exists()
    agree(client, begun)
    assert Consent.objects.get().prices["PGI-280-PGBK"] == 2599


def test_a_model_closed_meanwhile_lets_what_was_begun_go_on(client: Client, begun: Plan) -> None:
    PrinterModel.objects.update(eligible=False)
    agree(client, begun)
    assert Consent.objects.count() == 1


def test_unknown_cartridges_are_said_to_be_so(client: Client, ana: User) -> None:
    plan = PlanFactory.create(user=ana, pending=True)
    assert "We do not know yet which cartridges fit this model." in text_of(client, path(plan, "consent"))


# Connecting it


@pytest.mark.parametrize(
    ("way", "said"),
    [("download", "1. Download it"), ("instructions", "Look on the printer's panel for auto replenishment")],
)
def test_each_series_is_connected_its_own_way(client: Client, begun: Plan, way: str, said: str) -> None:
    Series.objects.update(enrollment_path=way)
    page = text_of(client, path(begun, "how-to-activate"))
    assert said in page
    assert "Type it on the activation page" in page


def test_a_printer_that_expects_another_serial_number_is_a_question(ana: User, begun: Plan) -> None:
    Plan.objects.update(expected_serial="ACDE09999")
    request, _ = ask()
    labels = [target.label for target in Question(request, ana, None, NOW).targets]
    assert labels == ["PIXMA TR8620, the plan you began: Attic", "A new plan for PIXMA TR8620"]
    Plan.objects.update(expected_serial=SERIAL)
    assert Question(request, ana, None, NOW).targets[0].plan == begun
    assert Question(request, ana, None, NOW).only is not None


# What is low at the very start


@pytest.fixture
def low(ana: User, begun: Plan) -> Plan:
    """Connected, and its black is at 9 %."""
    connect(begun, ana)
    plan = Plan.objects.select_related("printer").get(pk=begun.pk)
    LowSignalFactory.create(printer=plan.printer, slot=plan.model.slots.get())
    report(plan, level=9)
    return plan


def finish(client: Client, plan: Plan) -> list[Order]:
    """All that is missing; then what the worker decides."""
    client.post(path(plan, "shipping-address"), NEW)
    pay(plan)
    agree(client, plan)
    assert stored(plan).status == "active"
    return decide_for(plan.pk, NOW)


def test_what_is_low_already_is_ordered_when_the_last_step_is_done(client: Client, low: Plan) -> None:
    page = text_of(client, f"/activate/{low.pk}/")
    assert "Black is low now. We order it today, as soon as the set-up is finished. I have a spare" in page
    assert len(finish(client, low)) == 1
    page = text_of(client, f"/activate/{low.pk}/")
    assert "Black is low now. It is ordered. See order" in page
    assert "I have a spare" not in page


def test_a_spare_at_hand_is_said_once_and_nothing_is_ordered(client: Client, low: Plan) -> None:
    slot = low.model.slots.get()
    for _ in range(2):
        page = posted(client, f"/account/replenishment/{low.pk}/cartridges/{slot.pk}/spare/")
        assert "Put your spare Black in. We order the next time it is low." in page
        assert "Black is low now. You have a spare, so nothing is ordered for it." in page
    assert of(low) == {slot.pk: Choice(spares=1)}
    assert finish(client, low) == []


# Bought with the box ticked


def test_a_buyers_address_is_done_and_the_rest_is_asked(client: Client, ana: User, model: PrinterModel) -> None:
    address = {name: NEW[name] for name in ("full_name", "line1", "city", "state", "postal_code")}
    body = {"email": ana.email, "full_name": "Ana", "model": "TR8620", "shipping_address": address}
    plan = record(PartnerFactory.create(), "P-1", body | {"serial_number": "acde 04471"}, NOW)[0].plan
    assert set_up.next_page(plan) == path(plan, "payment-method")
    assert stored(plan).expected_serial == SERIAL
    assert "1 of 4 done Shipping address done Ana Ruiz, 7 Oak Avenue" in text_of(client, path(plan, "set-up"))
