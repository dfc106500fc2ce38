"""`ars-agent discover`."""

from __future__ import annotations

from argparse import Namespace

from agent import discovery
from agent.saying import complain, say, say_json


def act(asked: Namespace) -> bool:
    """`discover`: nothing found is an answer too."""
    found = discovery.discover(asked.seconds)
    if asked.json:
        say_json([each.as_json() for each in found])
    for each in [] if asked.json else found:
        say(f"{each.uri}  {each.make_and_model or each.name}  {each.printer_uuid}".rstrip())
    if not found:
        complain(discovery.HELP)
    return True
