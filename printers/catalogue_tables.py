"""The catalogue as tables that staff take out and bring back: models, slots, cartridges, and which fits where.

Rows that a file leaves out stay as they are: nothing with a history is removed by a spreadsheet.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from printers import catalogue
from printers.catalogue_file import COLORANTS
from printers.exchange import Cells, Table, each
from printers.models import PrinterModel, Series, Sku, Slot, SlotAlias, SlotSku
from printers.sheets import BadSheet, Row

YES_NO = ("yes", "no")


def yes_no(value: bool) -> str:
    """As a cell says it."""
    return "yes" if value else "no"


def _models() -> Iterator[Cells]:
    for model in PrinterModel.objects.select_related("series").order_by("series__position", "name"):
        yield {
            "series": model.series.name,
            "model": model.name,
            "eligible": yes_no(model.eligible),
            "source": model.supply_source,
        }


def _bring_models(rows: list[Row], now: datetime) -> list[BadSheet]:
    series = {each.name: each for each in Series.objects.all()}
    known = {model.name: model for model in PrinterModel.objects.all()}
    slugs = {model.slug: name for name, model in known.items()}

    def write(row: Row) -> None:
        name = row.text("model", 60)
        said = {
            "series": series[row.one_of("series", series)],
            "eligible": row.one_of("eligible", YES_NO) == "yes",
            "supply_source": row.text("source", 80, required=False),
        }
        slug = slugify(name)
        if not slug or slugs.setdefault(slug, name) != name:
            raise row.bad("model", f"{name} reads like {slugs[slug]}." if slug else "needs letters or digits.")
        if name in known:
            PrinterModel.objects.filter(pk=known[name].pk).update(**said)
        else:
            PrinterModel.objects.create(name=name, slug=slug, **said)

    return each(rows, MODELS.key, write)


def _skus() -> Iterator[Cells]:
    for sku in Sku.objects.order_by("code"):
        yield {"sku": sku.code, "name": sku.name, "kind": sku.kind}


def _bring_skus(rows: list[Row], now: datetime) -> list[BadSheet]:
    def write(row: Row) -> None:
        code, name, kind = row.text("sku", 40), row.text("name", 80), row.one_of("kind", Sku.Kind.values)
        if not Sku.objects.filter(code=code).update(name=name, kind=kind):
            Sku.objects.create(code=code, name=name, kind=kind)

    return each(rows, SKUS.key, write)


def _slots() -> Iterator[Cells]:
    for slot in Slot.objects.select_related("model").order_by("model__name", "position", "code"):
        yield {
            "model": slot.model.name,
            "slot": slot.code,
            "name": slot.name,
            "colorant": slot.colorant,
            "position": str(slot.position),
            "low_threshold": str(slot.low_threshold),
        }


def _bring_slots(rows: list[Row], now: datetime) -> list[BadSheet]:
    models = PrinterModel.objects.in_bulk(field_name="name")

    def write(row: Row) -> None:
        model, code = models[row.known("model", 60, models)], row.text("slot", 16)
        said: dict[str, Any] = {
            "name": row.text("name", 40),
            "colorant": row.one_of("colorant", COLORANTS),
            "position": row.number_in("position", 1, 32),
            "low_threshold": row.number_in("low_threshold", 1, 99),
        }
        if not Slot.objects.filter(model=model, code=code).update(**said):
            slot = Slot.objects.create(model=model, code=code, **said)
            _call(slot, "name", code, said["name"])

    return each(rows, SLOTS.key, write) or _same_places(rows)


def _same_places(rows: list[Row]) -> list[BadSheet]:
    """Two slots of a model are not in one place."""
    taken: dict[tuple[str, int], set[str]] = {}
    for name, position, code in Slot.objects.values_list("model__name", "position", "code"):
        taken.setdefault((name, position), set()).add(code)
    found = []
    for row in rows:
        position = row.number_in("position", 1, 32)
        if others := taken[row.text("model", 60), position] - {row.text("slot", 16)}:
            found.append(row.bad("position", f"{position} is taken by {', '.join(sorted(others))}."))
    return found


def _mappings() -> Iterator[Cells]:
    order = ("slot__model__name", "slot__position", "slot__code", "-size")
    for fit in SlotSku.objects.select_related("slot__model", "sku").order_by(*order):
        yield {
            "model": fit.slot.model.name,
            "slot": fit.slot.code,
            "size": fit.size,
            "sku": fit.sku.code,
            "confirmed": yes_no(fit.slot.mapping_confirmed),
        }


def _bring_mappings(rows: list[Row], now: datetime) -> list[BadSheet]:
    slots = {(slot.model.name, slot.code): slot for slot in Slot.objects.select_related("model")}
    models = {name for name, _ in slots}
    skus = Sku.objects.in_bulk(field_name="code")
    fits = {(fit.slot_id, fit.size): fit for fit in SlotSku.objects.all()}

    def write(row: Row) -> None:
        model, code = row.known("model", 60, models), row.text("slot", 16)
        if (slot := slots.get((model, code))) is None:
            raise row.bad("slot", f"{model} has no slot {code!r}.")
        size, sku = row.one_of("size", SlotSku.Size.values), skus[row.known("sku", 40, skus)]
        confirmed = row.one_of("confirmed", YES_NO) == "yes"
        fit = fits.get((slot.pk, size))
        if slot.mapping_confirmed and not confirmed:
            raise row.bad("confirmed", "A person has confirmed this slot; that is not taken back.")
        if fit is None or fit.sku_id != sku.pk:
            if sku.discontinued_at is not None:
                raise row.bad("sku", f"{sku.code} is not made any more.")
            SlotSku.objects.update_or_create(slot=slot, size=size, defaults={"sku": sku})
            _call(slot, "part", sku.code)
            catalogue.decide_again([slot.pk])
        if confirmed and not slot.mapping_confirmed:
            catalogue.confirm_mapping(slot)

    return each(_confirming_last(rows), MAPPINGS.key, write)


def _confirming_last(rows: list[Row]) -> list[Row]:
    """So that one size's yes does not turn the other's no into a contradiction: the file is about one state."""
    return sorted(rows, key=lambda row: row.cells["confirmed"].strip() == "yes")


def _call(slot: Slot, kind: str, *names: str) -> None:
    """Printers may mean a slot by these, unless they mean another by them."""
    keys = [catalogue.alias_key(kind, name) for name in names]
    rows = [SlotAlias(model_id=slot.model_id, key=key, slot=slot) for key in keys]
    SlotAlias.objects.bulk_create(rows, ignore_conflicts=True)


def _lock_models() -> None:
    list(PrinterModel.objects.order_by("pk").select_for_update(no_key=True))


def lock_skus() -> None:
    """Nobody enters a price of any cartridge, or ends one, until the transaction does."""
    list(Sku.objects.order_by("pk").select_for_update(no_key=True, of=("self",)))


def _lock_slots() -> None:
    list(Slot.objects.order_by("pk").select_for_update(no_key=True, of=("self",)))


MODELS = Table(
    "models",
    "Printer models",
    ("series", "model", "eligible", "source"),
    ("model",),
    _models,
    _lock_models,
    _bring_models,
)
SKUS = Table("skus", "Cartridges", ("sku", "name", "kind"), ("sku",), _skus, lock_skus, _bring_skus)
SLOTS = Table(
    "slots",
    "Slots",
    ("model", "slot", "name", "colorant", "position", "low_threshold"),
    ("model", "slot"),
    _slots,
    _lock_slots,
    _bring_slots,
)
MAPPINGS = Table(
    "mappings",
    "Which cartridge fits where",
    ("model", "slot", "size", "sku", "confirmed"),
    ("model", "slot", "size"),
    _mappings,
    _lock_slots,
    _bring_mappings,
)
