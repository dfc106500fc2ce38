"""Answers spoilt in every way, a million of them: `make fuzz`, or FUZZ_INPUTS=5000 FUZZ_SEED=7 for others.

Each of them must give a reading or one sentence, soon. What is spoilt is right to begin with: chance alone gets no
further than the first byte. Whoever finds a crash finds the input in the message.
"""

import faulthandler
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

from agent.errors import Malformed
from agent.ipp import codec
from agent.ipp import printer as by_ipp
from agent.joining import merged
from agent.mdns.browse import found_in
from agent.mdns.packet import records
from agent.reports import report
from agent.snmp import ber
from agent.snmp import printer as by_snmp
from agent.supplies import FILLED, Reading
from tests.agent.ipp_printer import INK, attribute, ipp_answer
from tests.agent.snmp_printer import INKS, SnmpPrinter
from tests.agent.test_markers import LISTED
from tests.agent.test_mdns import packet

SOON = 1.0  # seconds of this program's own work, for one input
STUCK = 3600.0  # seconds after which a run that does not end is ended, and shown where it is stuck
EXTREMES = (b"\x00", b"\x7f", b"\x80", b"\xff", b"\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x84\xff\xff")
COLLECTION = attribute(0x34, "media-col", "") + attribute(0x4A, "", "media-size") + attribute(0x34, "", "") * 40

Random = random.Random


def ipp(data: bytes) -> None:
    """As the answer of a printer, and of one that also speaks SNMP."""
    told = by_ipp.reading(codec.answer(data).printer)
    check(told)
    check(merged(told, SNMP_READING))


def snmp(data: bytes) -> None:
    """As the answer to a walk of the supplies."""
    answer = ber.answer(data)
    at = len(by_snmp.SUPPLIES)
    table = {oid[at:]: told for oid, told in answer.told if oid[:at] == by_snmp.SUPPLIES}
    check(Reading(supplies=by_snmp.supplies(table, dict(answer.told), set(table)) if table else []))


def mdns(data: bytes) -> None:
    """As a packet from the network."""
    found_in(records(data))


def check(reading: Reading) -> None:
    """What holds of every reading, whatever it was read from."""
    json.dumps([reading.as_json(), report(reading, 0.0)])
    for each in reading.supplies:
        assert each.level is None or 0 <= each.level <= 100, each
        assert each.level is None or (each.raw_level or 0) >= 0, each
        assert each.low is not True or each.class_ != FILLED, each


def seeds() -> dict[Callable[[bytes], None], list[bytes]]:
    """Right answers, by what reads them."""
    printer = SnmpPrinter(INKS)
    printer.close()
    roots = (by_snmp.SUPPLIES, by_snmp.COLORANTS, by_snmp.ALERT_CODES, by_snmp.SERIALS, by_snmp.DEVICE_TYPES)
    walks = [printer.answer(ber.get_bulk("public", 77, root, most)) or b"" for root in roots for most in (1, 10, 40)]
    plain = ipp_answer({**INK})
    nested = plain[:-1] + COLLECTION + attribute(0x37, "", "") * 41 + plain[-1:]
    return {ipp: [plain, ipp_answer(LISTED), ipp_answer({**INK, **LISTED}), nested], snmp: walks, mdns: [packet()]}


def spoilt(whole: bytes, others: list[bytes], dice: Random) -> bytes:
    """The answer with one to four things wrong with it."""
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at, end = sorted(dice.choices(range(len(data) + 1), k=2))
        match dice.randrange(7):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                data[at:at] = dice.randbytes(dice.randint(1, 8))
            case 2:
                data[at : at + 1] = bytes([data[at] ^ 1 << dice.randrange(8)]) if at < len(data) else b""
            case 3:
                extreme = dice.choice(EXTREMES)
                data[at : at + len(extreme)] = extreme
            case 4:
                del data[at : min(end, at + 40)]
            case 5:
                data[at:at] = data[at : min(end, at + 200)] * dice.randint(1, 5)
            case _:
                data[at:] = dice.choice(others)[at:] if dice.random() < 0.7 else b""
    return bytes(data)


def fuzz(inputs: int, seed: int) -> Counter[str]:
    """Read so many; how many of each kind were read and refused. AssertionError naming the input that did harm."""
    dice, outcomes = Random(seed), Counter[str]()
    answers = list(seeds().items())
    for number in range(inputs):
        target, whole = answers[number % len(answers)]
        data = spoilt(dice.choice(whole), whole, dice) if number % 50 else dice.randbytes(dice.randrange(200))
        begun = time.thread_time()
        try:
            target(data)
            outcomes[f"{target.__name__} read"] += 1
        except Malformed:
            outcomes[f"{target.__name__} refused"] += 1
        except Exception as error:
            raise AssertionError(f"{target.__name__} broke on {data.hex()}") from error
        assert time.thread_time() - begun < SOON, f"{target.__name__} took long over {data.hex()}"
    return outcomes


SNMP_READING = Reading(
    supplies=by_snmp.supplies(
        {(8, 1, 1): 2400, (9, 1, 1): 300, (5, 1, 1): 6, (8, 1, 2): 100, (9, 1, 2): -3, (5, 1, 2): 8}, {}, set()
    )
)

if __name__ == "__main__":
    count, seed = int(os.environ.get("FUZZ_INPUTS", "1000000")), int(os.environ.get("FUZZ_SEED", "1"))
    faulthandler.dump_traceback_later(STUCK, exit=True)
    print(f"{count} inputs from seed {seed} ...", flush=True)
    found = fuzz(count, seed)
    print(", ".join(f"{what} {times}" for what, times in sorted(found.items())))
    sys.exit(print("0 crashes, 0 hangs"))
