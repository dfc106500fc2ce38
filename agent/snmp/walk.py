"""Walks a part of a printer's tree by UDP: bounded in time, in size and in what it believes."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator

from agent.address import Address
from agent.deadline import Deadline
from agent.errors import NO_ANSWER, Malformed, PrinterError
from agent.snmp.ber import Answer, Oid, Told, answer, get_bulk

TRY_SECONDS = 1.5
TRIES = 3
AT_ONCE = 10  # objects an answer: they fit a datagram of any printer
MOST = 1000  # objects of one part of the tree
LARGEST_DATAGRAM = 65_535
TOO_BIG = 1


class Walker:
    """One printer's SNMP agent, asked over one socket."""

    def __init__(self, address: Address, seconds: float) -> None:
        self.address, self.deadline = address, Deadline(seconds)
        try:
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
        except (socket.gaierror, UnicodeError) as error:
            raise PrinterError(f"There is no host named {address.host}.", NO_ANSWER) from error
        self.socket = socket.socket(found[0][0], socket.SOCK_DGRAM)
        try:
            self.socket.connect(found[0][4])
        except OSError as error:
            self.socket.close()
            raise self._silence() from error

    def __enter__(self) -> Walker:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def walk(self, root: Oid) -> dict[Oid, Told]:
        """Everything below `root`, by what follows it; PrinterError when the printer does not answer."""
        found: dict[Oid, Told] = {}
        at, at_once = root, AT_ONCE
        while len(found) < MOST:
            if self.deadline.is_over:
                seconds = self.deadline.seconds
                raise PrinterError(f"{self._where} did not tell all within {seconds:.0f} seconds.", NO_ANSWER)
            answered = self._ask(at, at_once)
            if answered.error == TOO_BIG and at_once > 1:
                at_once = 1
                continue
            below = [] if answered.error else list(_below(root, at, answered.told))
            found.update((oid[len(root) :], told) for oid, told in below)
            if not below or len(below) < len(answered.told):
                break  # the end of this part of the tree, or of the whole
            at = below[-1][0]
        return found

    def _ask(self, after: Oid, most: int) -> Answer:
        request_id = secrets.randbelow(1 << 31)
        question = get_bulk(self.address.community, request_id, after, most)
        malformed: Malformed | None = None
        for _ in range(TRIES):
            try:
                self.socket.send(question)
                return self._hear(request_id)
            except Malformed as error:
                malformed = error
            except socket.timeout:
                pass
            except OSError as error:
                raise PrinterError(f"{self._where} refuses SNMP: switch it on in the printer's settings.") from error
            if self.deadline.is_over:
                break
        if malformed is not None:
            raise Malformed(f"{self._where} sent an answer that is none: {malformed}")
        raise self._silence()

    def _hear(self, request_id: int) -> Answer:
        """The answer to this very question; late ones to others are passed over."""
        patience = Deadline(min(TRY_SECONDS, self.deadline.left))
        while True:
            self.socket.settimeout(patience.left)
            heard = answer(self.socket.recv(LARGEST_DATAGRAM))
            if heard.request_id == request_id:
                return heard
            if patience.is_over:
                raise socket.timeout

    @property
    def _where(self) -> str:
        return self.address.authority

    def _silence(self) -> PrinterError:
        return PrinterError(
            f"{self._where} does not answer SNMP: is it on, and is its community {self.address.community!r}?", NO_ANSWER
        )


def _below(root: Oid, after: Oid, told: list[tuple[Oid, Told]]) -> Iterator[tuple[Oid, Told]]:
    """As far as the objects lie below `root` and go forward: an agent that turns back would be walked for ever."""
    for oid, value in told:
        if oid[: len(root)] != root or oid <= after or value is None:
            return
        yield oid, value
        after = oid
