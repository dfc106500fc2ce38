"""Secrets from files: each by its variable or its file, and every mistake is named without the secret."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ars.environment import is_set, secret, with_password

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "SECRET_KEY": "0123456789abcdef" * 4,
    "DATABASE_URL": "postgresql://ars@db.example/ars",
    "DATABASE_PASSWORD": "p@ss/w?rd",
    "CELERY_BROKER_URL": "redis://:secret@redis.example/0",
    "CACHE_URL": "redis://:secret@redis.example/1",
    "EMAIL_URL": "smtp+tls://mailer:secret@mail.example:587",
    "STRIPE_SECRET_KEY": "sk_live_1secret",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_1public",
    "STRIPE_WEBHOOK_SECRET": "whsec_1secret",
}
PLAIN = {"PATH": os.environ["PATH"], "DEBUG": "0", "ALLOWED_HOSTS": "ink.example", "SITE_URL": "https://ink.example"}
TELL = """
from ars import settings as s
print(s.SECRET_KEY, s.DATABASES["default"]["PASSWORD"], s.DATABASES["default"]["HOST"], s.CELERY_BROKER_URL)
print(s.CACHES["default"]["LOCATION"], s.EMAIL_HOST_PASSWORD, s.STRIPE_SECRET_KEY, s.STRIPE_PUBLISHABLE_KEY)
print(s.STRIPE_WEBHOOK_SECRET)
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A secret's file, named in the environment."""
    path = tmp_path / "some_key"
    path.write_text("from a file\n")
    monkeypatch.delenv("SOME_KEY", raising=False)
    monkeypatch.setenv("SOME_KEY_FILE", str(path))
    return path


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_file_counts_without_its_last_line_end(kept: Path) -> None:
    assert (secret("SOME_KEY", "default"), is_set("SOME_KEY")) == ("from a file", True)


def test_the_variable_counts_and_else_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY_FILE", "")  # what compose makes of a variable that nobody set
    assert (secret("SOME_KEY"), secret("SOME_KEY", "default"), is_set("SOME_KEY")) == ("", "default", False)
    monkeypatch.setenv("SOME_KEY", "said")
    assert (secret("SOME_KEY", "default"), is_set("SOME_KEY")) == ("said", True)


def test_both_are_refused_by_name_and_no_secret_is_told(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "said")
    with pytest.raises(ImproperlyConfigured, match=r"^SOME_KEY and SOME_KEY_FILE are both set: unset one") as refused:
        secret("SOME_KEY")
    assert "said" not in str(refused.value)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.unlink(), r"some_key, which cannot be read: No such file or directory\.$"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), r"some_key, which is not text\.$"),
        (lambda path: path.write_text("\n"), r"some_key, which is empty\.$"),
    ],
)
def test_a_file_that_is_no_use_is_told_in_a_sentence(kept: Path, spoil: Callable[[Path], object], told: str) -> None:
    spoil(kept)
    with pytest.raises(ImproperlyConfigured, match=told):
        secret("SOME_KEY")


def test_a_password_beside_the_url_needs_no_quoting_and_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_PASSWORD_FILE", raising=False)
    monkeypatch.setenv("DATABASE_PASSWORD", "p@ss/w?rd")
    assert with_password({"NAME": "ars", "PASSWORD": ""}) == {"NAME": "ars", "PASSWORD": "p@ss/w?rd"}
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL has a password and DATABASE_PASSWORD is set"):
        with_password({"NAME": "ars", "PASSWORD": "another"})
    monkeypatch.delenv("DATABASE_PASSWORD")
    assert with_password({"NAME": "ars", "PASSWORD": "another"})["PASSWORD"] == "another"


def test_every_secret_of_the_settings_may_come_from_a_file(tmp_path: Path) -> None:
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(f"{value}\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in SECRETS}
    by_variable, by_file = run(TELL, PLAIN | SECRETS), run(TELL, PLAIN | files)
    assert (by_file.returncode, by_file.stderr) == (0, "")
    assert by_file.stdout == by_variable.stdout
    assert by_file.stdout.split()[0] == SECRETS["SECRET_KEY"]
    assert by_file.stdout.split()[-1] == SECRETS["STRIPE_WEBHOOK_SECRET"]


def test_a_database_named_in_a_file_brings_no_other_along(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://nobody@127.0.0.1:1/none")
    code = "import manage\nwith manage.services(['check']): print('nothing was started')"
    done = run(code, {"PATH": "", "ARS_HOME": str(tmp_path / "home"), "DATABASE_URL_FILE": str(tmp_path / "url")})
    assert (done.stdout, done.stderr) == ("nothing was started\n", "")
    assert not (tmp_path / "home").exists()


def test_a_check_for_deployment_finds_nothing(tmp_path: Path) -> None:
    """As `manage.py check --deploy` behind a proxy that ends TLS; it looks at no database."""
    code = "import sys, manage; sys.argv = ['manage.py', 'check', '--deploy', '--fail-level', 'INFO']; manage.main()"
    done = run(code, PLAIN | SECRETS | {"BEHIND_TLS_PROXY": "1", "SECURE_SSL_REDIRECT": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout
