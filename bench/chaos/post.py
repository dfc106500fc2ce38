"""The mail server of the run: takes mails and keeps when each came, turns them away for a while, or is not there."""

import re
import time
from dataclasses import dataclass

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MESSAGE_ID = re.compile(rb"^Message-ID: <message-(\d+)@", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Taken:
    """A mail that we said 250 to: the key of its row, and when (seconds since 1970)."""

    message: int
    at: float


class Catcher:
    """Listens on a port of its own, always the same."""

    def __init__(self, port: int) -> None:
        self.taken: list[Taken] = []
        self.refusing = False
        self.refused = 0
        self.port = port
        self._controller: Controller | None = None

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusing:
            self.refused += 1
            return "451 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        found = MESSAGE_ID.search(content) if isinstance(content, bytes) else None
        if found is None:
            return "554 Not one of ours"
        self.taken.append(Taken(int(found[1]), time.time()))
        return "250 OK"
