"""Copies of the catalogue's sheets to be edited, and the command that loads them."""

import shutil
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from printers.catalogue_file import DEFAULT


def copy_sheets(folder: Path) -> Path:
    """The project's own sheets in `folder`; the path of the models' one."""
    for name in ("catalogue.csv", "families.csv"):
        shutil.copy(DEFAULT.with_name(name), folder)
    return folder / "catalogue.csv"


def edit(sheet: Path, old: str, new: str) -> None:
    """As a person would in a spreadsheet: the first such text becomes another."""
    text = sheet.read_text()
    assert old in text
    sheet.write_text(text.replace(old, new, 1))


def command(*arguments: str) -> list[str]:
    """The lines `load_catalogue` printed."""
    out = StringIO()
    call_command("load_catalogue", *arguments, stdout=out)
    return out.getvalue().splitlines()
