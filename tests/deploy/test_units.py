"""The units of deploy/: systemd finds no fault with them, and they say what docs/operations.md relies on."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
NAMES = sorted(path.name for path in UNITS.iterdir() if path.is_file())
SERVICES = [name for name in NAMES if name.endswith(".service")]


def installed(folder: Path) -> Path:
    """The units as an installation has them, but for this checkout's place."""
    shutil.copytree(UNITS, folder)
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text().replace("/srv/ars/current", str(ROOT)))
    return folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    folder = installed(tmp_path / "units")
    made = [str(folder / name.replace("@.", "@1.")) for name in NAMES]
    for name in NAMES:
        if "@." in name:
            (folder / name.replace("@.", "@1.")).symlink_to(name)
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", *made],
        env={"PATH": "/usr/bin:/bin:/usr/sbin", "SYSTEMD_UNIT_PATH": f"{folder}:/lib/systemd/system"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "ars" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_target_starts_each_service_but_those_that_end_by_themselves() -> None:
    wanted = re.search(r"^Wants=(.*)$", (UNITS / "ars.target").read_text(), re.MULTILINE)
    assert wanted is not None
    started = {re.sub(r"@\d", "@", name) for name in wanted[1].split()}
    lasting = {name for name in SERVICES if "Type=oneshot" not in (UNITS / name).read_text()}
    assert started == {name for name in lasting if "PartOf=ars.target" in (UNITS / name).read_text()}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_told_to_end_before_it_is_killed(name: str) -> None:
    unit = (UNITS / name).read_text()
    assert "Timeout" in unit
    assert "KillMode=none" not in unit
    assert "SIGKILL" not in unit


def test_workers_have_longer_than_a_task_may_take() -> None:
    limit = int(re.findall(r"CELERY_TASK_TIME_LIMIT = (\d+)", (ROOT / "ars" / "settings.py").read_text())[0])
    for name in ("ars-worker@.service", "ars-outside@.service"):
        assert int(re.findall(r"TimeoutStopSec=(\d+)", (UNITS / name).read_text())[0]) > limit


def test_what_all_units_share_overrides_none_of_them() -> None:
    """systemd reads a drop-in after the unit: whatever both say is as the drop-in says."""
    shared = set(re.findall(r"^(\w+)=", (UNITS / "ars-.service.d" / "hardening.conf").read_text(), re.MULTILINE))
    for name in SERVICES:
        assert shared.isdisjoint(re.findall(r"^(\w+)=", (UNITS / name).read_text(), re.MULTILINE)), name


def test_no_unit_holds_a_secret() -> None:
    for path in UNITS.rglob("*.*"):
        if path.is_file():
            assert not re.search(r"(SECRET|PASSWORD|_KEY)\w*=\S", path.read_text()), path
