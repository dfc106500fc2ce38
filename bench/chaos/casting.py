"""Makes the people of a run through the verbs a customer's clicks go through, as the demo does."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from ars.demo import casting
from ars.demo.home import Home, Keyring
from ars.demo.people import DECLINING_CARD, GOOD_CARD, Part, Person
from bench.chaos.asking import Json
from enrollment.models import ApiKey
from orders import pricelist
from printers import catalogue
from printers.models import Printer, PrinterModel, Sku, Slot

FLEET = Path(__file__).parents[1] / "fleet.sql"
MODELS = ("TS8320", "LBP622Cdw", "PRO-200")
DECLINES_EVERY = 8  # every so-manieth card is refused when it is charged
ON_THE_SHELF = 4


def cast(count: int, home: Path, crowd: int = 0) -> Json:
    """`printers`: token, nickname, serial and, by slot, the cartridges that fit and the mark; `warehouse_api_key`.

    `crowd`: so many printers more, which only report (bench/fleet.sql) and have `crowd_slots`.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in
    call_command("migrate", verbosity=0)
    now, keyring = timezone.now(), Keyring(Home(home))
    catalogue.load()
    pricelist.load(pricelist.DEFAULT, now)
    slots = _gather(crowd) if crowd else []
    parts = [_part(number) for number in range(count)]
    printers = [_told(part, casting.enroll(part, keyring, now).token) for part in parts]
    Printer.objects.update(seen_at=now)  # each has spoken before: no mail waits for its first reading
    for sku in Sku.objects.filter(fits__slot__model__name__in=MODELS).distinct():
        casting.count(sku, ON_THE_SHELF, now)
    return {
        "printers": printers,
        "crowd_slots": slots,
        "warehouse_api_key": casting.api_key("Warehouse", ApiKey.Scope.WAREHOUSE, keyring, now),
    }


def _gather(crowd: int) -> list[str]:
    """The slots of the crowd's model. Their keys are from one on; whoever comes later is numbered after them."""
    model = PrinterModel.objects.get(name=MODELS[0])
    Slot.objects.filter(model=model).update(mapping_confirmed=True)
    slots = list(model.slots.filter(consumable=True).values_list("code", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(FLEET.read_text(), {"model": model.pk, "slots": slots, "printers": crowd})
        cursor.execute("SELECT setval(pg_get_serial_sequence('printers_printer', 'id'), %s)", [crowd])
        cursor.execute("ANALYZE")
    return slots


def _part(number: int) -> Part:
    card = DECLINING_CARD if number % DECLINES_EVERY == DECLINES_EVERY - 1 else GOOD_CARD
    address = {"line1": f"{number + 1} Elm Street", "city": "Portland", "state": "OR", "postal_code": "97201"}
    owner = Person(f"customer-{number}@example.com", f"Customer {number}", card, address)
    return Part(owner, f"Printer {number}", MODELS[number % len(MODELS)], f"CHAOS{number:05}")


def _told(part: Part, token: str) -> Json:
    slots = Slot.objects.filter(model=PrinterModel.objects.get(name=part.model), consumable=True)
    return {
        "nickname": part.nickname,
        "serial": part.serial_number,
        "token": token,
        "skus": {slot.code: list(slot.fits.values_list("sku__code", flat=True)) for slot in slots},
        "thresholds": {slot.code: slot.low_threshold for slot in slots},
    }
