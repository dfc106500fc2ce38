"""docs/api.md against the demo: its commands as they stand, in one shell, then its program."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.journeys.outside import Json, World
from tests.journeys.running import ROOT, Demo

pytestmark = pytest.mark.timeout(280)
GUIDE = (ROOT / "docs" / "api.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def device(demo: Demo) -> Json:
    """A printer that no other journey uses: of the simulated fleet, which is quiet."""
    parts: Json = json.loads((demo.home / "parts.json").read_text())
    accounting: Json = parts["printers"][1]
    return accounting


@pytest.fixture(scope="module")
def shell(demo: Demo, device: Json, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The reader's environment: beside a demo whose device is that printer."""
    home = tmp_path_factory.mktemp("reader")
    (home / "credentials.json").write_text(json.dumps(demo.credentials | {"device": device}))
    return os.environ | {"ARS_HOME": str(home)}


@pytest.fixture(scope="module")
def said(shell: dict[str, str], world: World) -> str:
    for number in world.warehouse.numbers():  # what other journeys left would be first in the reader's list
        if world.warehouse.order(number)["status"] == "released":
            world.warehouse.dispatch(number)
    script = "set -euo pipefail\n" + "".join(blocks("bash"))
    run = subprocess.run(["bash", "-c", script], check=False, env=shell, capture_output=True, text=True, timeout=200)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_its_commands_bring_ink_from_a_low_report_to_the_door(said: str, world: World, device: Json) -> None:
    [number] = set(re.findall(r'"number":"(\d{4}-\d{4}-\d)"', said.partition('"replenishment":"deciding"')[2]))
    order = world.warehouse.order(number)
    assert [line["sku"] for line in order["lines"]] == [device["skus"]["C"]]
    assert order["status"] == "delivered"
    assert world.paid_cents(number) == [order["total_cents"]]


def test_its_commands_answer_as_it_says(said: str) -> None:
    assert '"error":"authorization_pending"' in said.replace(" ", "")
    assert '{"slot":"C","status":"low","replenishment":"deciding"}' in said
    assert '"purchase_id":"web-' in said
    assert '"receipt_id":"dock-' in said


def test_its_program_packs_what_is_there(said: str, shell: dict[str, str], world: World, device: Json) -> None:
    number = world.release(device, "M")
    [program] = blocks("python")
    told = {"ARS": world.base_url, "WAREHOUSE": world.demo.credentials["warehouse_api_key"]}
    run = subprocess.run(
        [sys.executable, "-c", program], check=False, env=shell | told, capture_output=True, text=True, timeout=90
    )
    assert f"{number} hand it over" in run.stdout, run.stdout + run.stderr
    assert world.warehouse.order(number)["status"] == "shipped"
