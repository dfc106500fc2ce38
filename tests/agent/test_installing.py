"""Starting with its user: what each system is given, in which order it is asked, and what is left when it will not."""

import plistlib
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from agent import autostart, installing
from agent.autostart import Program, System
from agent.errors import AgentError
from agent.paired import Paired
from tests.agent.program import Program as Typed

ODD = 'a "b" 100% $HOME \\ c'  # what a folder may be called
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


class Runner:
    """Stands in for the system: remembers its commands, and fails the one that has `broken` in it."""

    def __init__(self, broken: str = "nothing") -> None:
        self.broken, self.ran = broken, list[str]()

    def __call__(self, command: list[str]) -> str | None:
        self.ran.append(" ".join(command))
        return "it is broken" if self.broken in command else None


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / ODD).mkdir()
    python, file = (tmp_path / ODD / name for name in ("python3", "ars-agent.pyz"))
    python.symlink_to("/bin/true")
    return Program(python, file, {"ARS_AGENT_HOME": str(tmp_path / ODD), "https_proxy": "http://ana:s%20t@proxy:3128"})


def systems(folder: Path) -> list[System]:
    return [
        autostart.systemd(folder / "systemd"),
        autostart.launchd(folder / "mac", 501),
        autostart.task_scheduler(folder / "windows", "HOME\\Ana"),
    ]


def test_each_system_is_given_its_file_for_its_user_alone(tmp_path: Path, program: Program) -> None:
    for system in systems(tmp_path):
        runner = Runner()
        installing.install(system, program, runner)
        assert runner.ran == [" ".join(command) for command in system.start]
        assert system.path.stat().st_mode & 0o777 == 0o600
        assert installing.uninstall(system, runner)
        assert runner.ran[len(system.start) :] == [" ".join(command) for command in system.stop]
        assert not system.path.exists()
        assert not installing.uninstall(system, runner)


def test_once_more_takes_the_place_of_the_first(tmp_path: Path, program: Program) -> None:
    for system in systems(tmp_path):
        installing.install(system, program, Runner())
        again = Runner()
        installing.install(system, program, again)
        assert again.ran == [" ".join(command) for command in [*system.stop, *system.start]]


def test_where_it_does_not_start_nothing_is_left(tmp_path: Path, program: Program) -> None:
    system, runner = autostart.systemd(tmp_path / "config"), Runner(broken="enable")
    with pytest.raises(AgentError, match=r"systemd does not start it \(it is broken\). Start it yourself"):
        installing.install(system, program, runner)
    assert not system.path.exists()
    assert runner.ran[-1] == "systemctl --user disable --now ars-agent.service"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, program: Program) -> None:
    (tmp_path / "config").write_text("a file")
    with pytest.raises(AgentError, match="cannot be made"):
        installing.install(autostart.systemd(tmp_path / "config"), program, Runner())


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path, program: Program) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not installed")
    system = autostart.systemd(tmp_path)
    installing.install(system, program, Runner())
    environment = {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [verify, "--user", "--man=no", "verify", str(system.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_says_what_was_meant(program: Program) -> None:
    unit = autostart.systemd(Path("/x")).content(program).decode()
    assert "Restart=on-failure" in unit
    assert 'Environment="https_proxy=http://ana:s%%20t@proxy:3128"' in unit
    assert 'a \\"b\\" 100%% $$HOME \\\\ c/ars-agent.pyz" "run"' in unit


def test_the_plist_says_what_was_meant(program: Program) -> None:
    told = plistlib.loads(autostart.launchd(Path("/Users/ana"), 501).content(program))
    assert told["ProgramArguments"] == [str(program.python), str(program.file), "run"]
    assert told["EnvironmentVariables"] == program.environment
    assert (told["RunAtLoad"], told["KeepAlive"]) == (True, {"SuccessfulExit": False})


def test_the_task_says_what_was_meant() -> None:
    program = Program(Path("C:/Python & Co/pythonw.exe"), Path("C:/Users/Ana/ars-agent.pyz"), {})
    task = ET.fromstring(autostart.task_scheduler(Path("C:/x"), "HOME\\Ana").content(program))

    def said(name: str) -> str | None:
        return task.findtext(f".//{TASK}{name}")

    assert (said("Command"), said("Arguments")) == (str(program.python), f'"{program.file}" run')
    assert [each.text for each in task.iter(f"{TASK}UserId")] == ["HOME\\Ana"] * 2
    assert (said("ExecutionTimeLimit"), said("DisallowStartIfOnBatteries")) == ("PT0S", "false")


def test_a_command_that_is_not_there_or_fails_is_told_in_a_line() -> None:
    assert installing.run(["no-such-command-here"]) == "there is no no-such-command-here"
    assert installing.run(["sh", "-c", "echo no bus >&2; exit 3"]) == "no bus"
    assert installing.run(["false"]) == "false ended with 1"
    assert installing.run(["true"]) is None


class TestTyped:
    """The one file, with a folder in the place of the system's."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "units"

    def test_it_writes_the_file_and_copies_itself(self, built: Path, home: Path, folder: Path) -> None:
        Paired("ipp://10.0.0.9", "https://ink.example", "token", "2026-11-22").keep()
        typed = Typed(built, home)
        done = typed.run("install", "--to", str(folder))
        assert (done.returncode, done.stderr) == (0, "")
        assert f'"{home}/ars-agent.pyz" "run"' in (folder / "ars-agent.service").read_text()
        copy = Typed(home / "ars-agent.pyz", home)
        assert "10.0.0.9" in copy.run("status").stdout
        assert copy.run("uninstall", "--to", str(folder)).returncode == 0
        assert not list(folder.iterdir())
        assert not (home / "ars-agent.pyz").exists()
        done = typed.run("uninstall", "--to", str(folder))
        assert (done.returncode, "It is not installed" in done.stderr) == (1, True)

    def test_without_a_printer_there_is_nothing_to_start(self, built: Path, home: Path, folder: Path) -> None:
        done = Typed(built, home).run("install", "--to", str(folder))
        assert (done.returncode, done.stderr) == (1, "ars-agent: No printer is paired: run ars-agent pair first.\n")
        assert not folder.exists()
