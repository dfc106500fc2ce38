"""What every request handler works with: the stand-in's state, and the one call it is answering."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field

from ars.standin.book import Book, new_id
from ars.standin.cards import Card, Decline
from ars.standin.faults import Faults
from ars.standin.idempotency import Slips
from ars.standin.replies import Json
from ars.standin.upstream import Localstripe
from ars.standin.webhooks import Bell

JOURNAL = 100_000  # requests remembered for a test's assertions


@dataclass
class Stand:
    """`cards` holds how each payment method behaves; `shadows` the localstripe id of an intent's latest attempt.

    `running` counts the requests that are being answered, those whose sender has gone included.
    """

    upstream: Localstripe
    book: Book
    bell: Bell
    faults: Faults
    slips: Slips = field(default_factory=Slips)
    journal: deque[Json] = field(default_factory=lambda: deque(maxlen=JOURNAL))
    cards: dict[str, Card] = field(default_factory=dict)
    shadows: dict[str, str] = field(default_factory=dict)
    locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    running: int = 0

    async def flush(self) -> None:
        for part in (self.book, self.bell, self.faults, self.slips, self.journal, self.cards, self.shadows):
            part.clear()
        self.locks = defaultdict(asyncio.Lock)
        await self.upstream.flush()


@dataclass
class Call:
    """One accepted request. `browser` holds what Stripe.js alone may send; `injected` a decline ordered by a test."""

    method: str
    path: str
    names: tuple[str, ...]
    params: Json
    idempotency_key: str | None = None
    browser: Json | None = None
    injected: Decline | None = None
    request_id: str = field(default_factory=lambda: new_id("req"))

    @property
    def name(self) -> str:
        """The id in the address."""
        return self.names[0]

    @property
    def origin(self) -> Json:
        """An event's `request`."""
        return {"id": self.request_id, "idempotency_key": self.idempotency_key}


def flag(value: object) -> bool:
    return value is True or (isinstance(value, str) and value in ("true", "one_off", "recurring"))
