"""Finding a printer by what people type: its name, a part of it, or something near. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from printers.models import PrinterModel

LONGEST = 60  # characters of what was typed that are looked at
NEAR_ONES = 4
ALIKE = 0.6  # of 1: below it a name is another name, not a mistyped one


@dataclass(frozen=True)
class Found:
    """What was typed, the models it may mean, and, when it means none, the nearest."""

    typed: str
    matches: tuple[PrinterModel, ...] = ()
    near: tuple[PrinterModel, ...] = ()

    @property
    def only(self) -> PrinterModel | None:
        """The one that is meant, when there is no doubt."""
        return self.matches[0] if len(self.matches) == 1 else None


def find(typed: str, models: Sequence[PrinterModel]) -> Found:
    """The models meant by `typed`: 'tr 8620', 'PIXMA TR8620', 'my TR8620 at home', 'TR86', 'imageCLASS'."""
    typed = " ".join(typed.split())[:LONGEST]
    wanted = key(typed)
    if not wanted:
        return Found(typed)
    names = {model: (key(model.name), key(str(model))) for model in models}
    exact = [model for model, keys in names.items() if wanted in keys]
    partly = [model for model, (_, full) in names.items() if wanted in full]
    said = _pieces(typed)
    matches = exact or partly or _longest([model for model, (name, _) in names.items() if name in said])
    return Found(typed, tuple(matches), () if matches else _nearest(wanted, names))


def key(text: str) -> str:
    """Letters and digits alone: people differ in case, blanks and dashes."""
    return "".join(filter(str.isalnum, text.casefold()))


def _pieces(typed: str) -> set[str]:
    """Every run of words in it, as keys: one of them may be a name."""
    words = typed.split()
    return {key("".join(words[start:end])) for end in range(len(words) + 1) for start in range(end)}


def _longest(models: list[PrinterModel]) -> list[PrinterModel]:
    """'MF264dw II' holds 'MF264dw' too; it is the longer one that was meant."""
    return sorted(models, key=lambda model: -len(model.name))[:1]


def _nearest(wanted: str, names: dict[PrinterModel, tuple[str, str]]) -> tuple[PrinterModel, ...]:
    """Those that begin alike first: people mistype the end of a number more often than its beginning."""
    alike = {model: max(_likeness(wanted, name) for name in keys) for model, keys in names.items()}
    near = [model for model, (_, likeness) in alike.items() if likeness >= ALIKE]
    return tuple(sorted(near, key=lambda model: alike[model], reverse=True)[:NEAR_ONES])


def _likeness(one: str, other: str) -> tuple[int, float]:
    """How many letters both begin with, and how much of them is the same, of 1."""
    begun = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return begun, SequenceMatcher(None, one, other).ratio()
