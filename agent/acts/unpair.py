"""`ars-agent unpair`."""

from __future__ import annotations

from argparse import Namespace

from agent import paired
from agent.choosing import chosen_to_unpair
from agent.errors import AgentError
from agent.outbox import Outbox
from agent.saying import say
from agent.service import Service

DEVICE = "/api/v1/device"
GONE = (200, 204, 401, 404)  # whether it went now or before: the service knows the token no longer


def act(asked: Namespace) -> bool:
    """`unpair`: the service is told first, so that no token lives on that nobody knows of."""
    for printer in chosen_to_unpair(paired.everything(), asked.printer, everyone=asked.all):
        answer = Service(printer.server).delete(DEVICE, printer.token)
        if answer.status not in GONE:
            raise AgentError(f"{printer.server} did not disconnect {printer.name}: {answer.problem}.")
        paired.forget(printer)
        Outbox(printer).empty()
        say(f"Disconnected: {printer.name}.")
    return True
