"""Sets the stage: a database with its tables and the catalogue, and the static files."""

import io

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import BadMigrationError, InconsistentMigrationHistory, NodeNotFoundError

from ars.demo.home import START_OVER, DemoError
from ars.demo.people import DOMAIN
from ars.demo.stage import Stage, say
from enrollment.models import User


def prepare(stage: Stage) -> None:
    """Idempotent. DemoError when the database is none we can use."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise DemoError(f"The database does not answer ({_first_line(error)}): see to DATABASE_URL.") from error
    try:
        if stage.asked.fresh and stage.services is None:
            _empty_foreign_database()
        _migrate(stage)
        call_command("load_catalogue", stdout=io.StringIO())
    except (DatabaseError, CommandError, BadMigrationError, InconsistentMigrationHistory, NodeNotFoundError) as error:
        raise DemoError(f"The demo's database cannot be used ({_first_line(error)}): {START_OVER}.") from error
    call_command("collectstatic", interactive=False, verbosity=0)


def _migrate(stage: Stage) -> None:
    say("demo", "making the tables, loading the catalogue")
    call_command("migrate", interactive=False, verbosity=0)
    stage.pause(0)


def _empty_foreign_database() -> None:
    """DATABASE_URL names one that is not ours: only what a demo made in it is thrown away."""
    tables = connection.introspection.table_names()
    if not tables:
        return
    if User._meta.db_table not in tables or User.objects.exclude(email__endswith=DOMAIN).exists():
        raise DemoError("DATABASE_URL names a database with more in it than a demo's data: --fresh leaves it alone.")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
