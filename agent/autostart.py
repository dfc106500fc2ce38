"""What each system is told so that the helper starts with its user: a systemd unit, a launchd plist, a task. Pure."""

from __future__ import annotations

import plistlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable
from xml.sax.saxutils import escape

LABEL = "ars-agent"
ABOUT = "Tells the ink service how full your printer is"
AGAIN_AFTER = 300  # seconds: how long after an end that was a failure
CARRIED = ("ARS_AGENT_HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Program:
    """What is started: the Python, the one file, and the variables that both had when the user asked for it."""

    python: Path
    file: Path
    environment: dict[str, str]

    @property
    def command(self) -> list[str]:
        """Its command line in parts."""
        return [str(self.python), str(self.file), "run"]


@dataclass(frozen=True)
class System:
    """A way to start with the user: the file, and the commands; those of `stop` may fail, for nothing may run."""

    name: str
    folder: Path
    file: str
    content: Callable[[Program], bytes]
    start: list[list[str]]
    stop: list[list[str]]
    advice: str = ""

    @property
    def path(self) -> Path:
        """Where the file belongs."""
        return self.folder / self.file


def systemd(config: Path) -> System:
    """Linux; `config` is the user's folder of settings, ~/.config."""
    unit = f"{LABEL}.service"
    ask = ["systemctl", "--user"]
    return System(
        "systemd",
        config / "systemd" / "user",
        unit,
        _unit,
        [[*ask, "daemon-reload"], [*ask, "enable", unit], [*ask, "restart", unit]],
        [[*ask, "disable", "--now", unit]],
        "It runs while you are signed in. Also while you are not: loginctl enable-linger",
    )


def launchd(home: Path, user: int) -> System:
    """macOS; `user` is the number of the user whose desktop it is."""
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    start, stop = ["bootstrap", f"gui/{user}", str(path)], ["bootout", f"gui/{user}/{LABEL}"]
    return System("launchd", path.parent, path.name, _plist, [["launchctl", *start]], [["launchctl", *stop]])


def task_scheduler(folder: Path, user: str) -> System:
    """Windows; the task itself is kept by the system, `folder` holds what it was made from. `user` is DOMAIN\\NAME."""
    path = folder / f"{LABEL}.xml"

    def task(program: Program) -> bytes:
        return _task(program, user)

    start = [["schtasks", "/Create", "/TN", LABEL, "/XML", str(path), "/F"], ["schtasks", "/Run", "/TN", LABEL]]
    stop = [["schtasks", "/End", "/TN", LABEL], ["schtasks", "/Delete", "/TN", LABEL, "/F"]]
    return System("Task Scheduler", folder, path.name, task, start, stop)


def _unit(program: Program) -> bytes:
    """A systemd unit (systemd.service(5)). What it starts itself must have a plain name, and `env` has one."""
    told = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in program.environment.items())
    command = " ".join(_quoted(part.replace("$", "$$")) for part in program.command)
    return (
        f"[Unit]\nDescription={ABOUT}\n\n"
        f"[Service]\nExecStart=/usr/bin/env {command}\n{told}Restart=on-failure\nRestartSec={AGAIN_AFTER}\n\n"
        "[Install]\nWantedBy=default.target\n"
    ).encode()


def _quoted(text: str) -> str:
    """One word to systemd, whatever is in it; `%` begins a specifier there."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _plist(program: Program) -> bytes:
    """A launchd job (launchd.plist(5))."""
    told = {
        "Label": LABEL,
        "ProgramArguments": program.command,
        "EnvironmentVariables": program.environment,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": AGAIN_AFTER,
        "ProcessType": "Background",
    }
    return plistlib.dumps(told)


def _task(program: Program, user: str) -> bytes:
    """A task (schema 1.2) of this user alone, which needs no administrator; its variables are those of the user."""
    return _TASK.format(
        about=escape(ABOUT),
        user=escape(user),
        python=escape(str(program.python)),
        arguments=escape(f'"{program.file}" run'),
        minutes=AGAIN_AFTER // 60,
    ).encode("utf-16")


# No limit of time, on battery too, and never two of it: where nothing is said, it is three days and mains alone.
_TASK = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{about}</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>{user}</UserId></LogonTrigger></Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT{minutes}M</Interval><Count>255</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{python}</Command><Arguments>{arguments}</Arguments></Exec>
  </Actions>
</Task>
"""


def windowless(python: Path) -> Path:
    """The Python without a window of its own, where there is one beside this: Windows has both."""
    beside = python.with_name("pythonw.exe")
    return beside if sys.platform == "win32" and beside.is_file() else python
