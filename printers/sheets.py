"""CSV sheets that people keep in a spreadsheet: read whole, and whatever is wrong named by sheet, row and column."""

import csv
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path


class BadSheet(Exception):
    """The sheet cannot be used; the text is one sentence that says where and why."""


@dataclass(frozen=True)
class Row:
    """One row, its number as the spreadsheet shows it, its cells by the name of their column."""

    sheet: str
    number: int
    cells: dict[str, str]

    def bad(self, column: str, why: str) -> BadSheet:
        """The error of one cell, to be raised."""
        return BadSheet(f"{self.sheet}, row {self.number}, column {column}: {why}")

    def text(self, column: str, longest: int, *, required: bool = True) -> str:
        """The cell's text, without the blanks around it."""
        text = self.cells[column].strip()
        if required and not text:
            raise self.bad(column, "must not be empty.")
        if len(text) > longest:
            raise self.bad(column, f"must have at most {longest} characters.")
        if not text.isprintable():
            raise self.bad(column, "has a character that cannot be printed.")
        return text

    def number_in(self, column: str, least: int, most: int) -> int:
        """The cell's whole number, from `least` to `most`."""
        text = self.text(column, 20)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise self.bad(column, f"must be a whole number from {least} to {most}, not {text!r}.")
        return int(text)

    def one_of(self, column: str, choices: Iterable[str]) -> str:
        """The cell's text, one of `choices`."""
        text, known = self.text(column, 200), sorted(choices)
        if text not in known:
            raise self.bad(column, f"{text!r} is not known. It must be one of: {', '.join(known)}.")
        return text

    def known(self, column: str, longest: int, names: Container[str]) -> str:
        """The cell's text, one of so many names that they are not listed."""
        text = self.text(column, longest)
        if text not in names:
            raise self.bad(column, f"the catalogue has no {text!r}.")
        return text


def read(path: Path, columns: Sequence[str]) -> list[Row]:
    """Every row of the sheet that is not blank. Columns may come in any order; unknown ones are ignored."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadSheet(f"{path} cannot be read: {error.strerror}.") from error
    return parse(path.name, content, columns)


def parse(name: str, content: bytes, columns: Sequence[str]) -> list[Row]:
    """The same of a sheet's content."""
    try:
        table = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise BadSheet(f"{name} is not UTF-8 text. Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise BadSheet(f"{name} is not a CSV file: {error}.") from error
    head = [name.strip() for name in table[0]] if table else []
    missing = [name for name in columns if name not in head]
    if missing:
        raise BadSheet(f"{name}, row 1: no column named {', '.join(missing)}.")
    filled = [(number, cells) for number, cells in enumerate(table[1:], 2) if any(map(str.strip, cells))]
    rows = [_row(name, number, head, cells) for number, cells in filled]
    if not rows:
        raise BadSheet(f"{name} has no rows below its head.")
    return rows


def _row(sheet: str, number: int, head: list[str], cells: list[str]) -> Row:
    if len(cells) != len(head):
        raise BadSheet(f"{sheet}, row {number}: has {len(cells)} cells where the head has {len(head)}.")
    return Row(sheet, number, dict(zip(head, cells, strict=True)))
