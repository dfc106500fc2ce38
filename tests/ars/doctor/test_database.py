"""A database that is away, is another, is old, or does not let us in: by what it says on the wire."""

import socket
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils.connection import ConnectionProxy

from ars.doctor import database
from tests.ars.doctor.looked import is_well, troubles

PASSWORD = "never-to-be-shown"


def another(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    """The doctor looks at this database instead."""
    from_ours = {**connection.settings_dict, "PASSWORD": PASSWORD, "CONN_MAX_AGE": 0, **settings}
    theirs = type(connection._connections[connection._alias])(from_ours, "default")  # type: ignore[attr-defined]
    monkeypatch.setattr(database, "connection", theirs)


@pytest.fixture
def refusing() -> Iterator[int]:
    """A PostgreSQL that knows the user, and not the password. Its port."""
    told = b'SFATAL\0C28P01\0Mpassword authentication failed for user "ars"\0\0'

    def serve(server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                if client.recv(1024)[4:8] == struct.pack("!i", 80877103):  # may we speak TLS? No.
                    client.sendall(b"N")
                    client.recv(1024)
                client.sendall(b"E" + struct.pack("!i", len(told) + 4) + told)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_all_is_well(db: None) -> None:
    assert all(map(is_well, ("database", "migrations", "clock")))
    assert isinstance(connection, ConnectionProxy)


def test_nobody_is_there(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    another(monkeypatch, HOST="127.0.0.1", PORT=1)
    (said,) = troubles("database")
    assert said.startswith("The database at 127.0.0.1:1 does not answer: ")
    assert said.endswith("Start PostgreSQL, or correct the host and port in DATABASE_URL.")


def test_the_password_is_wrong(db: None, monkeypatch: pytest.MonkeyPatch, refusing: int) -> None:
    another(monkeypatch, HOST="127.0.0.1", PORT=refusing, USER="ars")
    (said,) = troubles("database")
    assert said.startswith(f"PostgreSQL at 127.0.0.1:{refusing} does not accept the password of the user ars.")
    assert PASSWORD not in said


def test_there_is_no_such_database(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    another(monkeypatch, NAME="nobody_made_it")
    (said,) = troubles("database")
    assert "has no database nobody_made_it. Create the database, or correct DATABASE_URL." in said


def test_a_migration_is_missing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ars' AND name = '0002_tick'")
    assert troubles("migrations") == [
        "1 of this version's migrations are not applied, the first is ars.0002_tick. Run manage.py migrate."
    ]


def test_the_role_may_not_use_a_table(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE a_role_of_the_doctors")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO a_role_of_the_doctors")
        cursor.execute("REVOKE UPDATE ON enrollment_change, auth_permission FROM a_role_of_the_doctors")
        cursor.execute("SET LOCAL ROLE a_role_of_the_doctors")
        assert is_well("database")
        cursor.execute("RESET ROLE")
        cursor.execute("REVOKE UPDATE ON billing_charge FROM a_role_of_the_doctors")
        cursor.execute("SET LOCAL ROLE a_role_of_the_doctors")
        (said,) = troubles("database")
        cursor.execute("RESET ROLE")
    assert "may not use 1 of our tables, the first is billing_charge. GRANT " in said


@pytest.mark.parametrize(("by", "word"), [(90, "ahead of"), (-90, "behind")])
def test_the_clocks_differ(db: None, by: int, word: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=by)):
        (said,) = troubles("clock")
    assert f"seconds {word} the database's. Let both be kept by NTP" in said
