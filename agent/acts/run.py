"""`ars-agent run [--once]`."""

from __future__ import annotations

from argparse import Namespace

from agent import discovery, running
from agent.certificates import Certificates
from agent.read import read
from agent.saying import complain, say
from agent.turn import Outside


def act(asked: Namespace) -> bool:
    """Until stopped, or once."""
    if asked.once:
        return running.once(outside())
    running.until_stopped(outside())
    return True


def outside() -> Outside:
    """The real world."""
    return Outside(say, complain, lambda at, also: read(at, Certificates(), also, complain), discovery.find)
