"""`manage.py load_catalogue`: models, slots and cartridges from their sheets, and a first price for each cartridge."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from orders import pricelist
from orders.models import Price
from printers import catalogue, catalogue_file
from printers.models import PrinterModel, Series, Slot
from printers.sheets import BadSheet


class Command(BaseCommand):
    """All or nothing; running it again changes nothing and never undoes what staff changed."""

    help = "Load printer models, slots and cartridges, and demo prices for cartridges that have no price."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="Models as CSV, families.csv beside it. Default: our own.")
        parser.add_argument("--prices", type=Path, help="Prices as CSV. Default: demo prices, none with --file.")

    def handle(self, *args: Any, file: Path | None, prices: Path | None, **options: Any) -> None:
        price_list = prices or (None if file else pricelist.DEFAULT)
        try:
            with transaction.atomic():
                touched = catalogue.load(file or catalogue_file.DEFAULT)
                added = pricelist.load(price_list, timezone.now()) if price_list else []
        except BadSheet as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.report(touched, added)

    def report(self, touched: Counter[str], prices: list[Price]) -> None:
        """What the catalogue holds now, what this load changed, and what a person still has to do."""
        series = Series.objects.annotate(size=Count("models", filter=Q(models__eligible=True))).order_by("position")
        listed = ", ".join(f"{each.size} {each.name}" for each in series)
        eligible = PrinterModel.objects.filter(eligible=True).count()
        self.stdout.write(f"{eligible} eligible models ({listed}), {Slot.objects.count()} slots.")
        changes = touched + Counter({"prices added": len(prices)})
        detail = ", ".join(f"{count} {what}" for what, count in changes.items())
        self.stdout.write(f"{changes.total()} changes{f': {detail}' if detail else ''}.")
        if any(price.is_demo for price in prices):
            self.stdout.write("The prices added are demo prices: made up for trying things, not an offer.")
        if waiting := Slot.objects.filter(mapping_confirmed=False).count():
            self.stdout.write(f"{waiting} slots wait for a person to confirm which cartridge fits.")
