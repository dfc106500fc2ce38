"""`ars-agent install`."""

from __future__ import annotations

import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from agent import installing, paired
from agent.errors import AgentError
from agent.saying import say


def act(asked: Namespace) -> bool:
    """`install`: from now on it starts with its user; `--to FOLDER` only writes the file there."""
    if not paired.everything():
        raise AgentError("No printer is paired: run ars-agent pair first.")
    system = installing.system_here()
    if asked.to:
        elsewhere = replace(system, folder=Path(asked.to))
        installing.install(replace(elsewhere, start=[]), installing.program_here(), installing.run)
        say(f"Written: {elsewhere.path}. It belongs in {system.folder}, and is started there by:")
        for command in system.start:
            say(f"  {shlex.join(command)}")
        return True
    installing.install(system, installing.program_here(), installing.run)
    say(f"Installed: {system.name} starts it with you ({system.path}). It runs now.")
    if system.advice:
        say(system.advice)
    return True
