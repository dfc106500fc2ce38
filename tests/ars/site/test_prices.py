"""The price chart: every printer that can join, yours first (promise P8)."""

from datetime import timedelta

from django.test import Client

from ars.site import price_chart
from orders.models import Price
from printers.models import PrinterModel, SlotSku
from tests.ars.account.conftest import text_of
from tests.ars.site.conftest import fits
from tests.factories import NOW, PriceFactory, PrinterModelFactory, PromotionFactory


def twin(model: PrinterModel, name: str) -> PrinterModel:
    """Another model that takes the same."""
    other = PrinterModelFactory.create(name=name)
    for fit in SlotSku.objects.filter(slot__model=model).select_related("slot", "sku"):
        slot = fit.slot
        place = {"name": slot.name, "colorant": slot.colorant, "position": slot.position}
        fits(other, slot.code, fit.sku.code, None, size=fit.size, **place)
    return other


def test_models_that_take_the_same_share_a_table(stranger: Client, model: PrinterModel) -> None:
    twin(model, "TR9")
    text = text_of(stranger, "/prices/")
    assert text.count("PGI-1 and CLI-1 ink, 2 cartridges") == 1
    assert "Black $10.00 PGI-1-PGBK $15.00 PGI-1XL-PGBK Cyan $8.00 CLI-1-C" in text
    assert "Fits PIXMA TR1, TR9." in text


def test_every_eligible_model_is_on_it(shop: None) -> None:
    chart = price_chart.read("", NOW)
    assert sum(len(family.models) for family in chart.families) == 72
    assert chart.without == []
    assert len({family.numbers for family in chart.families}) == len(chart.families) - 1  # one with photo blue too


def test_a_table_says_what_its_columns_are(stranger: Client, model: PrinterModel) -> None:
    html = " ".join(stranger.get("/prices/").content.decode().split())
    assert "<caption>PGI-1 and CLI-1 ink, 2 cartridges</caption>" in html
    assert '<th role="columnheader" scope="col" class="amount-cell">XL</th>' in html
    assert html.count('scope="row"') == 2


def test_yours_comes_first(stranger: Client, model: PrinterModel) -> None:
    fits(PrinterModelFactory.create(name="TR2"), "K", "PG-2", 900)
    text = text_of(stranger, "/prices/?printer=PIXMA+TR2")
    assert text.index("Your PIXMA TR2 PG-2 ink, 1 cartridge") < text.index("All other printers PGI-1 and CLI-1 ink")
    assert text.count("PG-2 ink") == 1


def test_one_that_may_be_several_asks_which(stranger: Client, model: PrinterModel) -> None:
    twin(model, "TR12")
    assert "Which one is it? PIXMA TR1, PIXMA TR12" in text_of(stranger, "/prices/?printer=pixma")
    assert 'href="/prices/?printer=PIXMA%20TR12"' in stranger.get("/prices/?printer=pixma").content.decode()


def test_one_that_is_none_has_neighbours(stranger: Client, model: PrinterModel) -> None:
    text = text_of(stranger, "/prices/?printer=TR7")
    assert "No printer called “TR7” can join. Did you mean PIXMA TR1?" in text
    assert "All printers PGI-1" in text


def test_a_model_without_cartridges_is_named_not_forgotten(stranger: Client, model: PrinterModel) -> None:
    PrinterModelFactory.create(name="TR2")
    assert "a person is finding out: PIXMA TR2." in text_of(stranger, "/prices/")
    assert "We do not know yet which cartridges fit PIXMA TR2." in text_of(stranger, "/prices/?printer=TR2")


def test_made_up_prices_say_so(stranger: Client, model: PrinterModel) -> None:
    assert "Not an offer" not in text_of(stranger, "/prices/")
    Price.objects.filter(sku__code="CLI-1-C").update(is_demo=True)
    assert "Demo prices. Not an offer." in text_of(stranger, "/prices/")


def test_a_price_is_that_of_now_and_the_page_says_since_when(stranger: Client, model: PrinterModel) -> None:
    sku = SlotSku.objects.get(sku__code="CLI-1-C").sku
    PriceFactory.create(sku=sku, amount_cents=850, valid_from=NOW - timedelta(days=3))
    PriceFactory.create(sku=sku, amount_cents=900, valid_from=NOW + timedelta(days=3))
    text = text_of(stranger, "/prices/")
    assert "Cyan $8.50" in text
    assert "Prices as of Mon 23 Nov, 5:00 am Eastern; the last of them changed on Fri 20 Nov." in text


def test_a_missing_price_is_not_set_yet(stranger: Client, model: PrinterModel) -> None:
    Price.objects.filter(sku__code="CLI-1-C").delete()
    assert "Cyan Price not set yet CLI-1-C" in text_of(stranger, "/prices/")


def test_a_running_promotion_stands_beside_the_price_with_its_last_day(stranger: Client, model: PrinterModel) -> None:
    PromotionFactory.create(scope="skus").skus.add(SlotSku.objects.get(sku__code="CLI-1-C").sku)
    text = text_of(stranger, "/prices/")
    assert "Autumn weeks: 10\u00a0% off, for orders placed until Sun 13 Dec." in text
    assert "Black $10.00 PGI-1-PGBK" in text
    assert "Cyan was $8.00 now $7.20 CLI-1-C Autumn weeks" in text
    assert '<s class="was">$8.00</s>' in stranger.get("/prices/").content.decode()


def test_a_promotion_that_is_over_or_covers_none_of_it_is_not_named(stranger: Client, model: PrinterModel) -> None:
    PromotionFactory.create(ends_at=NOW)
    PromotionFactory.create(scope="skus")
    assert "Autumn weeks" not in text_of(stranger, "/prices/")


def test_a_model_page_has_its_prices_and_its_set_reduced(stranger: Client, model: PrinterModel) -> None:
    PromotionFactory.create(percent=50)
    text = text_of(stranger, f"/printers/{model.slug}/")
    assert "Autumn weeks: 50\u00a0% off, for orders placed until Sun 13 Dec." in text
    assert "A full set of standard cartridges costs $9.00." in text


def test_closed_models_are_not_on_it(stranger: Client, model: PrinterModel) -> None:
    PrinterModel.objects.update(eligible=False)
    assert "No printer can join yet, so there is nothing to price." in text_of(stranger, "/prices/")
