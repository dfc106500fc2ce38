"""Addresses that do not fit, a full disk, files not collected; and that the doctor himself gets through."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from pytest_django import Settings

from ars.doctor.findings import Check, Finding, examine, ok
from ars.management.commands import doctor
from ars.watch import http
from tests.ars.doctor.looked import at, is_well, troubles
from tests.ars.processes import ROOT


@pytest.fixture
def in_order(settings: Settings) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS, settings.DEBUG = "https://ink.example.com", ["ink.example.com"], False
    settings.BEHIND_TLS_PROXY, settings.SECURE_SSL_REDIRECT, settings.SECRET_KEY = True, False, "k" * 50


def test_all_is_well(in_order: None) -> None:
    assert all(map(is_well, ("addresses", "encryption", "disk", "figures")))


def test_the_sites_host_is_not_allowed(in_order: None, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["www.example.com"]
    assert troubles("addresses") == [
        (
            "ALLOWED_HOSTS does not name ink.example.com, the host of SITE_URL: its pages are refused with 400. "
            "Add ink.example.com to ALLOWED_HOSTS."
        )
    ]


def test_every_host_is_allowed(in_order: None, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert troubles("addresses")[0].startswith("ALLOWED_HOSTS allows every host")


@pytest.mark.parametrize(
    "url", ["ink.example.com", "https://", "https://ink.example.com/shop", "ftp://ink.example.com"]
)
def test_the_sites_address_is_none(in_order: None, settings: Settings, url: str) -> None:
    settings.SITE_URL = url
    assert troubles("addresses")[0].startswith(f"SITE_URL is {url!r}, which is no address of a site")


def test_passwords_go_in_the_clear(in_order: None, settings: Settings) -> None:
    settings.SITE_URL = "http://ink.example.com"
    assert troubles("encryption")[0].startswith("SITE_URL is not https: passwords and sessions go over the wire")


def test_every_page_leads_to_itself(in_order: None, settings: Settings) -> None:
    settings.BEHIND_TLS_PROXY, settings.SECURE_SSL_REDIRECT = False, True
    assert "every page leads to itself. Set BEHIND_TLS_PROXY=1" in troubles("encryption")[0]


def test_the_key_is_short(in_order: None, settings: Settings) -> None:
    settings.SECRET_KEY = "short-secret"
    (said,) = troubles("encryption")
    assert said.startswith("SECRET_KEY has fewer than 32 characters")
    assert "short-secret" not in said


def test_static_files_were_not_collected(in_order: None, settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    assert troubles("static files")[0].startswith(f"Static files were not collected into {tmp_path}: every page")


def test_static_files_are_of_the_version_before(in_order: None, settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    Path(tmp_path, "staticfiles.json").write_text(json.dumps({"paths": {"admin/css/base.css": "x"}}))
    (said,) = troubles("static files")
    assert " static files were not collected, the first is " in said
    assert said.endswith("Run manage.py collectstatic --no-input, and start web again.")


def test_the_disk_is_full(in_order: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.EMAIL_URL = f"filemail://{tmp_path}/mails"
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: SimpleNamespace(free=7 * 1024**2 if place == tmp_path else 1e12)
    )
    assert troubles("disk") == [
        f"{tmp_path}/mails, for mails, has 7 MB left. Make room, at least 500 MB: look for logs and old backups."
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_cannot_be_written(in_order: None, settings: Settings) -> None:
    settings.EMAIL_URL = "filemail:///proc/mails"
    assert "cannot be written. Give it to the user that runs ARS." in troubles("disk")[0]


def test_the_token_of_the_figures_is_short(settings: Settings) -> None:
    settings.METRICS_TOKEN = "prometheus"
    assert troubles("figures")[0].startswith("METRICS_TOKEN has fewer than 16 characters: it can be guessed.")


def test_one_process_tells_of_itself_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FOLDER", "")
    assert [each.level for each in at("figures")] == ["note"]


class TestTheDoctorHimself:
    def test_a_check_that_breaks_keeps_no_other_from_looking(self) -> None:
        def broken() -> Iterator[Finding]:
            raise RuntimeError("sk_live_1234567890 is odd")
            yield

        found = list(examine([Check("one", broken), Check("two", lambda: iter([ok("Fine.")]))]))
        assert [(each.check, each.level) for each in found] == [("one", "trouble"), ("two", "ok")]
        assert "RuntimeError" in found[0].says
        assert "1234567890" not in found[0].says

    def test_a_check_that_hangs_is_left(self) -> None:
        let_go = threading.Event()

        def hanging() -> Iterator[Finding]:
            let_go.wait(60)
            yield ok("Late.")

        found = list(examine([Check("one", hanging, apart=True), Check("two", lambda: iter([ok("Fine.")]))], 0.1))
        let_go.set()
        assert [(each.check, each.level) for each in found] == [("one", "trouble"), ("two", "ok")]

    def test_what_needs_a_part_that_is_away_is_not_asked(self) -> None:
        away = Check("one", lambda: iter([Finding("trouble", "Away.", "Start it.")]))
        found = examine(
            [away, Check("two", lambda: iter([]), needs="one"), Check("three", lambda: iter([]), needs="two")]
        )
        assert [each.check for each in found] == ["one"]

    @pytest.mark.parametrize(("level", "code"), [("ok", 0), ("note", 0), ("trouble", 1)])
    def test_its_exit_code_and_what_programs_read(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str, code: int
    ) -> None:
        monkeypatch.setattr(doctor, "CHECKS", [Check("one", lambda: iter([Finding(level, "So.", "Do.")]))])  # type: ignore[arg-type]
        try:
            call_command("doctor", "--json")
            exited = 0
        except SystemExit as left:
            exited = int(str(left.code))
        said = json.loads(capsys.readouterr().out)
        assert exited == code
        assert said == {"ok": not code, "findings": [{"check": "one", "level": level, "says": "So.", "do": "Do."}]}

    def test_people_read_a_sentence_and_what_to_do(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(
            doctor, "CHECKS", [Check("one", lambda: iter([Finding("trouble", "It is away.", "Start it.")]))]
        )
        with pytest.raises(SystemExit):
            call_command("doctor")
        assert capsys.readouterr().out.splitlines() == [
            "TROUBLE  one: It is away.",
            "         Start it.",
            "",
            "1 to be mended.",
        ]

    def test_settings_that_are_missing_are_a_sentence_too(self) -> None:
        environment = {"PATH": os.environ["PATH"], "DEBUG": "0", "DATABASE_URL": "postgresql://ars@127.0.0.1:1/ars"}
        run = subprocess.run(
            [sys.executable, "manage.py", "doctor"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 1
        assert run.stderr.startswith("DEBUG is off, so these must be set in the environment: SECRET_KEY, ALLOWED_HOSTS")
        assert "Traceback" not in run.stderr
