"""From the box to the first low cartridge: the one file, a printer, a person who says yes, and our own service."""

import json
import re

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from enrollment.models import Plan, User
from printers.catalogue import alias_key
from printers.models import DeviceToken, LowSignal, Printer, Slot, UnknownSupply
from tests.agent.conftest import Start
from tests.agent.ipp_printer import INK, INTEGER, TEXT, Attributes, IppPrinter, http_answer, ipp_answer, sends
from tests.agent.program import Program
from tests.factories import PrinterModelFactory, SlotAliasFactory, SlotFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def printer(start: Start) -> IppPrinter:
    return start(sends(full_of(80)))


@pytest.fixture
def ana(transactional_db: None, settings: Settings, live_server: LiveServer) -> User:
    settings.SITE_URL = live_server.url
    model = PrinterModelFactory.create(name="TS8430")
    for code, name in (("PGBK", "Pigment Black"), ("BK", "Black"), ("C", "Cyan")):
        slot = SlotFactory.create(model=model, code=code, name=name, low_threshold=20)
        SlotAliasFactory.create(slot=slot, key=alias_key("name", name))
    return UserFactory.create()


def full_of(cyan: int) -> bytes:
    """The printer's answer with so much cyan."""
    levels = [(INTEGER, level) for level in (80, 60, cyan, 35)]
    told: Attributes = {**INK, "printer-make-and-model": [(TEXT, "Canon TS8430")], "marker-levels": [*levels]}
    told.pop("marker-low-levels")
    return http_answer(ipp_answer(told))


def pair(program: Program, printer: str, server: str, ana: User, answer: str) -> tuple[int, str]:
    """The exit code and what was said, with the code typed and the question answered meanwhile."""
    browser = Client()
    browser.force_login(ana)
    pairing = program.start("pair", "--server", server, "--printer", printer)
    assert pairing.stdout is not None
    said = "".join(pairing.stdout.readline() for _ in range(2))
    code = re.search(r"enter the code (\S+)", said)
    assert code, said
    page = browser.get("/activate/", {"user_code": code[1]}).content.decode()
    assert "4471" in page
    browser.post("/activate/answer/", {"user_code": code[1], "answer": answer})
    rest, errors = pairing.communicate(timeout=100)
    return pairing.returncode, said + rest + errors


def test_a_low_cartridge_is_in_the_database(
    program: Program, printer: IppPrinter, live_server: LiveServer, ana: User
) -> None:
    code, said = pair(program, printer.uri(), live_server.url, ana, "yes")
    assert code == 0, said
    assert f"Open {live_server.url}/activate/" in said
    known = Printer.objects.get()
    assert (known.serial_number, str(known.uuid)) == ("ACDE04471", "0a1b2c3d-0000-4000-8000-00000000beef")
    assert {name: kept["level"] for name, kept in known.supplies.items()} == {"PGBK": 80, "BK": 60, "C": 80}
    printer.behave = sends(full_of(9))
    done = program.run("run", "--once")
    assert (done.returncode, done.stderr) == (0, "")
    signal = LowSignal.objects.get()
    assert (signal.slot, signal.level) == (Slot.objects.get(code="C"), 9)
    assert (Plan.objects.get().printer, UnknownSupply.objects.count()) == (known, 0)
    assert program.run("unpair").returncode == 0
    assert DeviceToken.objects.filter(revoked_at=None).count() == 0
    assert json.loads(program.run("status", "--json").stdout) == []


def test_who_says_no_gets_no_printer(program: Program, printer: IppPrinter, live_server: LiveServer, ana: User) -> None:
    code, said = pair(program, printer.uri(), live_server.url, ana, "no")
    assert (code, Printer.objects.count()) == (1, 0)
    assert "The answer was no" in said
