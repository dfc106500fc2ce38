"""The back office's books of a month, for Finance alone, and the evidence with which a bank is answered."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from billing.models import Dispute
from tests.billing.paid import paid, staff
from tests.factories import NOW, ConsentFactory
from tests.notifications.shop import read_steps, ship
from tests.orders.world import World

pytestmark = pytest.mark.django_db

BOOKS = "/admin/billing/charge/books/"


def clerk(client: Client, role: str) -> Client:
    client.force_login(staff(role, f"{role.lower()}@example.com"))
    return client


def test_finance_downloads_a_month(client: Client) -> None:
    charge = paid()
    assert f"{BOOKS}2026-11/" in clerk(client, "Finance").get(BOOKS).text
    assert BOOKS in client.get("/admin/billing/charge/").text
    answer = client.get(f"{BOOKS}2026-11/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="books-2026-11.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert charge.order.display_number in answer.getvalue().decode()
    assert client.get(f"{BOOKS}2026-13/").status_code == 404


@pytest.mark.parametrize("role", ["Support", "Support lead", "Warehouse", "Catalogue"])
def test_nobody_else_does(client: Client, role: str) -> None:
    clerk(client, role)
    assert [client.get(BOOKS).status_code, client.get(f"{BOOKS}2026-11/").status_code] == [403, 403]
    assert BOOKS not in client.get("/admin/billing/charge/").text


def dispute(world: World) -> Dispute:
    ConsentFactory.create(
        plan=world.plan, text_version="2026-09", ip_address="203.0.113.9", given_at=NOW - timedelta(days=30)
    )
    order = world.order()
    ship(world, order)
    read_steps()
    charge = order.charges.get()
    said = {"reason": "product_not_received", "amount_cents": charge.amount_cents, "answer_by": NOW + timedelta(days=9)}
    return Dispute.objects.create(charge=charge, stripe_id="dp_1", opened_at=NOW, heard_at=NOW, **said)


def test_the_evidence_is_all_that_is_known(client: Client, world: World) -> None:
    found = dispute(world)
    assert (
        f"/admin/billing/dispute/{found.pk}/evidence/"
        in clerk(client, "Finance").get(f"/admin/billing/dispute/{found.pk}/change/").text
    )
    page = client.get(f"/admin/billing/dispute/{found.pk}/evidence/").text
    order, mails = found.charge.order, list(found.charge.order.messages.all())
    known = [order.display_number, "2026-09", "203.0.113.9", "1Z999AA10123456784", "Visa 4242", "product_not_received"]
    known += [world.sku().code, "threshold", "Charged", order.ship_to["line1"], order.user.email]
    assert [fact for fact in known if fact not in page] == []
    assert len(mails) == 2
    assert all(mail.subject in page for mail in mails)
    assert all("/mail/order/" in mail.text for mail in mails)
    assert "/mail/" not in page  # whoever holds such a link acts for the customer
    assert page.index("<strong>signal<") < page.index("<strong>charge<")


def test_only_who_sees_disputes_sees_evidence(client: Client, world: World) -> None:
    found = dispute(world)
    assert Group.objects.get(name="Support").permissions.filter(codename="view_dispute").count() == 0
    assert clerk(client, "Support").get(f"/admin/billing/dispute/{found.pk}/evidence/").status_code == 403
