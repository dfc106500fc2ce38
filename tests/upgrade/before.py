"""What is in a database before an upgrade: a customer of long ago, her printer, and somebody of staff."""

import re
import subprocess

import time_machine
from django.conf import settings
from django.core.management import call_command

from enrollment.models import User
from orders.models import Dispatch
from printers import tokens
from printers.models import DeviceToken
from tests.factories import NOW
from tests.plans import customer

CUSTOMER, STAFF, TOKEN = "bea@example.com", "boss@example.com", "ars_device_of_before"


def dumped() -> bytes:
    """The SQL of this process's empty database, once it is migrated and filled."""
    call_command("migrate", verbosity=0)
    with time_machine.travel(NOW, tick=False):
        _fill()
    command = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=1000"]
    sql = subprocess.run([*command, settings.DATABASE_URL], check=True, stdout=subprocess.PIPE).stdout
    return re.sub(rb"^\\.*\n", b"", sql, flags=re.MULTILINE)  # words to psql alone


def _fill() -> None:
    world = customer.settled(User.objects.create_superuser(STAFF, "correct horse"))
    world.stock("C", 10)
    Dispatch.objects.update(due_at=None)  # it was charged
    assert world.plan.printer is not None
    DeviceToken.objects.create(printer=world.plan.printer, token_hash=tokens.digest(TOKEN))
