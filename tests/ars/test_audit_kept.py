"""The audit: nobody edits it, and no table is forgotten."""

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.test import Client, RequestFactory

from ars import audit
from enrollment.models import Change, User
from tests.acting import close_a_model
from tests.ars.test_admin import MODELS, act, page
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
MADE_UP = (
    "INSERT INTO enrollment_change (at, request_id, who, request, action, model, object_id, object_text, verb) "
    "VALUES (now(), gen_random_uuid(), 'nobody', '', '', 'orders.price', '1', '', 'changed')"
)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    return client


# That it stays


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE enrollment_change SET who = 'nobody'",
        "DELETE FROM enrollment_change",
        MADE_UP,
    ],
)
def test_nobody_edits_it_in_sql(staff: Client, statement: str) -> None:
    close_a_model(staff)
    before = list(Change.objects.values())
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Change.objects.values()) == before


def test_nobody_empties_it(staff: Client) -> None:
    close_a_model(staff)
    with pytest.raises(DatabaseError, match="TRUNCATE refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE enrollment_change")
    assert Change.objects.count() == 1


def test_nobody_edits_it_by_the_orm_or_in_the_admin(staff: Client) -> None:
    close_a_model(staff)
    change = Change.objects.get()
    for refused in (change.delete, lambda: change.save(update_fields=["who"])):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            refused()
    assert staff.post(page(Change, "change", change.pk), {"who": "nobody"}).status_code == 403
    assert staff.post(page(Change, "delete", change.pk), {"post": "yes"}).status_code == 403
    assert staff.get(page(Change, "add")).status_code == 403
    act(staff, Change, "delete_selected", change)
    assert Change.objects.get().who == "boss@example.com"


# That nothing is forgotten


def labels() -> set[str]:
    """Every table of ours, and of others' what the admin shows, with what stands between two of them."""
    shown = {*MODELS, *admin.site._registry}
    fields = [field for model in shown for field in model._meta.local_many_to_many]
    between = {through for field in fields if (through := field.remote_field.through) is not None}
    return {model._meta.label for model in shown} | {model._meta.label for model in between if model._meta.auto_created}


def test_every_table_is_watched_or_says_why_not() -> None:
    assert not audit.WATCHED.keys() & audit.UNWATCHED.keys()
    assert labels() == audit.WATCHED.keys() | audit.UNWATCHED.keys()


def editable() -> list[type[Model]]:
    """Models that a superuser adds, changes, deletes or acts on in the admin, on their own page or on another's."""
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    found = []
    for model, page_of in admin.site._registry.items():
        inlines = [each for each in page_of.get_inline_instances(request) if each.has_change_permission(request)]
        found += [each.model for each in inlines]
        rights = (page_of.has_add_permission, page_of.has_change_permission, page_of.has_delete_permission)
        if any(may(request) for may in rights) or page_of.get_actions(request):
            found.append(model)
    return found


def test_whatever_the_admin_edits_is_watched() -> None:
    found = {model._meta.label for model in editable()}
    assert {"printers.SlotSku", "billing.Difference", "orders.Order", "auth.Group"} <= found  # the test can see
    assert found <= audit.WATCHED.keys()


def test_the_triggers_are_as_the_list_says_and_made_again() -> None:
    assert audit.standing("default") == audit.wanted()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER note_change ON orders_price")
        cursor.execute("DROP TRIGGER note_change ON printers_sku")
        cursor.execute(
            "CREATE TRIGGER note_change AFTER INSERT ON printers_printer FOR EACH ROW "
            "EXECUTE FUNCTION enrollment_note_change('printers.printer', 'id', '', '', '', '')"
        )
    audit.install(using="default")
    assert audit.standing("default") == audit.wanted()


@pytest.mark.parametrize("label", audit.WATCHED)
def test_the_columns_it_is_told_are_there(label: str) -> None:
    model, watched = next((model, watched) for model, watched in audit.models() if model._meta.label == label)
    columns = {field.column for field in model._meta.concrete_fields}
    assert {*watched.hidden, *filter(None, [watched.called])} <= columns
