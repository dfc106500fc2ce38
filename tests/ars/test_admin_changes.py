"""The pages of the audit: how a change is found, what they say of it, and who reads them."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ars import roles
from enrollment.models import Change, User
from orders.models import Order, Promotion
from printers.models import PrinterModel, Series, SlotSku
from tests.acting import close_a_model, somebody
from tests.ars.test_admin import page
from tests.factories import (
    NOW,
    DeliveryFactory,
    OrderFactory,
    PrinterModelFactory,
    PromotionFactory,
    SeriesFactory,
    SkuFactory,
    SlotSkuFactory,
    UserFactory,
)
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    return client


def test_staff_find_a_change_by_what_by_whom_and_by_customer(staff: Client) -> None:
    close_a_model(staff)
    order = OrderFactory.create(plan__user__email="ana@example.com")
    with somebody():
        Order.objects.filter(pk=order.pk).update(held_at=NOW, held_for="A look")
    for question, model in (("TS9999", "printers.printermodel"), ("ana@example.com", "orders.order")):
        (found,) = staff.get(page(Change, "changelist"), {"q": question}).context["cl"].result_list
        assert found.model == model
    assert len(staff.get(page(Change, "changelist"), {"q": "boss@"}).context["cl"].result_list) == 2
    filters = ({"model": "orders.order"}, {"whose": "staff", "model": "orders.order"}, {"object_id": order.pk})
    for each in filters:
        listed = staff.get(page(Change, "changelist"), each)
        assert [change.object_text for change in listed.context["cl"].result_list] == [order.number]
        assert "→ A look" in listed.text
    assert not staff.get(page(Change, "changelist"), {"whose": "partners"}).context["cl"].result_list


def test_its_page_names_what_was_pointed_to(staff: Client) -> None:
    fit, other = SlotSkuFactory.create(sku__code="OLD-1"), SkuFactory.create(code="NEW-2")
    with somebody():
        SlotSku.objects.filter(pk=fit.pk).update(sku=other)
    shown = staff.get(page(Change, "change", Change.objects.get().pk)).text
    assert f"OLD-1 ({fit.sku_id})" in shown
    assert f"NEW-2 ({other.pk})" in shown
    assert "All 1 changes of this request" in shown


def test_a_page_leads_to_the_changes_of_its_object(client: Client) -> None:
    model, clerk = PrinterModelFactory.create(), with_second_factor(UserFactory.create(is_staff=True))
    client.force_login(clerk)
    link = f"/admin/enrollment/change/?model=printers.printermodel&amp;object_id={model.pk}"
    for role, sees in (("Support", False), ("Support lead", True)):
        clerk.groups.set([Group.objects.get(name=role)])
        assert (link in client.get(page(PrinterModel, "change", model.pk)).text) == sees


def test_who_reads_it(client: Client) -> None:
    assert [role for role, may in roles.ROLES.items() if "change" in may["view"].split()] == ["Support lead", "Finance"]
    clerk = with_second_factor(UserFactory.create(is_staff=True))
    client.force_login(clerk)
    for role, status in (("Warehouse", 403), ("Support", 403), ("Finance", 200), ("Support lead", 200)):
        clerk.groups.set([Group.objects.get(name=role)])
        assert client.get(page(Change, "changelist")).status_code == status


def test_the_list_asks_no_more_for_more_changes(staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(page(Change, "changelist"))
        return len(asked)

    close_a_model(staff)
    queries()  # shows what was said of that, and no more of it is left
    few = queries()
    with somebody():
        for day in (1, 2, 3):
            PromotionFactory.create(ends_at=datetime(2027, 1, day, tzinfo=UTC))
            DeliveryFactory.create()
    assert Promotion.objects.count() == 3
    assert queries() == few


def test_series_keep_their_name_in_it() -> None:
    series = SeriesFactory.create(name="PIXMA")
    with somebody():
        Series.objects.filter(pk=series.pk).update(position=9)
    assert str(Change.objects.get()) == "printers.series PIXMA changed by boss@example.com"
