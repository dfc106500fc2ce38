"""Reads any printer by the protocol that its address names; one that speaks IPP also by SNMP, if it does."""

from __future__ import annotations

from typing import Callable, Optional

from agent.address import PORTS, Address
from agent.errors import PrinterError
from agent.ipp import printer as by_ipp
from agent.ipp.http import Pins
from agent.joining import merged
from agent.snmp import printer as by_snmp
from agent.supplies import Reading

SECOND_SECONDS = 8.0  # for the second protocol: many printers do not answer it, and the first has told something

Read = Callable[[Address, Optional[Address]], Reading]


def read(address: Address, pins: Pins, also: Address | None = None, complain: Callable[[str], object] = str) -> Reading:
    """What the printer says of itself now, or PrinterError.

    `also` is its address for SNMP where that is not the usual one; it is complained of when it does not answer.
    """
    if address.scheme == "snmp":
        return by_snmp.read(address)
    reading = by_ipp.read(address, pins)
    try:
        return merged(reading, by_snmp.read(also or Address("snmp", address.host, PORTS["snmp"]), SECOND_SECONDS))
    except PrinterError as error:
        if also is not None:
            complain(str(error))
        return reading
