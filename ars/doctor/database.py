"""The database: reached, of a version we run on, migrated, in UTF-8, with the rights we need, and on the same clock."""

import time
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from ars.database_roles import ONLY_ADDED_TO, ONLY_READ
from ars.doctor.findings import Finding, first_line, note, ok, trouble
from ars.health import missing_migrations

VERSIONS = range(15, 19)
MILLISECONDS = 5000
CLOCK_SECONDS = 2.0  # leases and due times are written by one clock and read by another
# Which of our tables this role cannot use. Some it need not change.
WITHOUT_RIGHTS = """
    SELECT relname FROM pg_class
     WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
       AND NOT has_table_privilege(oid, CASE WHEN relname = ANY(%s) THEN 'SELECT' ELSE 'UPDATE' END)
     ORDER BY relname"""


def database() -> Iterator[Finding]:
    """Whether it answers, and what it is."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield _unreachable(error)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(MILLISECONDS)])
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), rolsuper"
            " FROM pg_roles WHERE rolname = current_user"
        )
        version, encoding, superuser = cursor.fetchone()
        yield ok(f"PostgreSQL {version} answers at {_where()}.")
        if version not in VERSIONS:
            told = f"PostgreSQL {version} is not one of {VERSIONS[0]} to {VERSIONS[-1]}, which ARS is tried with."
            yield trouble(told, f"Move to PostgreSQL {VERSIONS[-1]}.")
        if encoding != "UTF8":
            told = f"The database stores text as {encoding}, which cannot hold every name."
            yield trouble(told, "Create it anew with ENCODING 'UTF8' and load a dump into it.")
        if superuser and not settings.DEBUG:
            told = f"ARS signs in as {_user()}, who may do everything in PostgreSQL."
            yield note(told, "Give it a role of its own (docs/deployment.md).")
        yield from _rights()


def _rights() -> Iterator[Finding]:
    tables = [model._meta.db_table for model in apps.get_models()]
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_RIGHTS, [tables, [*ONLY_ADDED_TO, *ONLY_READ]])
        missing = [name for (name,) in cursor.fetchall()]
    if missing:
        told = f"The role {_user()} may not use {len(missing)} of our tables, the first is {missing[0]}."
        yield trouble(told, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_user()};")


def _unreachable(error: DatabaseError) -> Finding:
    """By what PostgreSQL, or the network, said. DATABASE_URL holds a password, so it is never repeated."""
    said = str(error)
    if "password authentication failed" in said or "no password supplied" in said:
        told = f"PostgreSQL at {_where()} does not accept the password of the user {_user()}."
        return trouble(told, "Correct the password in DATABASE_URL, or set it: ALTER ROLE ... PASSWORD ...")
    if "does not exist" in said:
        what = "database" if f'database "{_name()}"' in said else "user"
        told = f"PostgreSQL at {_where()} has no {what} {_name() if what == 'database' else _user()}."
        return trouble(told, f"Create the {what}, or correct DATABASE_URL.")
    if "could not translate host name" in said:
        told = f"The database's host {connection.settings_dict['HOST']} is not known to the name service."
        return trouble(told, "Correct the host in DATABASE_URL, or the name service.")
    if "too many" in said or "remaining connection slots" in said:
        told = f"PostgreSQL at {_where()} has no connection left."
        return trouble(told, "Raise max_connections, run fewer processes, or put a pooler between (docs/scaling.md).")
    told = f"The database at {_where()} does not answer: {first_line(error)}"
    return trouble(told, "Start PostgreSQL, or correct the host and port in DATABASE_URL.")


def migrations() -> Iterator[Finding]:
    """Whether the tables are as this code expects them."""
    if missing := missing_migrations():
        told = f"{len(missing)} of this version's migrations are not applied, the first is {missing[0]}."
        yield trouble(told, "Run manage.py migrate.")
    else:
        yield ok("All migrations are applied.")


def clock() -> Iterator[Finding]:
    """Whether this machine and the database agree on the time."""
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    yield compare_clocks(theirs, (before + time.time()) / 2, "the database's", CLOCK_SECONDS)


def compare_clocks(theirs: datetime, ours: float, whose: str, allowed: float) -> Finding:
    """`ours` is in seconds since 1970."""
    ahead = ours - theirs.timestamp()
    if abs(ahead) <= allowed:
        return ok(f"This machine's clock and {whose} agree.")
    told = f"This machine's clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} {whose}."
    return trouble(told, "Let both be kept by NTP (timedatectl set-ntp true), and look which of them is wrong.")


def _where() -> str:
    found = connection.settings_dict
    return f"{found['HOST'] or 'the local socket'}:{found['PORT'] or 5432}"


def _user() -> str:
    return str(connection.settings_dict["USER"])


def _name() -> str:
    return str(connection.settings_dict["NAME"])
