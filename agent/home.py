"""The folder of what the helper keeps: for its user alone, every file whole or not there at all."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from agent.errors import AgentError

NAME = "ars-agent"
VARIABLE = "ARS_AGENT_HOME"


def folder() -> Path:
    """Where this system keeps what programs of this user know; ARS_AGENT_HOME says otherwise."""
    told = os.environ.get(VARIABLE)
    if told:
        return Path(told)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / NAME
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / NAME


def private_folder(*parts: str) -> Path:
    """The folder, or one in it, made if it is not there."""
    path = folder()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in parts:
            path /= part
            path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise AgentError(f"{path} cannot be made: {error.strerror}.") from error
    return path


def write(path: Path, content: Any) -> None:
    """As JSON, in a file that only its user can read."""
    write_bytes(path, json.dumps(content, indent=1).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The file is the old one or the new one, whenever the power fails; only its user can read it."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise AgentError(f"{path} cannot be written: {error.strerror}.") from error


def load(path: Path) -> Any:
    """What was written, or None where nothing was."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AgentError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise AgentError(f"{path} is damaged: delete it, and pair the printer again.") from error
