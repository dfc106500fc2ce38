"""`ars-agent uninstall`."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from agent import installing
from agent.errors import AgentError
from agent.saying import say


def act(asked: Namespace) -> bool:
    """`uninstall`: it starts no more. What is paired stays so."""
    system = installing.system_here()
    if asked.to:
        system = replace(system, folder=Path(asked.to), stop=[])
    if not installing.uninstall(system, installing.run):
        raise AgentError(f"It is not installed: there is no {system.path}.")
    installing.remove_copy()
    say(f"Uninstalled: {system.path} is gone, and nothing starts with you any more.")
    return True
