"""The catalogue as its two sheets tell it: `catalogue.csv` names the models, `families.csv` beside it their slots."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.text import slugify

from printers.models import Series, Sku, SlotSku
from printers.sheets import Row, read

DEFAULT = Path(__file__).parent / "data" / "catalogue.csv"
MODEL_COLUMNS = ("series", "model", "family", "source")
SLOT_COLUMNS = (
    *("family", "slot", "name", "colorant", "position", "low_threshold"),
    *("kind", "standard_sku", "high_sku", "also_called"),
)
# How each series enrols (promise P2), in the order people see them.
SERIES = {
    "PIXMA": Series.EnrollmentPath.DOWNLOAD,
    "imageCLASS": Series.EnrollmentPath.INSTRUCTIONS,
    "imagePROGRAF": Series.EnrollmentPath.DOWNLOAD,
}
# What a printer may call each ink (RFC 3805 prtMarkerColorantValue and the words of the trade).
COLORANTS: dict[str, tuple[str, ...]] = {
    "k": ("black",),
    "c": ("cyan",),
    "m": ("magenta",),
    "y": ("yellow",),
    "gy": ("gray", "grey"),
    "lgy": ("light gray", "light grey"),
    "pc": ("photo cyan", "light cyan"),
    "pm": ("photo magenta", "light magenta"),
    "pb": ("photo blue",),
    "r": ("red",),
    "co": ("chroma optimizer", "clear"),
    "cmy": ("tri-color", "color"),
}
CONFIRMED = "confirmed"  # a `source` that begins so: a person has checked which cartridges fit


@dataclass(frozen=True)
class Cartridge:
    """A SKU."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class SlotSpec:
    """One slot of a family; `cartridges` by size."""

    code: str
    name: str
    colorant: str
    position: int
    low_threshold: int
    cartridges: dict[str, Cartridge]
    also_called: tuple[str, ...]


@dataclass(frozen=True)
class ModelSpec:
    """One model with its slots."""

    series: str
    name: str
    slug: str
    source: str
    slots: tuple[SlotSpec, ...]

    @property
    def confirmed(self) -> bool:
        """Whether a person has checked its cartridges."""
        return self.source.startswith(CONFIRMED)


def read_catalogue(path: Path) -> list[ModelSpec]:
    """The models of `path`; BadSheet names the first cell that is wrong."""
    families = _families(read(path.with_name("families.csv"), SLOT_COLUMNS))
    models: dict[str, ModelSpec] = {}
    for row in read(path, MODEL_COLUMNS):
        model = _model(row, families)
        if model.slug in models:
            raise row.bad("model", f"{model.name} is there twice.")
        models[model.slug] = model
    return list(models.values())


def _model(row: Row, families: dict[str, tuple[SlotSpec, ...]]) -> ModelSpec:
    name = row.text("model", 60)
    slug = slugify(name)
    if not slug:
        raise row.bad("model", "needs letters or digits.")
    slots = families[row.one_of("family", families)]
    return ModelSpec(row.one_of("series", SERIES), name, slug, row.text("source", 80), slots)


def _families(rows: list[Row]) -> dict[str, tuple[SlotSpec, ...]]:
    families: dict[str, list[SlotSpec]] = {}
    known: dict[str, Cartridge] = {}
    for row in rows:
        slots = families.setdefault(row.text("family", 60), [])
        slot = _slot(row, known)
        if any(other.code == slot.code for other in slots):
            raise row.bad("slot", f"{slot.code} is there twice in its family.")
        if any(other.position == slot.position for other in slots):
            raise row.bad("position", f"{slot.position} is taken by another slot of the family.")
        slots.append(slot)
    return {family: tuple(slots) for family, slots in families.items()}


def _slot(row: Row, known: dict[str, Cartridge]) -> SlotSpec:
    code, name = row.text("slot", 16), row.text("name", 40)
    cartridges = {SlotSku.Size.STANDARD.value: _cartridge(row, "standard_sku", code, name, known)}
    if row.text("high_sku", 40, required=False):
        cartridges[SlotSku.Size.HIGH.value] = _cartridge(row, "high_sku", code, name, known)
    return SlotSpec(
        code,
        name,
        row.one_of("colorant", COLORANTS),
        row.number_in("position", 1, 32),
        row.number_in("low_threshold", 1, 99),
        cartridges,
        _names(row.text("also_called", 200, required=False)),
    )


def _cartridge(row: Row, column: str, slot: str, slot_name: str, known: dict[str, Cartridge]) -> Cartridge:
    """A SKU is named by its number and what is in it: PGI-280XL-PGBK is PGI-280XL Pigment Black."""
    code = row.text(column, 40)
    name = f"{code.removesuffix(f'-{slot}')} {slot_name}"
    cartridge = Cartridge(code, name, row.one_of("kind", Sku.Kind.values))
    if known.setdefault(code, cartridge) != cartridge:
        raise row.bad(column, f"{code} is another cartridge in a row above ({known[code].name}, {known[code].kind}).")
    return cartridge


def _names(cell: str) -> tuple[str, ...]:
    """Names between bars; in each, `051/051H` stands for itself and for either half."""
    names: list[str] = []
    for name in filter(None, map(str.strip, cell.split("|"))):
        either = re.search(r"(\w+)/(\w+)", name)
        names += [name, *(name.replace(either[0], half) for half in either.groups())] if either else [name]
    return tuple(names)
