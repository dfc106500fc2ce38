"""One model's page: its ink, its prices, its way to enroll."""

from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.test import Client

from ars.site.model_page import ModelPage
from enrollment.models import Plan
from orders.models import Price
from printers.models import PrinterModel, Series, Slot, SlotSku
from tests.ars.account.conftest import text_of
from tests.ars.site.conftest import fits
from tests.factories import NOW, PlanFactory, PrinterModelFactory

PAGE = "/printers/tr1/"


def test_each_cartridge_has_its_sizes_and_todays_prices(stranger: Client, model: PrinterModel) -> None:
    text = text_of(stranger, PAGE)
    assert "Black $10.00 PGI-1-PGBK $15.00 PGI-1XL-PGBK Cyan $8.00 CLI-1-C –not made in this size" in text


def test_a_full_set_is_summed_in_both_sizes(stranger: Client, model: PrinterModel) -> None:
    text = text_of(stranger, PAGE)
    assert "A full set of standard cartridges costs $18.00. With XL wherever there is one, $23.00." in text
    assert "XL is what we send unless you choose standard." in text


def test_without_every_price_there_is_no_sum(stranger: Client, model: PrinterModel) -> None:
    fits(model, "M", "CLI-1-M", None, name="Magenta", position=3)
    text = text_of(stranger, PAGE)
    assert "Magenta Price not set yet CLI-1-M" in text
    assert "A full set" not in text


def test_one_size_is_one_column(stranger: Client, model: PrinterModel) -> None:
    SlotSku.objects.filter(size=SlotSku.Size.HIGH).delete()
    text = text_of(stranger, PAGE)
    assert "XL" not in text
    assert "A full set of standard cartridges costs $18.00. We send" in text


def test_made_up_prices_say_so(stranger: Client, model: PrinterModel) -> None:
    assert "Not an offer" not in text_of(stranger, PAGE)
    Price.objects.filter(sku__code="CLI-1-C").update(is_demo=True)
    assert "Demo prices. Not an offer." in text_of(stranger, PAGE)


def test_three_inks_in_one_cartridge_are_three_bands_with_their_words(stranger: Client, model: PrinterModel) -> None:
    Slot.objects.filter(code="C").update(colorant="cmy", name="Tri-color")
    html = stranger.get(PAGE).content.decode()
    assert html.count("<rect class=") == 1 + 1 + 3 + 1  # a band and a frame, three bands and a frame
    assert "cyan, magenta and yellow in one cartridge" in html


def test_what_fills_instead_of_empties_is_not_sold(stranger: Client, model: PrinterModel) -> None:
    Slot.objects.filter(code="C").update(consumable=False)
    assert "Cyan" not in text_of(stranger, PAGE)


def test_the_mark_is_told_once_or_for_each(stranger: Client, model: PrinterModel) -> None:
    assert "We order a cartridge when 15\u00a0% is left" in text_of(stranger, PAGE)
    Slot.objects.filter(code="C").update(low_threshold=20)
    text = text_of(stranger, PAGE)
    assert "Black: 15\u00a0%" in text
    assert "Cyan: 20\u00a0%" in text


def test_unconfirmed_cartridges_are_said_to_be_so(stranger: Client, model: PrinterModel) -> None:
    assert "still confirming" not in text_of(stranger, PAGE)
    Slot.objects.filter(code="C").update(mapping_confirmed=False)
    assert "You can enroll; a person checks your first order." in text_of(stranger, PAGE)


def test_a_model_of_unknown_cartridges_says_so(stranger: Client) -> None:
    PrinterModelFactory.create(name="TR2")
    assert "We do not know yet which cartridges fit this model." in text_of(stranger, "/printers/tr2/")


def test_a_closed_model_takes_no_new_plans(stranger: Client, model: PrinterModel) -> None:
    PrinterModel.objects.update(eligible=False)
    text = text_of(stranger, PAGE)
    assert "New plans for this model are closed. Plans that run go on." in text
    assert "Start Enrollment" not in text
    assert "What you need" not in text


def test_its_owner_is_led_to_the_plan(client: Client, plan: Plan) -> None:
    html = client.get(f"/printers/{plan.model.slug}/").content.decode()
    assert f'<a class="button" href="/account/replenishment/{plan.pk}/">View Plan</a>' in html


def test_anothers_plan_and_one_that_ended_are_nobodys(client: Client, plan: Plan) -> None:
    other = PlanFactory.create(model=PrinterModelFactory.create(name="TR3"))
    assert "View Plan" not in text_of(client, f"/printers/{other.model.slug}/")
    Plan.objects.filter(pk=plan.pk).update(status=Plan.Status.CANCELLED, ended_at=plan.created_at)
    assert "View Plan" not in text_of(client, f"/printers/{plan.model.slug}/")


def way(page: ModelPage) -> str:
    html = render_to_string("pages/enroll.html", {"page": page, "SUPPORT_PHONE": "555"})
    return " ".join(html.split())


@pytest.mark.parametrize(("path", "label"), [("download", "Start Enrollment"), ("instructions", "View Instructions")])
def test_each_series_has_its_own_way_to_enroll(path: str, label: str) -> None:
    model = PrinterModel(name="TR1", slug="tr1", series=Series(name="PIXMA", enrollment_path=path))
    html = way(ModelPage(model, {}, NOW))
    assert f'<a class="button" href="/enroll/?model=tr1"> {label} </a>' in html
    assert html.count("<a ") == 1


def test_an_owner_sees_enrolling_second() -> None:
    model = PrinterModel(name="TR1", slug="tr1", series=Series(name="PIXMA", enrollment_path="download"))
    html = way(replace(ModelPage(model, {}, NOW), plan=Plan(pk=1)))
    assert html.index("View Plan") < html.index('class="button outline"')
