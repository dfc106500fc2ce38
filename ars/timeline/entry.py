"""An entry of a story: one fact, with its plain sentence for everybody and all that is kept of it for staff."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from itertools import groupby
from typing import Any

from django.utils.translation import ngettext

from enrollment.models import User


class Kind(StrEnum):
    """What sort of fact it is."""

    SIGNAL = "signal"
    DECISION = "decision"
    ORDER = "order"
    PRICE = "price"
    STOCK = "stock"
    CHARGE = "charge"
    PARCEL = "parcel"
    MAIL = "mail"
    PLAN = "plan"
    PEOPLE = "people"


class Place(IntEnum):
    """Which of several facts of one moment comes first: a cause before what it brings about."""

    SEEN, DECIDED, PLACED, QUOTED, STOCKED, PRICED, CHARGED, MOVED, TOLD = range(9)


@dataclass(frozen=True)
class Entry:
    """One fact. `text` is what the customer reads and staff may say; who has no `text` of it is not told.

    `ref` names its row, `details` are label and value, and `permission` is what staff need to read either. Equal
    `same` in a row are told once to customers. `url` is its page among the customer's, `link` that page's name. `staff`
    is what staff read of it who have no words for customers, `page` its page in the back office.
    """

    at: datetime
    place: Place
    kind: Kind
    when: str
    text: str
    ref: str
    permission: str
    details: tuple[tuple[str, str], ...] = ()
    same: tuple[Any, ...] = ()
    note: str = ""
    url: str = ""
    link: str = ""
    staff: str = ""
    page: str = ""


def detailed(facts: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Facts as label and value, those that say nothing left out; times in UTC."""
    return tuple((label.replace("_", " "), _shown(value)) for label, value in facts.items() if _says(value))


def told(entries: Iterable[Entry]) -> list[Entry]:
    """What the customer reads, the newest first; the same again and again is told once."""
    read = [entry for entry in _newest_first(entries) if entry.text]
    return [_folded(list(group)) for _, group in groupby(read, key=lambda entry: entry.same or entry.ref)]


def in_full(entries: Iterable[Entry], staff: User) -> list[Entry]:
    """All that `staff` may read, the newest first."""
    return [entry for entry in _newest_first(entries) if staff.has_perm(entry.permission)]


def oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    """As it happened."""
    return sorted(entries, key=lambda entry: (entry.at, entry.place))


def _newest_first(entries: Iterable[Entry]) -> list[Entry]:
    return oldest_first(entries)[::-1]


def _folded(same: list[Entry]) -> Entry:
    """The first of equal ones, with how often it was so again."""
    first, again = same[-1], len(same) - 1
    if not again:
        return first
    return replace(
        first, note=ngettext("Checked %(n)d time since.", "Checked %(n)d times since.", again) % {"n": again}
    )


def _says(value: object) -> bool:
    return value not in (None, "", [], {})


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
