"""Tables that staff take out as CSV and bring back: what differs is shown first, then all of it is done or nothing.

The trial is the run itself, taken back: what it shows is what happens. What was shown is done only while the table is
still as it was then.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO

from django.db import IntegrityError, connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from printers.facts import Refused
from printers.sheets import BadSheet, Row, parse

MOST_BYTES = 1024 * 1024
MOST_ROWS = 5_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
QUOTE = "'"  # before it, a spreadsheet shows it as text
CHANGED_MEANWHILE = "The table was changed meanwhile, so nothing was done. This is what the file would change now."

Cells = dict[str, str]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as CSV: its columns, those that name a row, and how it is read, locked and written.

    `bring_in` writes the rows it can and returns what is wrong with the others.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    take_out: Callable[[], Iterable[Cells]]
    lock: Callable[[], None]
    bring_in: Callable[[list[Row], datetime], list[BadSheet]]

    def key_of(self, cells: Cells) -> Key:
        """What names a row."""
        return tuple(cells[column] for column in self.key)


@dataclass
class Outcome:
    """What a file does to a table, or why nothing of it can be done. `seen` is the mark of exactly this."""

    added: list[Cells] = field(default_factory=list)
    changed: list[tuple[str, str, str, str]] = field(default_factory=list)  # what, column, before, after
    unchanged: int = 0
    errors: list[str] = field(default_factory=list)
    seen: str = ""
    done: bool = False

    @property
    def differs(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.added or self.changed)


def export(table: Table) -> str:
    """The table as it stands; no cell begins as a formula does."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    for cells in table.take_out():
        writer.writerow(_harmless(cells[column]) for column in table.columns)
    return out.getvalue()


def run(table: Table, content: bytes, now: datetime, seen: str | None = None) -> Outcome:
    """What `content` does to the table; done only with the mark of an outcome that it still has.

    Raises Refused for a mark of another outcome: the table, or the file, is not what was shown.
    """
    try:
        rows = _read(table, content)
    except BadSheet as error:
        return Outcome(errors=[str(error)])
    try:
        with transaction.atomic():
            outcome = _run(table, rows, now)
            outcome.seen = _mark(table, content, outcome)
            as_shown = seen is not None and constant_time_compare(seen, outcome.seen)
            outcome.done = as_shown and outcome.differs and not outcome.errors
            transaction.set_rollback(not outcome.done)
    except IntegrityError as error:  # somebody added the same row at this moment
        raise Refused(CHANGED_MEANWHILE, "changed_meanwhile") from error
    if seen is not None and not as_shown:
        raise Refused(CHANGED_MEANWHILE, "changed_meanwhile")
    return outcome


def _run(table: Table, rows: list[Row], now: datetime) -> Outcome:
    with connection.cursor() as cursor:  # two files at once, or a load of the sheets, take turns
        cursor.execute("LOCK TABLE printers_series IN SHARE ROW EXCLUSIVE MODE")
    table.lock()
    before = {table.key_of(cells): cells for cells in table.take_out()}
    outcome = Outcome(errors=[str(error) for error in table.bring_in(rows, now)])
    if outcome.errors:
        return outcome
    changed = set()
    for cells in table.take_out():
        key = table.key_of(cells)
        if key not in before:
            outcome.added.append(cells)
        elif cells != before[key]:
            outcome.changed += _changes(table, before[key], cells)
            changed.add(key)
    in_file = {tuple(row.cells[column].strip() for column in table.key) for row in rows}
    outcome.unchanged = len(rows) - len(outcome.added) - len(changed & in_file)
    return outcome


def _changes(table: Table, before: Cells, after: Cells) -> Iterator[tuple[str, str, str, str]]:
    what = " ".join(table.key_of(after))
    for column in table.columns:
        if before[column] != after[column]:
            yield what, column, before[column], after[column]


def _mark(table: Table, content: bytes, outcome: Outcome) -> str:
    shown = repr((table.name, content, outcome.added, outcome.changed, outcome.unchanged, outcome.errors))
    return salted_hmac("printers.exchange", shown, algorithm="sha256").hexdigest()


def _read(table: Table, content: bytes) -> list[Row]:
    name = f"{table.name}.csv"
    if len(content) > MOST_BYTES:
        raise BadSheet(f"{name} is larger than 1 MB. Divide it.")
    rows = parse(name, content, table.columns)
    if len(rows) > MOST_ROWS:
        raise BadSheet(f"{name} has {len(rows)} rows, more than {MOST_ROWS}. Divide it.")
    return [Row(row.sheet, row.number, {column: _meant(cell) for column, cell in row.cells.items()}) for row in rows]


def _harmless(cell: str) -> str:
    return f"{QUOTE}{cell}" if cell.startswith((*FORMULA, QUOTE)) else cell


def _meant(cell: str) -> str:
    return cell[1:] if cell.startswith(QUOTE) and cell[1:].startswith((*FORMULA, QUOTE)) else cell


def each(rows: list[Row], key: tuple[str, ...], write: Callable[[Row], None]) -> list[BadSheet]:
    """Write each row by itself; what is wrong with those that cannot be written, and with what is there twice."""
    errors, met = [], set[Key]()
    for row in rows:
        named = tuple(row.cells[column].strip() for column in key)
        try:
            if named in met:
                raise row.bad(key[-1], f"{' '.join(named)} is there twice.")
            met.add(named)
            write(row)
        except BadSheet as error:
            errors.append(error)
    return errors
