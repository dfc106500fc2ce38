"""The helper program is given away as it was built."""

import hashlib
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from agent.build import build

PATH = "/download/ars-agent.pyz"


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> bytes:
    settings.AGENT_FILE = build(tmp_path / "ars-agent.pyz")
    content: bytes = settings.AGENT_FILE.read_bytes()
    return content


def test_anybody_gets_the_file_and_its_digest(built: bytes) -> None:
    response = Client().get(PATH)
    assert (response.status_code, response.content) == (200, built)
    assert response["ETag"] == f'"{hashlib.sha256(built).hexdigest()}"'
    assert response["Content-Disposition"] == 'attachment; filename="ars-agent.pyz"'


def test_who_has_it_need_not_fetch_it_again(built: bytes) -> None:
    etag = Client().get(PATH)["ETag"]
    response = Client().get(PATH, headers={"if-none-match": etag})
    assert (response.status_code, response.content) == (304, b"")


def test_where_it_was_never_built_there_is_none() -> None:
    assert Client().get(PATH).status_code == 404


def test_the_page_says_the_files_digest_and_what_each_system_types(db: None, built: bytes) -> None:
    page = Client().get("/download/").text
    assert f"<code>{hashlib.sha256(built).hexdigest()}</code>" in page
    for typed in ("py ars-agent.pyz pair", "certutil -hashfile ars-agent.pyz", "shasum -a 256 ars-agent.pyz"):
        assert f"<code>{typed}" in page
    assert "<code>sha256sum ars-agent.pyz</code>" in page


def test_a_file_that_was_built_anew_has_its_own_digest(db: None, built: bytes, settings: Settings) -> None:
    settings.AGENT_FILE.write_bytes(built + b"\n")
    assert hashlib.sha256(built + b"\n").hexdigest() in Client().get("/download/").text
