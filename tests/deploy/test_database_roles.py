"""The application's role does all that the service does and nothing else; the reporting role sees no secret."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import Settings

from ars import database_roles
from ars.health import database_checks
from enrollment.models import Change, User
from orders.models import Order
from printers.tasks import make_partitions
from tests.acting import close_a_model
from tests.factories.orders import OrderFactory
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db
APPLICATION, REPORTS = "ars_test_application", "ars_test_reports"


def execute(statement: str) -> list[tuple[object, ...]]:
    """In a savepoint: what is refused leaves the test's transaction usable."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def roles(settings: Settings) -> Iterator[None]:
    """Both, with what `migrate` grants them; they go with the test's transaction."""
    settings.DATABASE_APPLICATION_ROLE, settings.DATABASE_REPORTS_ROLE = APPLICATION, REPORTS
    for role in (APPLICATION, REPORTS):
        execute(f"CREATE ROLE {role}")
        execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    database_roles.install("default")
    yield
    execute("RESET ROLE")


@pytest.fixture
def as_application(roles: None) -> None:
    execute(f"SET ROLE {APPLICATION}")


@pytest.fixture
def as_reports(roles: None) -> None:
    OrderFactory.create()
    execute(f"SET ROLE {REPORTS}")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id integer)",
        "DROP TABLE orders_order CASCADE",
        "TRUNCATE orders_order CASCADE",
        "ALTER TABLE enrollment_change DISABLE TRIGGER changes_stay",
        "ALTER TABLE enrollment_change DISABLE TRIGGER ALL",
        "DROP TRIGGER note_change ON orders_price",
        "CREATE OR REPLACE FUNCTION enrollment_note_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "SET session_replication_role = replica",
        "UPDATE enrollment_change SET who = 'nobody'",
        "DELETE FROM enrollment_change",
        "TRUNCATE enrollment_change",
        "DELETE FROM django_migrations",
        "UPDATE auth_permission SET codename = 'all'",
        "COPY orders_order TO PROGRAM 'cat'",
    ],
)
def test_the_application_may_not(as_application: None, statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be (owner|superuser)"):
        execute(statement)


def test_the_application_adds_to_the_record_of_changes_through_the_trigger_alone(
    as_application: None, client: Client
) -> None:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    before = Change.objects.count()
    close_a_model(client)
    assert Change.objects.count() > before


def test_the_application_makes_months_that_belong_to_the_owner(as_application: None) -> None:
    execute("RESET ROLE")
    owner = execute("SELECT tableowner FROM pg_tables WHERE tablename = 'printers_reading'")
    last = execute("SELECT max(tablename) FROM pg_tables WHERE tablename ~ 'printers_reading_2'")[0][0]
    execute(f"DROP TABLE {last}")
    execute(f"SET ROLE {APPLICATION}")
    assert make_partitions() == 1
    assert execute(f"SELECT tableowner FROM pg_tables WHERE tablename = '{last}'") == owner
    with pytest.raises(DatabaseError, match="must be owner"):
        execute(f"DROP TABLE {last}")


def test_the_function_with_the_owners_right_is_nobody_elses(as_reports: None) -> None:
    with pytest.raises(DatabaseError, match="permission denied for function"):
        execute("SELECT printers_make_partitions('2026-01-01', 1)")


def test_the_application_tells_whether_it_is_ready(as_application: None) -> None:
    assert {check.status for check in database_checks()} == {"ok"}


def test_reports_read_orders_and_write_nothing(as_reports: None) -> None:
    assert execute("SELECT count(*), sum(total_cents) IS NOT NULL FROM orders_order") == [(1, True)]
    assert Order.objects.get().number
    with pytest.raises(DatabaseError, match="permission denied"):
        execute("UPDATE orders_order SET total_cents = 1")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT password FROM enrollment_user",
        "SELECT * FROM enrollment_apikey",
        "SELECT token_hash FROM printers_devicetoken",
        "SELECT secret FROM notifications_endpoint",
        "SELECT html FROM notifications_message",
        "SELECT data FROM mfa_authenticator",
        "SELECT session_key FROM django_session",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_reports_see_no_secret(as_reports: None, query: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        execute(query)


def test_no_secret_column_is_forgotten(db: None) -> None:
    shown = {f"{table}.{column}" for table, columns in database_roles.readable().items() for column in columns}
    named = re.compile(r"(password|secret|hash|token|session_key|user_code|_code_hash)$")
    assert {column for column in shown if named.search(column)} == set()
    assert {model._meta.db_table for model in apps.get_models()} - database_roles.readable().keys() <= {
        "django_session"
    }


def test_granting_again_takes_back_what_somebody_gave(roles: None) -> None:
    execute(f"GRANT ALL ON enrollment_change, django_migrations TO {APPLICATION}, {REPORTS}")
    database_roles.install("default")
    held = "SELECT string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM information_schema.table_privileges"
    assert execute(f"{held} WHERE table_name = 'enrollment_change' AND grantee = '{APPLICATION}'") == [
        ("INSERT SELECT",)
    ]
    assert execute(f"{held} WHERE table_name = 'django_migrations' AND grantee = '{APPLICATION}'") == [("SELECT",)]
    assert execute(f"{held} WHERE table_name = 'enrollment_change' AND grantee = '{REPORTS}'") == [(None,)]


def test_the_owner_is_not_limited_by_mistake(settings: Settings) -> None:
    settings.DATABASE_APPLICATION_ROLE = str(execute("SELECT current_user")[0][0])
    with pytest.raises(ImproperlyConfigured, match="run migrate as the owner"):
        database_roles.install("default")


def test_where_no_role_is_named_nothing_is_granted(db: None) -> None:
    database_roles.install("default")
    others = "FROM information_schema.table_privileges WHERE grantee <> grantor AND table_schema = 'public'"
    assert execute(f"SELECT count(*) {others}") == [(0,)]
