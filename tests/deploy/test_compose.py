"""docker-compose.yml: what every service must have, and that each sees its own secrets alone."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENDS_BY_ITSELF = {"roles", "migrate"}
BRINGS_ITS_OWN = {"mail"}  # a health check, in its image
SECRETS = ("SECRET_KEY", "DATABASE_PASSWORD", "EMAIL_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "PASSWORD")


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_has_little_to_lose(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].partition(":")[0] not in {"root", "0"}
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["pids_limit"] > 0


@pytest.mark.parametrize("name", SERVICES.keys() - ENDS_BY_ITSELF - BRINGS_ITS_OWN)
def test_each_service_that_stays_is_looked_after(name: str) -> None:
    assert {"test", "interval", "timeout"} <= SERVICES[name]["healthcheck"].keys()
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_given_the_secrets_it_names_and_no_other(name: str) -> None:
    service = SERVICES[name]
    given = set(service.get("secrets", []))
    assert given <= COMPOSE["secrets"].keys()
    named = set(re.findall(r"/run/secrets/(\w+)", str({**service, "secrets": None})))
    if name == "roles":  # by a loop over the roles
        named |= {f"{role}_password" for role in ("owner", "application", "reports", "backup")}
    assert named - {"_password"} == given


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_in_the_environment(name: str) -> None:
    variables = SERVICES[name].get("environment", {})
    assert [each for each in variables if each.endswith(SECRETS)] == []
    assert [each for each in variables.values() if re.search(r"://[^/@]*:[^/@]+@", str(each))] == []


def test_only_the_owner_migrates() -> None:
    owners = {name for name, service in SERVICES.items() if "owner_password" in service.get("secrets", [])}
    assert owners == {"roles", "migrate"}
    assert SERVICES["migrate"]["environment"]["DATABASE_APPLICATION_ROLE"] == "ars"


def test_every_variable_is_one_that_the_settings_read() -> None:
    settings = "".join((ROOT / "ars" / name).read_text() for name in ("settings.py", "environment.py", "watch/http.py"))
    for name in SERVICES["web"]["environment"] | SERVICES["migrate"]["environment"]:
        assert f'"{name.removesuffix("_FILE")}"' in settings, name


def test_a_worker_has_longer_to_end_than_a_task_may_take() -> None:
    limit = int(re.findall(r"CELERY_TASK_TIME_LIMIT = (\d+)", (ROOT / "ars" / "settings.py").read_text())[0])
    for name in ("worker", "outside"):
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > limit


@pytest.mark.parametrize("script", ["backup", "restore", "web-ready", "web-drain"])
def test_the_scripts_are_plain_shell_and_may_be_run(script: str) -> None:
    path = ROOT / "deploy" / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
