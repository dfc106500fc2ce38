"""`ars-agent read URI`."""

from __future__ import annotations

from argparse import Namespace

from agent import address
from agent.certificates import Certificates
from agent.read import read
from agent.saying import complain, say, say_json
from agent.supplies import Reading, called


def act(asked: Namespace) -> bool:
    """`read URI`."""
    at, also = address.parse(asked.uri), address.second(asked.also)
    reading = read(at, Certificates(trust_new=asked.trust_new_certificate), also, complain)
    if asked.json:
        say_json(reading.as_json())
    else:
        show(reading)
    if not reading.supplies:
        complain("The printer tells nothing of its supplies.")
    return True


def show(reading: Reading) -> None:
    """For people."""
    say(called(reading.make_and_model or "A printer that does not say its model", reading.serial_number))
    for each in reading.supplies:
        level = "unknown" if each.level is None else f"{each.level} %"
        notes = ["low"] * bool(each.low) + ["fills instead of empties"] * (not each.is_consumed)
        name = each.name or each.colorant or f"Supply {each.index}"
        say(f"  {name}: {level}{', ' if notes else ''}{', '.join(notes)}")
