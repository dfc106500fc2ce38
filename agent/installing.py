"""Puts the helper where the system starts it with its user, and takes it away again."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Callable, Optional

from agent import autostart, home
from agent.autostart import CARRIED, Program, System
from agent.errors import AgentError

COPY = "ars-agent.pyz"
SECONDS = 60

Run = Callable[[list[str]], Optional[str]]  # one command; what went wrong, if anything


def system_here() -> System:
    """The one of this computer."""
    if sys.platform == "win32":
        user = f"{os.environ.get('USERDOMAIN', '.')}\\{os.environ.get('USERNAME', '')}"
        return autostart.task_scheduler(home.folder(), user)
    if sys.platform == "darwin":
        return autostart.launchd(Path.home(), os.getuid())
    return autostart.systemd(Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"))


def program_here() -> Program:
    """A copy of the file that runs now, in the helper's own folder: what is in Downloads may go tomorrow."""
    running = Path(sys.argv[0]).absolute()
    if not zipfile.is_zipfile(running):
        raise AgentError(f"{running} is not the one file that is downloaded: only that can be installed.")
    copy = home.private_folder() / COPY
    home.write_bytes(copy, running.read_bytes())
    told = {name: os.environ[name] for name in CARRIED if name in os.environ}
    return Program(autostart.windowless(Path(sys.executable)), copy.absolute(), told)


def install(system: System, program: Program, run: Run) -> None:
    """Write the file and start it, in the place of an earlier one; AgentError, and no file, where it does not start."""
    try:
        system.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AgentError(f"{system.folder} cannot be made: {error.strerror}.") from error
    for command in system.stop if system.path.exists() else []:
        run(command)
    home.write_bytes(system.path, system.content(program))
    for command in system.start:
        problem = run(command)
        if problem is not None:
            uninstall(system, run)
            remove_copy()
            raise AgentError(f"{system.name} does not start it ({problem}). Start it yourself: ars-agent run.")


def uninstall(system: System, run: Run) -> bool:
    """Stop it, and take away what was written; whether there was anything."""
    if not system.path.exists():
        return False
    for command in system.stop:
        run(command)  # it may be stopped already, or never have been started
    system.path.unlink()
    return True


def remove_copy() -> None:
    """The copy of the program; Windows keeps one that is running."""
    with suppress(OSError):
        (home.folder() / COPY).unlink()


def run(command: list[str]) -> str | None:
    """For a real system: in one line, why it failed."""
    try:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
        )
    except FileNotFoundError:
        return f"there is no {command[0]}"
    except (OSError, subprocess.SubprocessError) as error:
        return " ".join(str(error).split())
    said = " ".join((done.stderr or done.stdout).split())[:200]
    return None if done.returncode == 0 else said or f"{command[0]} ended with {done.returncode}"
