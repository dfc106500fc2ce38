"""Names that staff give to slots: the next report is understood, what was unknown is done with, and none means two."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from enrollment.models import User
from printers import naming
from printers.facts import Refused
from printers.models import LowSignal, Slot, SlotAlias, UnknownSupply
from tests.factories.enrollment import UserFactory
from tests.factories.printers import SlotSkuFactory, UnknownSupplyFactory
from tests.printers.device import Device
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
MYSTERY = {"name": "Deep Sea (Cyan)", "index": 7, "level": 9}


@pytest.fixture
def staff(client: Client) -> Client:
    person = with_second_factor(UserFactory.create(is_staff=True))
    person.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(person)
    return client


def address(slot: Slot) -> str:
    return reverse("admin:printers_slot_change", args=[slot.pk])


def typed(slot: Slot, kind: str, text: str) -> dict[str, Any]:
    """The page of a slot with one more name."""
    fits = slot.fits.count()
    form: dict[str, Any] = {"low_threshold": slot.low_threshold, "fits-TOTAL_FORMS": fits, "fits-INITIAL_FORMS": fits}
    for place, fit in enumerate(slot.fits.all()):
        names = {"id": fit.pk, "slot": slot.pk, "sku": fit.sku_id, "size": fit.size}
        form |= {f"fits-{place}-{name}": value for name, value in names.items()}
    form |= {"aliases-TOTAL_FORMS": 1, "aliases-INITIAL_FORMS": 0, "aliases-0-slot": slot.pk}
    return {**form, "aliases-0-kind": kind, "aliases-0-text": text}


def test_a_name_given_in_the_back_office_is_understood_at_the_next_report(device: Device, staff: Client) -> None:
    assert device.send(MYSTERY).json()["supplies"][0]["status"] == "unknown"
    unknown, slot = UnknownSupply.objects.get(), device.slot("C")
    page = staff.get(reverse("admin:printers_unknownsupply_change", args=[unknown.pk])).text
    assert f'{address(slot)}#aliases-group">C ' in page
    assert staff.post(address(slot), typed(slot, "name", " deep sea CYAN ")).status_code == 302
    assert (SlotAlias.objects.get().key, UnknownSupply.objects.count()) == ("name:deepseacyan", 0)
    assert device.send(MYSTERY, minute=1).json()["supplies"][0]["slot"] == "C"
    assert LowSignal.objects.get().slot == slot


def test_a_name_confirms_no_cartridge(device: Device, staff: Client) -> None:
    Slot.objects.update(mapping_confirmed=False)
    staff.post(address(device.slot("C")), typed(device.slot("C"), "name", "Deep Sea"))
    assert SlotAlias.objects.count() == 1
    assert not device.slot("C").mapping_confirmed


def test_a_name_is_taken_away_again(device: Device, staff: Client) -> None:
    slot = device.slot("C")
    alias = naming.name_slot(slot, "name:deepsea")
    form = typed(slot, "", "") | {"aliases-INITIAL_FORMS": 1, "aliases-0-id": alias.pk, "aliases-0-DELETE": "on"}
    assert staff.post(address(slot), form).status_code == 302
    assert not SlotAlias.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("name", "()", "A name has letters or digits."),
        ("index", "three", "A position is a number, as the printer tells it."),
        ("name", "Deep Sea", "PGBK is called so already."),
        ("", "Deep Sea", "This field is required."),
    ],
)
def test_what_is_no_name_or_anothers_is_refused(device: Device, staff: Client, kind: str, text: str, why: str) -> None:
    naming.name_slot(device.slot("PGBK"), "name:deepsea")
    answer = staff.post(address(device.slot("C")), typed(device.slot("C"), kind, text))
    assert (answer.status_code, why in answer.text) == (200, True)
    assert SlotAlias.objects.count() == 1


def test_two_who_give_one_name_at_once_do_not_both(device: Device) -> None:
    naming.name_slot(device.slot("PGBK"), "name:deepsea")
    with pytest.raises(Refused, match="PGBK is called so already"):
        naming.name_slot(device.slot("C"), "name:deepsea")


def test_only_what_has_this_name_is_done_with(device: Device) -> None:
    device.send(MYSTERY, {"name": "Another", "level": 3})
    UnknownSupplyFactory.create(described={"name": "Deep Sea (Cyan)"})
    naming.name_slot(device.slot("C"), "name:deepseacyan")
    assert UnknownSupply.objects.filter(printer=device.printer).get().described["name"] == "Another"
    assert UnknownSupply.objects.count() == 2


@pytest.mark.parametrize("role", ["Support", "Warehouse", "Finance"])
def test_who_does_not_keep_the_catalogue_gives_no_name(client: Client, role: str) -> None:
    slot, person = SlotSkuFactory.create().slot, with_second_factor(UserFactory.create(is_staff=True))
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    assert client.post(address(slot), typed(slot, "name", "Deep Sea")).status_code == 403
    assert not SlotAlias.objects.exists()


def test_a_customer_sees_nothing_of_it(client: Client) -> None:
    slot, ana = SlotSkuFactory.create().slot, User.objects.create_user("ana@example.com")
    client.force_login(ana)
    assert client.post(address(slot), typed(slot, "name", "Deep Sea")).status_code == 302
    assert not SlotAlias.objects.exists()
