"""Keys that would charge the wrong people, or nobody: no process starts with them, and each is told what to do."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ars.stripe_keys import DEVELOPMENT, STRIPE, Keys, mode_of

ROOT = Path(__file__).resolve().parents[2]
LIVE = Keys("sk_live_1secret", "pk_live_1secret", "whsec_1secret", "", sandbox=False, debug=False)
TEST = replace(LIVE, secret="sk_test_1secret", publishable="pk_test_1secret")
SANDBOX = replace(TEST, sandbox=True)
CHECKOUT = Keys("sk_test_local", "pk_test_local", "whsec_local", "", sandbox=False, debug=True)  # with nothing set
STANDIN = "http://127.0.0.1:8420"


@pytest.mark.parametrize(
    "keys",
    [
        LIVE,
        replace(LIVE, api_base=STRIPE),
        replace(LIVE, secret="rk_live_restricted"),
        replace(LIVE, debug=True),
        SANDBOX,
        replace(TEST, debug=True),
        replace(TEST, api_base=STANDIN),
        replace(TEST, api_base=STANDIN, webhook="another"),
        CHECKOUT,
        replace(CHECKOUT, api_base=STANDIN),
        Keys("build", "build", "build", "", sandbox=False, debug=False),
    ],
)
def test_what_goes_together_starts(keys: Keys) -> None:
    assert list(keys.complaints()) == []


@pytest.mark.parametrize(
    ("keys", "named", "advised"),
    [
        (replace(LIVE, api_base=STANDIN), "STRIPE_API_BASE", "unset STRIPE_API_BASE"),
        (replace(LIVE, secret="rk_live_1secret", api_base=STANDIN, debug=True), "STRIPE_API_BASE", "unset"),
        (replace(LIVE, sandbox=True), "STRIPE_SANDBOX", "unset STRIPE_SANDBOX"),
        (TEST, "STRIPE_SECRET_KEY", "STRIPE_SANDBOX=1"),
        (replace(TEST, secret="rk_test_1secret"), "STRIPE_SECRET_KEY", "Set the live keys"),
        (replace(LIVE, publishable="pk_test_1secret"), "STRIPE_PUBLISHABLE_KEY", "side by side"),
        (replace(SANDBOX, publishable="pk_live_1secret"), "STRIPE_PUBLISHABLE_KEY", "side by side"),
        (replace(LIVE, webhook=""), "STRIPE_WEBHOOK_SECRET", "Set the signing secret"),
        (replace(LIVE, webhook="we_1secret"), "STRIPE_WEBHOOK_SECRET", "Set the signing secret"),
        (replace(SANDBOX, webhook=DEVELOPMENT["webhook"]), "STRIPE_WEBHOOK_SECRET", "Set the signing secret"),
        (replace(TEST, webhook=DEVELOPMENT["webhook"], debug=True), "STRIPE_WEBHOOK_SECRET", "Set the signing secret"),
    ],
)
def test_what_is_dangerous_names_its_variable_and_the_way_out_and_no_key(keys: Keys, named: str, advised: str) -> None:
    [complaint] = keys.complaints()
    assert named in complaint
    assert advised in complaint
    assert "1secret" not in complaint


def test_the_development_keys_are_no_production() -> None:
    assert len(list(replace(CHECKOUT, debug=False).complaints())) == 2  # a test key, and no webhook


@pytest.mark.parametrize(
    ("key", "mode"),
    [("sk_live_a", "live"), ("pk_test_a_b", "test"), ("rk_live_", "live"), ("sk_lived", ""), ("live", ""), ("", "")],
)
def test_a_key_says_its_mode(key: str, mode: str) -> None:
    assert mode_of(key) == mode


@pytest.mark.parametrize(
    "process",
    [
        ["-c", "import ars.wsgi"],
        ["-m", "celery", "-A", "ars.celery", "worker", "--pool", "solo"],
        ["-m", "celery", "-A", "ars.celery", "beat", "--schedule", os.devnull],
        ["manage.py", "migrate", "--check"],
    ],
    ids=["web", "worker", "beat", "command"],
)
def test_no_process_starts(process: list[str]) -> None:
    tried = subprocess.run(
        [sys.executable, *process],
        env=os.environ
        | {"DEBUG": "0", "SECRET_KEY": "s" * 50, "ALLOWED_HOSTS": "a.example", "SITE_URL": "https://a.example"}
        | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "CELERY_BROKER_URL": "memory://"}
        | {"STRIPE_SECRET_KEY": TEST.secret, "STRIPE_PUBLISHABLE_KEY": TEST.publishable, "STRIPE_API_BASE": ""}
        | {"STRIPE_WEBHOOK_SECRET": TEST.webhook, "STRIPE_SANDBOX": "0", "STAFF_MFA_REQUIRED": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert tried.returncode != 0
    assert "STRIPE_SECRET_KEY is a test key and DEBUG is off" in tried.stdout + tried.stderr
    assert "1secret" not in tried.stdout + tried.stderr
