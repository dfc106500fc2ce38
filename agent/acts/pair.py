"""`ars-agent pair`."""

from __future__ import annotations

import time
from argparse import Namespace

from agent import paired, pairing, running
from agent.acts.run import outside
from agent.address import second
from agent.certificates import Certificates
from agent.choosing import chosen_printer
from agent.outbox import Outbox
from agent.paired import Paired
from agent.read import read
from agent.reports import rfc3339
from agent.saying import complain, say
from agent.service import Service
from agent.supplies import Reading, called


def act(asked: Namespace) -> bool:
    """`pair`: the token is kept before anything else is done with it."""
    service = Service(asked.server)
    also = second(asked.also)
    at = chosen_printer(asked.printer, say)
    reading = read(at, Certificates(trust_new=asked.trust_new_certificate), also, complain)
    answer = pairing.ask(service, reading)
    say(f"Connecting {called(reading.make_and_model or str(at), reading.serial_number)}.")
    say(f"Open {answer.page} and enter the code {answer.user_code}")
    if answer.page_with_code:
        say(f"or open {answer.page_with_code}")
    say(f"The code is good for {answer.lifetime / 60:.0f} minutes. Waiting for your answer there ...")
    printer = _kept(str(at), str(also or ""), service, pairing.token(service, answer), reading)
    say(f"Connected: {printer.name}.")
    running.take_turn(printer, outside(), now_or_never=True)  # the page waits; what fails now goes later
    say("Now keep it reporting: ars-agent install")
    return True


def _kept(uri: str, also: str, service: Service, token: str, reading: Reading) -> Paired:
    """The printer with its new token, in the place of what was known of it."""
    told = {name: getattr(reading, name) for name in ("make_and_model", "printer_uuid", "serial_number")}
    printer = Paired(uri, service.server, token, rfc3339(time.time()), **told, also=also)
    printer.keep()
    for known in paired.everything():
        if known.key != printer.key and known.server == printer.server and _is_same(known, printer, reading):
            paired.forget(known)
            Outbox(known).empty()  # the new token may be of another account: it shall not learn of the past
    return printer


def _is_same(known: Paired, printer: Paired, reading: Reading) -> bool:
    pairs = ((getattr(known, told), getattr(printer, told)) for told in ("serial_number", "printer_uuid", "uri"))
    return not known.is_another(reading) and any(before and before == now for before, now in pairs)
