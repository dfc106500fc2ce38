"""Of a running installation the doctor has nothing to say, and its figures are told, requests of every process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from tests.journeys.outside import World
from tests.journeys.running import ROOT
from tests.waiting import eventually


def environment_of(pid: int) -> dict[str, str]:
    """What a process was given."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return dict(os.fsdecode(pair).split("=", 1) for pair in pairs if b"=" in pair)


def troubles(world: World) -> list[str]:
    run = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        env=environment_of(world.demo.credentials["pids"]["web"]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(run.stdout)
    assert told["ok"] == (run.returncode == 0)
    return [f"{each['check']}: {each['says']}" for each in told["findings"] if each["level"] == "trouble"]


def figures(world: World) -> str:
    with urlopen(f"{world.base_url}/metrics", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def test_nothing_is_wrong(world: World) -> None:
    found: list[str] = []

    def is_well() -> bool:  # beat's first sign of life is a quarter of a minute after its start
        found[:] = troubles(world)
        return not found

    assert eventually(is_well), found


def test_figures_are_told_to_who_is_near(world: World) -> None:
    with urlopen(f"{world.base_url}/healthz", timeout=60) as answer:
        assert answer.headers["X-Request-ID"]
    assert eventually(lambda: 'ars_queue_tick_age_seconds{queue="outside"}' in figures(world))
    told = figures(world)
    assert "ars_database_up 1.0" in told
    assert "ars_broker_up 1.0" in told
    assert 'ars_http_request_duration_seconds_count{method="GET",route="healthz",status="200"}' in told
