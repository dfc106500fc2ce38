"""The body of a telemetry report: what is accepted, and every wrong field named. Pure.

Written by hand rather than as a serializer: it must name all wrong fields at once and cost microseconds. A report in
which nothing is wrong, as nearly every one, is read by msgspec in one go; what that refuses is gone through by hand.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from printers.catalogue import alias_key
from printers.errors import Problem

MAX_SUPPLIES = 32
MAX_REASONS = 64
UNKNOWN_LEVELS = (-1, -2, -3)  # RFC 3805: other, unknown, some left. Never percentages.
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:)(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
# What a printer may say of a supply besides its state, with the longest text kept.
TEXTS = {"slot": 64, "serial_number": 64, "name": 120, "part_number": 64, "colorant": 40, "type": 40, "class": 40}
# State reasons that say "a supply is low" (IPP, RFC 3805), without their -report, -warning or -error.
LOW_REASONS = {
    "marker-supply-low", "marker-supply-empty", "toner-low", "toner-empty",
    "marker-ink-almost-empty", "marker-ink-empty", "marker-toner-almost-empty", "marker-toner-empty",
}  # fmt: skip
TOLD = {"part_number", "name", "colorant"}  # what a supply with a slot may be found by besides
UNTOLD = {"", "other", "unknown"}  # kinds of supply that say nothing
FILLED = "receptacleThatIsFilled"
SUFFIX = re.compile(r"-(report|warning|error)$")


def _text_of(most: int) -> Any:
    return Annotated[str, Meta(min_length=1, max_length=most)]


UsualSupply = msgspec.defstruct(
    "UsualSupply",
    [
        *((name, _text_of(longest) | None, None) for name, longest in TEXTS.items()),
        ("index", Annotated[int, Meta(ge=0, le=65_535)] | None, None),
        ("level", Annotated[int, Meta(ge=min(UNKNOWN_LEVELS), le=100)] | None, None),
        ("low", bool | None, None),
        ("genuine", bool | None, None),
    ],
    omit_defaults=True,
)
UsualReport = msgspec.defstruct(
    "UsualReport",
    [
        ("message_id", _text_of(100)),
        ("observed_at", str),
        ("supplies", Annotated[list[UsualSupply], Meta(min_length=1, max_length=MAX_SUPPLIES)]),  # type: ignore[valid-type]
        ("state_reasons", Annotated[list[str], Meta(max_length=MAX_REASONS)] | None, None),
    ],
)
USUAL = msgspec.json.Decoder(UsualReport)


class InvalidReport(Exception):
    """The body is refused, for these reasons."""

    def __init__(self, errors: list[Problem]) -> None:
        super().__init__("; ".join(f"{error.attr}: {error.detail}" for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Report:
    """A report as the database takes it: `items` in the shape of printers_ingest()."""

    message_id: str
    observed_at: datetime
    says_low: bool
    items: list[dict[str, Any]]


def parse(body: bytes) -> Report:
    """The report in `body`, or InvalidReport naming every wrong field."""
    return _usual(body) or _by_hand(body)


def _usual(body: bytes) -> Report | None:
    """The report in `body`; None where anything of it needs a closer look, an escaped character to begin with."""
    if b"\\u" in body:
        return None
    try:
        sent: Any = USUAL.decode(body)
        observed_at = _time(sent.observed_at)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    items: list[dict[str, Any]] = msgspec.to_builtins(sent.supplies)
    slots = [item["slot"] for item in items if "slot" in item]
    if len(slots) != len(set(slots)):
        return None
    for place, item in enumerate(items):
        level: Any = item.get("level")
        item["level"] = None if level in UNKNOWN_LEVELS else level
        _name(item, place)
    return Report(sent.message_id, observed_at, _says_low(sent.state_reasons or ()), items)


def _by_hand(body: bytes) -> Report:
    errors: list[Problem] = []
    reader = Reader(json_object(body), "", errors)
    message_id = reader.text("message_id", 100, required=True)
    observed_at = reader.take("observed_at", _time, required=True)
    reasons = reader.take("state_reasons", _reasons) or []
    supplies = reader.take("supplies", _supplies, required=True) or []
    items = [_item(Reader(supply, f"supplies.{place}.", errors), place) for place, supply in enumerate(supplies)]
    _refuse_doubles(supplies, errors)
    if errors:
        raise InvalidReport(errors)
    return Report(message_id or "", observed_at, _says_low(reasons), items)


def _says_low(reasons: Iterable[str]) -> bool:
    return any(SUFFIX.sub("", reason) in LOW_REASONS for reason in reasons)


def json_object(body: bytes) -> dict[str, Any]:
    """The object a device sent, or InvalidReport."""
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidReport([Problem("parse_error", f"This is not JSON: {error}.")]) from error
    if not isinstance(sent, dict):
        raise InvalidReport([Problem("invalid", "Send a JSON object.")])
    return sent


class Reader:
    """Takes fields out of one JSON object and collects what is wrong with them."""

    def __init__(self, sent: Any, path: str, errors: list[Problem]) -> None:
        self.path, self.errors = path, errors
        self.sent: dict[str, Any] = sent if isinstance(sent, dict) else {}
        if not isinstance(sent, dict):
            self.refuse("", "invalid", "Send an object.")

    def refuse(self, name: str, code: str, detail: str) -> None:
        self.errors.append(Problem(code, detail, (self.path + name).rstrip(".") or None))

    def take(self, name: str, read: Callable[[Any], Any], *, required: bool = False) -> Any:
        value = self.sent.get(name)
        if value is None:
            if required:
                self.refuse(name, "required", "This field is required.")
            return None
        try:
            return read(value)
        except ValueError as error:
            self.refuse(name, "invalid", str(error))
            return None

    def text(self, name: str, longest: int, *, required: bool = False) -> str | None:
        text: str | None = self.take(name, lambda value: _text(value, longest), required=required)
        return text


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError("Must be a text.")
    if not 1 <= len(value) <= longest:
        raise ValueError(f"Must have 1 to {longest} characters.")
    if "\x00" in value or (not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value)):
        raise ValueError("Must not contain NUL or broken Unicode.")
    return value


def boolean(value: Any) -> bool:
    """`value` if it is true or false, else ValueError."""
    if not isinstance(value, bool):
        raise ValueError("Must be true or false.")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("Must be a whole number.")
    return value


def _level(value: Any) -> int | None:
    level = _integer(value)
    if level in UNKNOWN_LEVELS:
        return None
    if not 0 <= level <= 100:
        raise ValueError("Must be 0 to 100 percent, or null, -1, -2 or -3 for unknown.")
    return level


def _index(value: Any) -> int:
    index = _integer(value)
    if not 0 <= index <= 65_535:
        raise ValueError("Must be 0 to 65535.")
    return index


def _time(value: Any) -> datetime:
    """RFC 3339; a leap second counts as the one before it."""
    found = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("Must be a time as in RFC 3339, such as 2026-11-22T10:00:00Z.")
    day, minute, second, fraction, zone = found.groups()
    if zone is None:
        raise ValueError("Must have a time zone, such as Z or -05:00.")
    text = f"{day}T{minute}{'59' if second == '60' else second}{(fraction or '')[:7]}{zone.upper()}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("There is no such time.") from None


def _reasons(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_REASONS or not all(isinstance(each, str) for each in value):
        raise ValueError(f"Must be a list of at most {MAX_REASONS} texts.")
    return value


def _supplies(value: Any) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_SUPPLIES:
        raise ValueError(f"Must be a list of 1 to {MAX_SUPPLIES} supplies.")
    return value


def _item(reader: Reader, place: int) -> dict[str, Any]:
    """One supply in the shape of printers_ingest(): what was not said takes no room."""
    said = reader.sent
    texts = {name: reader.text(name, longest) for name, longest in TEXTS.items() if name in said}
    item: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    index = reader.take("index", _index)
    if index is not None:
        item["index"] = index
    item["level"] = reader.take("level", _level)
    for name in ("low", "genuine"):
        if (word := reader.take(name, boolean)) is not None:
            item[name] = word
    _name(item, place)
    return item


def _name(item: dict[str, Any], place: int) -> None:
    """Write down by what names a supply may be found, and what tells it from others where it names no slot."""
    if keys := keys_of(item):
        item["keys"] = keys
    if "slot" not in item:
        item["unknown_key"] = _unknown_key(item, place)


def keys_of(item: Mapping[str, Any]) -> list[str]:
    """The names a slot may be found by, the surest first; `item` is a supply as its printer tells it.

    Its position names it only where it tells nothing else, and only where staff said which slot that is.
    """
    if "slot" in item and item.keys().isdisjoint(TOLD):
        return []  # nearly always
    named = [("part", item.get("part_number")), ("name", item.get("name"))]
    if _holds_ink(item):
        named.append(("colorant", item.get("colorant")))
        if "index" in item and "slot" not in item and not any(text for _, text in named):
            named.append(("index", str(item["index"])))
    return [alias_key(kind, text) for kind, text in named if text]


def _holds_ink(item: Mapping[str, Any]) -> bool:
    """Whether a supply's colorant names a cartridge: a drum has one too, and the box that takes waste."""
    kind = str(item.get("type", "")).casefold()
    ink = kind in UNTOLD or (("ink" in kind or "toner" in kind) and "waste" not in kind)
    return ink and item.get("class") != FILLED


def _unknown_key(item: dict[str, Any], place: int) -> str:
    """What tells one unknown supply of a printer from the next, where it names no slot."""
    for name in ("part_number", "name", "colorant", "index"):
        if name in item:
            return f"{name}:{item[name]}"
    return f"place:{place}"


def _refuse_doubles(supplies: list[Any], errors: list[Problem]) -> None:
    seen: set[str] = set()
    for place, supply in enumerate(supplies):
        slot = supply.get("slot") if isinstance(supply, dict) else None
        if isinstance(slot, str) and slot in seen:
            errors.append(Problem("duplicate", f"Slot {slot} is reported twice.", f"supplies.{place}.slot"))
        elif isinstance(slot, str):
            seen.add(slot)
