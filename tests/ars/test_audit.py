"""The audit: whatever staff or partners change is written down, with who, from where, before and after."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ars import audit
from enrollment import closing, keys
from enrollment.models import Address, ApiKey, Change, Partner, User
from orders.models import Order, Price
from printers.models import PrinterModel, Slot, SlotSku
from tests.acting import close_a_model, somebody
from tests.ars.test_admin import act, inline, page, slot_form
from tests.factories import (
    NOW,
    AddressFactory,
    DeviceTokenFactory,
    EndpointFactory,
    OrderFactory,
    PrinterModelFactory,
    PromotionFactory,
    SeriesFactory,
    SkuFactory,
    SlotSkuFactory,
    UserFactory,
)
from tests.orders.world import World
from tests.partners import PartnerClient
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
SAID = ("who", "request", "action", "model", "object_text", "verb", "before", "after")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    return client


def said() -> list[tuple[Any, ...]]:
    return list(Change.objects.order_by("pk").values_list(*SAID))


# What is written


def test_a_form_of_the_admin_is_written_down(staff: Client) -> None:
    model = close_a_model(staff)
    change = Change.objects.get()
    assert (change.who, change.from_address, change.object_id) == ("boss@example.com", "203.0.113.7", str(model.pk))
    assert change.user == User.objects.get(email="boss@example.com")
    assert (change.request, change.object_text) == (f"POST /admin/printers/printermodel/{model.pk}/change/", "TS9999")
    assert (change.before, change.after) == ({"eligible": True}, {"eligible": False})


def test_an_action_that_writes_without_a_form_is_too(staff: Client) -> None:
    token = DeviceTokenFactory.create()
    act(staff, type(token), "revoke", token)
    ((who, request, action, model, _, verb, before, after),) = said()
    assert (who, request) == ("boss@example.com", "POST /admin/printers/devicetoken/")
    assert (action, model, verb) == ("revoke", "printers.devicetoken", "changed")
    assert before == {"revoked_at": None, "revoked_cause": ""}
    assert after["revoked_cause"] == "revoked by staff"


def test_all_that_one_click_changes_has_one_request(staff: Client) -> None:
    slot = SlotSkuFactory.create(slot__mapping_confirmed=False).slot
    staff.post(page(Slot, "change", slot.pk), slot_form(slot, **{"fits-0-sku": SkuFactory.create().pk}))
    assert {change.model for change in Change.objects.all()} == {"printers.slot", "printers.slotsku"}
    assert Change.objects.values("request_id").distinct().count() == 1
    close_a_model(staff)
    assert Change.objects.values("request_id").distinct().count() == 2


def test_what_is_added_and_removed_is_kept_whole(staff: Client) -> None:
    fit = SlotSkuFactory.create(size="high")
    with somebody():
        SlotSku.objects.filter(pk=fit.pk).delete()
        Price.objects.bulk_create([Price(sku=fit.sku, amount_cents=1299, valid_from=NOW)])
    removed, added = Change.objects.order_by("pk")
    assert (removed.verb, removed.after) == ("removed", None)
    assert removed.before == {"id": fit.pk, "slot_id": fit.slot_id, "sku_id": fit.sku_id, "size": "high"}
    assert (added.verb, added.before, (added.after or {})["amount_cents"]) == ("added", None, 1299)


def test_rights_and_roles_are_written_down(staff: Client) -> None:
    person = UserFactory.create()
    form = {"is_active": "on", "is_staff": "on", "groups": [Group.objects.get(name="Support").pk], **inline("plans", 0)}
    assert staff.post(page(User, "change", person.pk), form).status_code == 302
    changed, joined = Change.objects.filter(about=person).order_by("pk")
    assert (changed.before, changed.after) == ({"is_staff": False}, {"is_staff": True})
    assert (joined.model, joined.verb) == ("enrollment.user_groups", "added")


def test_series_and_cartridges_of_a_promotion_are_written_down() -> None:
    promotion, series = PromotionFactory.create(scope="series"), SeriesFactory.create()
    with somebody():
        promotion.series.add(series)
    assert Change.objects.filter(after__series_id=series.pk).count() == 1


def test_a_save_that_changes_nothing_is_no_change(staff: Client) -> None:
    model = PrinterModelFactory.create(eligible=True)
    staff.post(page(PrinterModel, "change", model.pk), {"eligible": "on", **inline("slots", 0)})
    assert said() == []


def test_when_work_is_due_is_no_change() -> None:
    order = OrderFactory.create()
    with somebody():
        Order.objects.filter(pk=order.pk).update(updated_at=NOW)
    assert said() == []


# Who it was


def test_a_partner_is_named_by_its_key(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    parcel = {"dispatch_id": "D-1", "carrier": "UPS", "tracking_number": "1Z999"}
    answer = warehouse.post(
        f"/api/v1/fulfilment/orders/{order.number}/dispatch", json.dumps(parcel), content_type="application/json"
    )
    assert answer.status_code == 202
    key = ApiKey.objects.get()
    packed = Change.objects.get(model="orders.order")
    assert (packed.who, packed.key, packed.user) == (f"{world.partner} ({key.prefix}...)", key, None)
    assert (packed.object_text, packed.about) == (order.number, order.user)
    assert (packed.after or {})["status"] == "packed"
    assert Change.objects.get(model="orders.dispatch").object_text == "D-1"


def test_nobody_is_named_after_the_request(staff: Client) -> None:
    model = close_a_model(staff)
    PrinterModel.objects.filter(pk=model.pk).update(eligible=True)
    assert Change.objects.count() == 1


def test_nobody_is_named_after_a_request_that_failed(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    model, partner = PrinterModelFactory.create(), Partner.objects.create(name="Store")
    monkeypatch.setattr("printers.admin.PrinterModelAdmin.save_model", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        staff.post(page(PrinterModel, "change", model.pk), inline("slots", 0))
    Partner.objects.filter(pk=partner.pk).update(name="Shop")
    assert said() == []


def test_a_change_that_is_rolled_back_leaves_no_row() -> None:
    partner = Partner.objects.create(name="Store")
    with somebody():
        with transaction.atomic():
            Partner.objects.filter(pk=partner.pk).update(name="Shop")
            transaction.set_rollback(True)
        Partner.objects.filter(pk=partner.pk).update(name="Depot")
    assert [change.after for change in Change.objects.all()] == [{"name": "Depot"}]


def test_workers_and_customers_write_nothing_there(client: Client) -> None:
    person = UserFactory.create()
    client.force_login(person)
    client.get("/account/")
    User.objects.filter(pk=person.pk).update(full_name="Ana")
    assert said() == []


def test_a_report_of_a_printer_does_not_ask_for_it(client: Client) -> None:
    """The hot path pays nothing: not one statement names or forgets anybody."""
    with CaptureQueriesContext(connection) as asked:
        client.post("/api/v1/telemetry", b"{}", "application/json", headers={"authorization": "Bearer nothing"})
    assert not [query for query in asked if "ars.actor" in query["sql"]]


def test_tables_that_printers_write_have_no_trigger() -> None:
    hot = {"printers_printer", "printers_reading", "printers_lowsignal", "printers_unknownsupply"}
    assert not hot & audit.standing("default").keys()


# What is hidden


@pytest.mark.parametrize("name", ["full_name", "line1", "city", "phone"])
def test_of_what_names_a_person_only_the_change_is_kept(name: str) -> None:
    address = AddressFactory.create(**{name: "Somewhere"})
    with somebody():
        Address.objects.filter(pk=address.pk).update(**{name: "Elsewhere"})
        Address.objects.filter(pk=address.pk).update(**{name: ""})
    told = [(change.before, change.after) for change in Change.objects.order_by("pk")]
    assert told == [({name: "(hidden)"}, {name: "(hidden)"}), ({name: "(hidden)"}, {name: ""})]


def test_secrets_are_never_in_it(staff: Client) -> None:
    partner, endpoint = Partner.objects.create(name="Store"), EndpointFactory.create(secret="whsec_old")
    with somebody():
        plain = keys.issue(partner, "store")
        type(endpoint).objects.filter(pk=endpoint.pk).update(secret="whsec_new", old_secret="whsec_old")
        User.objects.get(email="boss@example.com").set_password("another one")
        User.objects.filter(email="boss@example.com").update(password="md5$another")
    with connection.cursor() as cursor:
        cursor.execute("SELECT enrollment_change::text FROM enrollment_change")
        written = " ".join(row for (row,) in cursor.fetchall())
    assert len(Change.objects.all()) == 3
    kept = ApiKey.objects.get()
    for secret in (plain, bytes(kept.key_hash).hex(), "whsec_", "md5$"):
        assert secret not in written
    assert kept.prefix in written


def test_nothing_of_a_deleted_account_is_left_in_it() -> None:
    """Staff edited everything there was of Ana; when she goes, nothing here has to be erased."""
    ana = UserFactory.create(email="ana@example.com", full_name="Ana Ruiz")
    address = AddressFactory.create(user=ana, full_name="Ana Ruiz", line1="12 Elm Street")
    order = OrderFactory.create(user=ana, ship_to=address.as_ship_to())
    with somebody():
        for row in (ana, address, order):
            type(row)._default_manager.filter(pk=row.pk).delete() if row is address else row.save()
        User.objects.filter(pk=ana.pk).update(email="ana.ruiz@example.com", full_name="A. Ruiz")
        Order.objects.filter(pk=order.pk).update(ship_to={"full_name": "Ana Ruiz", "line1": "9 Oak Street"})
    closing.close(ana, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(enrollment_change::text, ' ') FROM enrollment_change")
        ((written,),) = cursor.fetchall()
    assert Change.objects.filter(about=ana).count() == 3
    for word in ("Ruiz", "ana", "Elm", "Oak"):
        assert word not in written
