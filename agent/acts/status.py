"""`ars-agent status`."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from typing import Any

from agent import paired
from agent.outbox import Outbox
from agent.paired import Paired
from agent.reports import rfc3339
from agent.saying import say, say_json


def act(asked: Namespace) -> bool:
    """`status`: never the token."""
    known = [(printer, paired.state_of(printer), len(Outbox(printer))) for printer in paired.everything()]
    if asked.json:
        say_json([_as_json(*each) for each in known])
        return True
    for printer, state, waiting in known:
        say(f"{printer.name}\n  at {printer.uri}, reports to {printer.server}")
        say(f"  last report: {_local(state.reported_at)}; waiting to be sent: {waiting}")
        for told in (state.display_message, state.problem):
            say(f"  {told}") if told else None
    if not known:
        say("No printer is paired. Begin with: ars-agent pair --server URL")
    return True


def _as_json(printer: Paired, state: paired.State, waiting: int) -> dict[str, Any]:
    public = ("uri", "server", "make_and_model", "printer_uuid", "serial_number", "paired_at")
    return {
        **{name: getattr(printer, name) or None for name in public},
        "reported_at": rfc3339(state.reported_at) if state.reported_at else None,
        "waiting": waiting,
        "must_pair_again": bool(state.refused_at),
        "display_message": state.display_message,
        "problem": state.problem,
    }


def _local(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%a %d %b %Y, %H:%M") if at else "none yet"
