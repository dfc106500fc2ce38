"""`manage.py books`: what a month took and gave back, line by line, as a CSV file for the accountant."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.settlements import reading, sheet
from printers.facts import Refused


class Command(BaseCommand):
    """Months are in UTC, as Stripe's are."""

    help = "Write the books of a month as CSV: charges and refunds by line, and what they come to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", required=True, help="like 2026-11; it begins and ends in UTC")
        parser.add_argument("--output", type=Path, help="the file to write (standard output)")

    def handle(self, *args: Any, month: str, output: Path | None, **options: Any) -> None:
        try:
            written = sheet.lines(reading.rows(*reading.month(month)))
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if output is None:
            for line in written:
                self.stdout.write(line, ending="")
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(written)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error}") from error
