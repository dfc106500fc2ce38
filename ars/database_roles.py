"""What the roles of the database may do, where it has several: `migrate` grants it anew each time, as it stands here.

deploy/roles.sql makes the roles. The owner runs `migrate`; the application's role runs everything else, and a reporting
role only reads. docs/decisions/0034-database-roles.md says why. Where no role is named nothing is granted.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from ars import audit

ONLY_READ = ("django_migrations", "django_content_type", "auth_permission")  # `migrate` alone writes them
ONLY_ADDED_TO = ("enrollment_change",)  # the record of the audit
# What needs the owner's right is done by a function with it, which does nothing but that.
BY_OWNER = ("printers_make_partitions(date, integer)", "printers_drop_month(date, text)")
# Columns that no report shows: what opens something, and what was written to or about somebody.
SECRET = audit.SECRET | {"device_code_hash", "user_code", "code_hash", "session_key", "session_data"}
PRIVATE = {"data", "text", "html", "body"}


def install(using: str, **_: Any) -> None:
    """A receiver of `post_migrate`. ImproperlyConfigured where the role that migrates is one that is to have less."""
    named = [name for name in (settings.DATABASE_APPLICATION_ROLE, settings.DATABASE_REPORTS_ROLE) if name]
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        if (owner := cursor.fetchone()[0]) in named:
            raise ImproperlyConfigured(
                f"DATABASE_URL signs in as {owner}, whose rights are to be limited: run migrate as the owner."
            )
        for statement in [*_application(using), *_reports(using)]:
            cursor.execute(statement)


def _application(using: str) -> Iterator[str]:
    if not settings.DATABASE_APPLICATION_ROLE:
        return
    role = connections[using].ops.quote_name(settings.DATABASE_APPLICATION_ROLE)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON {', '.join(ONLY_READ)} FROM {role}"
    yield f"REVOKE UPDATE, DELETE ON {', '.join(ONLY_ADDED_TO)} FROM {role}"
    for function in BY_OWNER:
        yield f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp"
        yield f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {role}"


def _reports(using: str) -> Iterator[str]:
    if not settings.DATABASE_REPORTS_ROLE:
        return
    quote = connections[using].ops.quote_name
    role = quote(settings.DATABASE_REPORTS_ROLE)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    for table, columns in readable().items():
        yield f"GRANT SELECT ({', '.join(map(quote, columns))}) ON {quote(table)} TO {role}"


def readable() -> dict[str, list[str]]:
    """By table: the columns that a report may show."""
    models = apps.get_models(include_auto_created=True)
    columns = {model._meta.db_table: [str(field.column) for field in model._meta.concrete_fields] for model in models}
    return {
        table: shown for table, names in columns.items() if (shown := [n for n in names if n not in SECRET | PRIVATE])
    }
