"""The pages that take the catalogue and the prices out and bring them in: who may, what they show, what they do."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client

from ars.backoffice import catalogue as pages
from enrollment.models import Change
from orders.models import Price
from orders.price_table import PRICES
from printers import exchange
from printers.exchange import MOST_BYTES
from printers.models import Sku, Slot
from tests.factories import NOW, SkuFactory, UserFactory
from tests.orders.world import World
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db

IMPORT = "/admin/catalogue/import/"
DAY = timedelta(days=1)
LATER = "2026-12-05 06:00"  # after the notice of a rise, at NOW


@pytest.fixture
def clerk(client: Client) -> Client:
    """Of the role Catalogue."""
    staff = with_second_factor(UserFactory.create(email="cat@example.com", is_staff=True))
    staff.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(staff)
    return client


def send(clerk: Client, table: str, text: str | bytes) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return clerk.post(IMPORT, {"table": table, "file": SimpleUploadedFile("any.csv", content)})


def agree(clerk: Client, shown: Any) -> Any:
    """The button of the page that shows what a file does."""
    context = shown.context
    form = {"table": context["table"].name, "content": context["content"], "seen": context["outcome"].seen}
    return clerk.post(IMPORT, form, follow=True)


def prices(world: World, *rows: tuple[str, int, str]) -> str:
    named = [f"{world.sku(code).code},{cents},usd,{moment},no" for code, cents, moment in rows]
    return "\n".join(("sku,price_cents,currency,valid_from,demo", *named))


# Pages


@pytest.mark.parametrize("kind", pages.TABLES)
def test_what_is_taken_out_changes_nothing_when_it_is_brought_in(clerk: Client, world: World, kind: str) -> None:
    Slot.objects.update(position=F("position") + 1)  # the first of a real catalogue is 1
    out = clerk.get(f"/admin/catalogue/export/{kind}.csv")
    assert out.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    assert out.headers["Content-Type"] == "text/csv; charset=utf-8"
    shown = send(clerk, kind, out.content)
    assert "Nothing changes: all" in shown.text
    assert "Change it as shown" not in shown.text


def test_what_was_shown_is_done_and_in_the_audit(clerk: Client) -> None:
    sku = SkuFactory.create(code="PG-1", name="PG-1 Black", kind="ink")
    shown = send(clerk, "skus", "sku,name,kind\nPG-1,PG-1 Pigment Black,ink\nPG-2,PG-2 <b>Cyan</b>,ink")
    assert "1 added, 1 changed, 0 as before. Nothing is done yet." in shown.text
    assert "PG-2 &lt;b&gt;Cyan" in shown.text
    assert not Change.objects.exists()  # the trial was taken back, its record too
    assert "Cartridges: 1 added, 1 changed." in agree(clerk, shown).text
    sku.refresh_from_db()
    assert (sku.name, Sku.objects.count()) == ("PG-1 Pigment Black", 2)
    assert sorted(Change.objects.values_list("who", "verb", "object_text")) == [
        ("cat@example.com", "added", "PG-2"),
        ("cat@example.com", "changed", "PG-1"),
    ]


def test_the_button_pressed_twice_does_it_once(clerk: Client) -> None:
    shown = send(clerk, "skus", "sku,name,kind\nPG-2,PG-2 Cyan,ink")
    agree(clerk, shown)
    again = agree(clerk, shown)
    assert exchange.CHANGED_MEANWHILE in again.text
    assert "Nothing changes: all 1 row of the file" in again.text
    assert Sku.objects.count() == 1


def test_a_catalogue_that_changed_meanwhile_is_shown_once_more(clerk: Client) -> None:
    SkuFactory.create(code="PG-1", name="PG-1 Black", kind="ink")
    shown = send(clerk, "skus", "sku,name,kind\nPG-1,PG-1 Pigment Black,ink")
    Sku.objects.update(name="PG-1 Photo Black")
    again = agree(clerk, shown)
    assert exchange.CHANGED_MEANWHILE in again.text
    assert "PG-1 Photo Black" in again.text
    assert Sku.objects.get().name == "PG-1 Photo Black"
    assert "Cartridges: 0 added, 1 changed." in agree(clerk, again).text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "This field is required."),
        ({"table": "printers"}, "Select a valid choice."),
        ({"table": "skus", "file": SimpleUploadedFile("a.csv", b"x" * (MOST_BYTES + 1))}, pages.TOO_LARGE),
        ({"table": "skus", "file": SimpleUploadedFile("a.csv", b"")}, "The submitted file is empty."),
        ({"table": "skus", "file": SimpleUploadedFile("a.xlsx", b"x")}, "Choose a file whose name ends in .csv."),
    ],
)
def test_a_form_that_says_too_little_or_too_much_is_sent_back(
    clerk: Client, sent: dict[str, Any], sentence: str
) -> None:
    assert sentence in clerk.post(IMPORT, sent).text
    assert not Sku.objects.exists()


def test_a_file_that_does_not_come_back_whole_is_asked_for_again(clerk: Client) -> None:
    answer = clerk.post(IMPORT, {"table": "skus", "content": "%%%", "seen": ""}, follow=True)
    assert pages.NOT_WHOLE in answer.text


def test_nobody_but_the_catalogue_role_takes_out_or_brings_in(clerk: Client) -> None:
    text = b"sku,name,kind\nPG-2,PG-2 Cyan,ink"
    shown = send(clerk, "skus", text)
    sent = {"table": "skus", "content": b64encode(text).decode(), "seen": shown.context["outcome"].seen}
    staff = shown.wsgi_request.user
    for role in ("Support", "Support lead", "Warehouse", "Finance"):
        staff.groups.set([Group.objects.get(name=role)])
        assert clerk.get(IMPORT).status_code == 403
        assert clerk.get("/admin/catalogue/export/prices.csv").status_code == 403
        assert clerk.post(IMPORT, sent).status_code == 403
    assert not Sku.objects.exists()
    assert clerk.get("/admin/catalogue/export/users.csv").status_code == 403
    staff.groups.set([Group.objects.get(name="Catalogue")])
    assert clerk.get("/admin/catalogue/export/users.csv").status_code == 404


def test_who_may_change_one_table_sees_no_other(client: Client) -> None:
    staff = with_second_factor(UserFactory.create(is_staff=True))
    staff.user_permissions.set(Group.objects.get(name="Catalogue").permissions.filter(codename="add_price"))
    client.force_login(staff)
    page = client.get(IMPORT)
    assert [table.name for table in page.context["tables"]] == ["prices"]
    assert client.get("/admin/catalogue/export/skus.csv").status_code == 403
    assert "Select a valid choice." in send(client, "skus", "sku,name,kind\nPG-2,PG-2 Cyan,ink").text


# Prices


def test_new_prices_take_effect_from_their_moment_on(clerk: Client, world: World) -> None:
    text = prices(world, ("PGBK", 2599, LATER), ("C", 1799, "2026-11-23T11:00:00+00:00"))
    shown = send(clerk, "prices", text)
    assert len(shown.context["outcome"].added) == 2
    assert Price.objects.count() == 2
    agree(clerk, shown)
    assert Price.objects.get(amount_cents=2599).valid_from.isoformat() == "2026-12-05T06:00:00+00:00"
    assert Price.objects.get(amount_cents=1799).valid_from == NOW + timedelta(hours=1)


def test_two_bad_rows_are_both_named_and_nothing_is_changed(clerk: Client, world: World) -> None:
    before = list(Price.objects.order_by("pk").values())
    text = prices(world, ("PGBK", 2599, LATER), ("C", 0, LATER), ("PGBK", 2799, "2026-11-24 06:00"))
    shown = send(clerk, "prices", text)
    zero, early = shown.context["outcome"].errors
    assert zero == "prices.csv, row 3, column price_cents: must be a whole number from 1 to 1000000, not '0'."
    assert early.startswith("prices.csv, row 4, column valid_from: This is more than the $24.99 before it")
    assert early.endswith("It can take effect from 2026-12-01 11:00 UTC on.")
    for sentence in (zero, early):
        assert sentence.replace("'", "&#x27;") in shown.text
    agree(clerk, shown)
    assert list(Price.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("NONE-1,100,usd,2026-12-05 06:00,no", "column sku: the catalogue has no 'NONE-1'."),
        ("BLACK,100,eur,2026-12-05 06:00,no", "column currency: 'eur' is not known."),
        ("BLACK,1.99,usd,2026-12-05 06:00,no", "column price_cents: must be a whole number"),
        ("BLACK,100,usd,soon,no", "column valid_from: 'soon' is no moment such as 2026-12-24 06:00, in UTC."),
        ("BLACK,100,usd,,no", "column valid_from: must not be empty."),
        ("BLACK,100,usd,2026-11-23 09:59,no", "column valid_from: This moment has passed."),
        ("BLACK,100,usd,2026-12-05 06:00,perhaps", "column demo: 'perhaps' is not known."),
    ],
)
def test_a_price_that_cannot_be_is_named(world: World, row: str, sentence: str) -> None:
    Sku.objects.filter(pk=world.sku().pk).update(code="BLACK")
    head = "sku,price_cents,currency,valid_from,demo"
    (error,) = exchange.run(PRICES, f"{head}\n{row}".encode(), NOW).errors
    assert sentence in error


@pytest.mark.parametrize(("cents", "demo", "column"), [(2500, "no", "price_cents"), (2499, "yes", "demo")])
def test_a_price_is_never_edited(world: World, cents: int, demo: str, column: str) -> None:
    there = Price.objects.get(sku=world.sku())
    row = f"{there.sku.code},{cents},usd,{there.valid_from.isoformat()},{demo}"
    (error,) = exchange.run(PRICES, f"sku,price_cents,currency,valid_from,demo\n{row}".encode(), NOW).errors
    assert f"column {column}: A price is never edited" in error


def test_the_same_moment_written_in_two_ways_is_one(world: World) -> None:
    text = prices(world, ("PGBK", 2399, LATER), ("PGBK", 2299, "2026-12-05T01:00:00-05:00"))
    (error,) = exchange.run(PRICES, text.encode(), NOW).errors
    assert error.endswith("has another price from the same moment on above.")


def test_a_rise_in_two_steps_is_measured_in_the_order_of_time(world: World) -> None:
    """The later row of the file is the earlier price: a rise from it is a rise, however the file is sorted."""
    text = prices(world, ("PGBK", 2499, "2026-11-26 06:00"), ("PGBK", 2399, "2026-11-24 06:00"))
    (error,) = exchange.run(PRICES, text.encode(), NOW).errors
    assert "row 2, column valid_from: This is more than the $23.99 before it" in error


def test_what_was_shown_is_not_done_when_its_moment_has_passed(clerk: Client, world: World) -> None:
    shown = send(clerk, "prices", prices(world, ("PGBK", 2399, "2026-11-23 11:00")))
    with time_machine.travel(NOW + DAY, tick=False):
        again = agree(clerk, shown)
    assert "This moment has passed." in again.text
    assert Price.objects.count() == 2
