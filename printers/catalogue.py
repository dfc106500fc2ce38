"""Loads the catalogue and keeps what staff decided; confirms cartridges; normalises the names printers use.

The sheets say which models there are and how slots and cartridges are called. Staff own what they may change in the
back office: `enrollment_path`, `eligible`, `picture`, `low_threshold` and, once a slot is confirmed, which cartridges
and names belong to it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.db import connection, models, transaction
from django.db.models import F
from django.utils.text import slugify

from printers import facts
from printers.catalogue_file import COLORANTS, DEFAULT, SERIES, ModelSpec, SlotSpec, read_catalogue
from printers.facts import Refused
from printers.models import LowSignal, PrinterModel, Series, Sku, Slot, SlotAlias, SlotSku

Key = TypeVar("Key", bound=Hashable)
Rows = TypeVar("Rows", bound=models.Model)


def alias_key(kind: str, text: str) -> str:
    """`name:pgi280pgbk` of ("name", "PGI-280 PGBK"): printers differ in case, blanks and dashes alone."""
    return f"{kind}:{''.join(filter(str.isalnum, text.casefold()))}"


def confirm_mapping(slot: Slot) -> bool:
    """A person, or the printer itself, says that the cartridge fits; False if that was known. What waited goes on."""
    with transaction.atomic():
        confirmed = Slot.objects.filter(pk=slot.pk, mapping_confirmed=False).update(mapping_confirmed=True) == 1
        if confirmed:
            decide_again([slot.pk])
    slot.mapping_confirmed = True
    return confirmed


def discontinue(sku: Sku, successor: Sku | None, now: datetime) -> None:
    """A cartridge is not made any more: from now on its successor goes wherever it fits, or none does.

    What is ordered stays as it is: orders look at who waits for it. Refused when the successor is not made either.
    """
    if successor is not None and (successor.pk == sku.pk or successor.discontinued_at is not None):
        raise Refused(f"{successor} is not made any more, so it cannot take the place of {sku}.", "no_successor")
    with transaction.atomic():
        list(Slot.objects.filter(fits__sku=sku).order_by("pk").select_for_update(no_key=True))
        Sku.objects.filter(pk=sku.pk).update(discontinued_at=now, successor=successor, due_at=now)
        fits = SlotSku.objects.filter(sku=sku)
        slots = {fit.slot_id: fit.slot for fit in fits.select_related("slot")}
        if successor is None:
            fits.delete()
        else:
            fits.filter(slot__fits__sku=successor).delete()  # the other size is this already
            fits.update(sku=successor)
            key = alias_key("part", successor.code)
            names = [SlotAlias(model_id=slot.model_id, key=key, slot=slot) for slot in slots.values()]
            SlotAlias.objects.bulk_create(names, ignore_conflicts=True)
        decide_again(slots)
    sku.discontinued_at, sku.successor = now, successor


def make_again(sku: Sku) -> None:
    """It is made after all. Where it fits, a person says: its successor has its places."""
    Sku.objects.filter(pk=sku.pk).update(discontinued_at=None, successor=None, due_at=None)


def sold(sku: Sku) -> Sku | None:
    """What is sold under a cartridge's name: itself, or what took its place; None when nothing did."""
    while sku.discontinued_at is not None:
        if sku.successor is None:
            return None
        sku = sku.successor
    return sku


def decide_again(slot_ids: Iterable[int]) -> None:
    """Open low signals of these slots are looked at once more: what their decision waited for has changed."""
    waiting = LowSignal.objects.filter(slot__in=list(slot_ids), closed_at=None, due_at=None)
    if waiting.update(due_at=F("received_at")):
        facts.nudge("low_signal")


def load(path: Path = DEFAULT) -> Counter[str]:
    """Bring the catalogue to what the sheets say, all or nothing; how many rows were touched, by what happened to them.

    Raises BadSheet. Models the sheets no longer have are closed to new plans; nothing with a history is deleted.
    """
    wanted = read_catalogue(path)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two loads at once take turns
            cursor.execute("LOCK TABLE printers_series IN SHARE ROW EXCLUSIVE MODE")
        return _Loader(wanted).run()


class _Loader:
    """One load: brings each table to what is wanted, those before it first, and counts what it touched."""

    def __init__(self, wanted: list[ModelSpec]) -> None:
        self.wanted = wanted
        self.touched: Counter[str] = Counter()

    def run(self) -> Counter[str]:
        models_by_slug = self._models(self._series())
        specs = {models_by_slug[model.slug].pk: model for model in self.wanted}
        known = list(Slot.objects.filter(model__in=specs).select_for_update(no_key=True))
        staffs = {slot.pk for slot in known if slot.mapping_confirmed}
        slots = self._slots(specs, {(slot.model_id, slot.code): slot for slot in known})
        decide_again(slot.pk for slot in known if slot.mapping_confirmed and slot.pk not in staffs)
        listed = [(slots[pk, slot.code], slot) for pk, model in specs.items() for slot in model.slots]
        free = [(slot, spec) for slot, spec in listed if slot.pk not in staffs]
        self._fits(free, [slot for slot in slots.values() if slot.pk not in staffs], self._skus())
        self._aliases(listed, staffs)
        return +self.touched

    def _series(self) -> dict[str, Series]:
        wanted = {
            name: Series(slug=slugify(name), name=name, enrollment_path=path, position=position)
            for position, (name, path) in enumerate(SERIES.items(), 1)
        }
        existing = {series.name: series for series in Series.objects.all()}
        return self._upsert(Series, "series", existing, wanted, ["slug", "position"])

    def _models(self, series: Mapping[str, Series]) -> dict[str, PrinterModel]:
        wanted = {
            model.slug: PrinterModel(
                series=series[model.series], name=model.name, slug=model.slug, supply_source=model.source
            )
            for model in self.wanted
        }
        existing = {model.slug: model for model in PrinterModel.objects.all()}
        gone = PrinterModel.objects.filter(eligible=True).exclude(slug__in=wanted)
        self.touched["models closed"] += gone.update(eligible=False)
        return self._upsert(PrinterModel, "models", existing, wanted, ["series_id", "name", "supply_source"])

    def _skus(self) -> dict[str, Sku]:
        cartridges = [c for model in self.wanted for slot in model.slots for c in slot.cartridges.values()]
        wanted = {each.code: Sku(code=each.code, name=each.name, kind=each.kind) for each in cartridges}
        existing = {sku.code: sku for sku in Sku.objects.all()}
        return self._upsert(Sku, "cartridges", existing, wanted, ["name", "kind"])

    def _slots(
        self, specs: Mapping[int, ModelSpec], existing: dict[tuple[int, str], Slot]
    ) -> dict[tuple[int, str], Slot]:
        wanted = {}
        for pk, model in specs.items():
            for spec in model.slots:
                was = existing.get((pk, spec.code))
                wanted[pk, spec.code] = Slot(
                    model_id=pk,
                    code=spec.code,
                    name=spec.name,
                    colorant=spec.colorant,
                    position=spec.position,
                    low_threshold=spec.low_threshold,
                    mapping_confirmed=model.confirmed or (was is not None and was.mapping_confirmed),
                )
        return self._upsert(Slot, "slots", existing, wanted, ["name", "colorant", "position", "mapping_confirmed"])

    def _fits(self, listed: Sequence[tuple[Slot, SlotSpec]], slots: Sequence[Slot], skus: Mapping[str, Sku]) -> None:
        """A slot the sheets have no longer keeps its history and loses its cartridges: nothing wrong is ordered."""
        wanted = {
            (slot.pk, size): SlotSku(slot=slot, sku=sku, size=size)
            for slot, spec in listed
            for size, cartridge in spec.cartridges.items()
            if (sku := sold(skus[cartridge.code])) is not None
        }
        existing = {(fit.slot_id, fit.size): fit for fit in SlotSku.objects.filter(slot__in=slots)}
        kept = {key for key in wanted.keys() & existing.keys() if wanted[key].sku_id == existing[key].sku_id}
        decide_again({slot_id for slot_id, _ in (wanted.keys() | existing.keys()) - kept})
        self._remove("fits", [fit for key, fit in existing.items() if key not in wanted])
        self._upsert(SlotSku, "fits", existing, wanted, ["sku_id"])

    def _aliases(self, listed: Sequence[tuple[Slot, SlotSpec]], staffs: set[int]) -> None:
        """Only names that mean one slot of their model; a colorant that two slots share is no name at all."""
        meant: dict[tuple[int, str], set[int]] = {}
        for slot, spec in listed:
            for key in _alias_keys(spec):
                meant.setdefault((slot.model_id, key), set()).add(slot.pk)
        rows = SlotAlias.objects.filter(model__in={slot.model_id for slot, _ in listed})
        existing = {(alias.model_id, alias.key): alias for alias in rows}
        staffs_keys = {key for key, alias in existing.items() if alias.slot_id in staffs}
        wanted = {
            (model, key): SlotAlias(model_id=model, key=key, slot_id=min(slots))
            for (model, key), slots in meant.items()
            if len(slots) == 1 and (model, key) not in staffs_keys
        }
        shared = {key for key, slots in meant.items() if len(slots) > 1 and key[1].startswith("colorant:")}
        self._remove("aliases", [existing[key] for key in shared & existing.keys()])
        self._upsert(SlotAlias, "aliases", existing, wanted, ["slot_id"])

    def _upsert(
        self, table: type[Rows], label: str, existing: Mapping[Key, Rows], wanted: Mapping[Key, Rows], fields: list[str]
    ) -> dict[Key, Rows]:
        """All rows by key: missing ones added, existing ones brought to `wanted` in `fields` alone."""
        added = {key: row for key, row in wanted.items() if key not in existing}
        changed = []
        for key in wanted.keys() & existing.keys():
            new = {name: getattr(wanted[key], name) for name in fields}
            if any(getattr(existing[key], name) != value for name, value in new.items()):
                vars(existing[key]).update(new)
                changed.append(existing[key])
        table._default_manager.bulk_create(added.values())
        table._default_manager.bulk_update(changed, fields)
        self.touched[f"{label} added"] += len(added)
        self.touched[f"{label} changed"] += len(changed)
        return {**existing, **added}

    def _remove(self, label: str, rows: Sequence[models.Model]) -> None:
        for row in rows:
            row.delete()
        self.touched[f"{label} removed"] += len(rows)


def _alias_keys(spec: SlotSpec) -> set[str]:
    """Every name by which a printer may mean this slot, as keys."""
    numbers = [*(cartridge.code for cartridge in spec.cartridges.values()), *spec.also_called]
    names = [spec.code, spec.name, *(cartridge.name for cartridge in spec.cartridges.values()), *numbers]
    colorants = [spec.colorant, *COLORANTS[spec.colorant]]
    kinds = (("part", numbers), ("name", names), ("colorant", colorants))
    return {alias_key(kind, text) for kind, texts in kinds for text in texts}
