"""Sends what happened to the webhook address, signed as Stripe signs, retried when not taken, held back on demand."""

import asyncio
import copy
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

import aiohttp

from ars.standin.book import Book, new_id
from ars.standin.faults import FORGED, LATER, NEVER, OFF_TIME, ON_DELIVERY, Fault, Faults
from ars.standin.params import API_VERSION
from ars.standin.replies import Json, StripeError

WAITS = (1, 2, 4, 8)  # seconds before the second to fifth try
PATIENCE = aiohttp.ClientTimeout(total=10)


@dataclass
class Manner:
    """How events are delivered; a test changes it by `POST /_webhooks`. `duplicate` counts extra copies.

    `skew`: how many seconds the clock that signs is ahead. `waits`: seconds before the second and each later try.
    """

    url: str | None = None
    secret: str | None = None
    paused: bool = False
    duplicate: int = 0
    reverse: bool = False
    skew: float = 0.0
    waits: Sequence[float] = WAITS


class Bell:
    def __init__(self, book: Book, faults: Faults, url: str | None, secret: str | None) -> None:
        self._book = book
        self._faults = faults
        self._given = (url, secret)
        self.manner = Manner(url, secret)
        self.waiting: list[Json] = []
        self.deliveries: list[Json] = []
        self._errands: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def under_way(self) -> int:
        """How many errands are not over; what waits for the end of a pause is none."""
        return len(self._errands)

    def clear(self) -> None:
        for errand in self._errands:
            errand.cancel()
        self.manner = Manner(*self._given)
        self.waiting.clear()
        self.deliveries.clear()

    async def close(self) -> None:
        self.clear()
        if self._session:
            await self._session.close()

    def set_manner(self, wish: Json) -> None:
        """Raises on unknown wishes. When a pause ends, what waited goes out (newest first if `reverse`)."""
        if unknown := wish.keys() - vars(self.manner).keys():
            raise StripeError(400, f"Unknown: {', '.join(sorted(unknown))}", executed=False)
        self.manner = Manner(**{**vars(self.manner), **wish})
        if not self.manner.paused:
            held, self.waiting = self.waiting, []
            self._send(held[::-1] if self.manner.reverse else held)

    def ring(self, kind: str, thing: Json, request: Json, previous: Json | None = None) -> Json:
        """Records the event and sets its delivery going without waiting for it."""
        data: Json = {"object": copy.deepcopy(thing)} | ({"previous_attributes": previous} if previous else {})
        event = self._book.add(
            {
                "id": new_id("evt"),
                "object": "event",
                "api_version": API_VERSION,
                "created": int(time.time()),
                "data": data,
                "livemode": False,
                "pending_webhooks": int(bool(self.manner.url)),
                "request": request,
                "type": kind,
            }
        )
        if self.manner.paused:
            self.waiting.append(event)
        else:
            self._send([event])
        return event

    def _send(self, events: list[Json]) -> None:
        if self.manner.url:
            self._start(self._deliver(events, self.manner))

    def _start(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _deliver(self, events: list[Json], manner: Manner) -> None:
        """One after the other; what is not taken is tried again without holding up the rest."""
        for event in events:
            fault = self._faults.take(f"WEBHOOK {event['type']}", ON_DELIVERY)
            kind = fault.kind if fault else ""
            if kind in (LATER, NEVER):
                self._note(event, 1, None, fault)
                if kind == LATER:
                    self._start(self._insist(event, manner))
                continue
            for _ in range(1 + manner.duplicate + (kind == "duplicate")):
                if not await self._try(event, manner, 1, fault):
                    self._start(self._insist(event, manner))

    async def _insist(self, event: Json, manner: Manner) -> None:
        for attempt, wait in enumerate(manner.waits, start=2):
            await asyncio.sleep(wait)
            if await self._try(event, manner, attempt):
                return

    async def _try(self, event: Json, manner: Manner, attempt: int, fault: Fault | None = None) -> bool:
        body = json.dumps(event, indent=2).encode()
        status = await self._post(manner.url or "", body, _signed(body, manner, fault))
        self._note(event, attempt, status, fault)
        taken = status is not None and 200 <= status < 300
        if taken:
            event["pending_webhooks"] = 0
        return taken

    def _note(self, event: Json, attempt: int, status: int | None, fault: Fault | None) -> None:
        told = {"event": event["id"], "type": event["type"], "attempt": attempt, "status": status}
        self.deliveries.append({**told, "fault": fault.kind if fault else None})

    async def _post(self, url: str, body: bytes, signed: str) -> int | None:
        """The receiver's status, None when there was no answer."""
        self._session = self._session or aiohttp.ClientSession(timeout=PATIENCE)
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signed}
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None


def _signed(body: bytes, manner: Manner, fault: Fault | None) -> str:
    """By the clock and secret that the receiver knows, unless the fault wants it otherwise."""
    kind = fault.kind if fault else ""
    off = OFF_TIME.get(kind, 0.0) if fault is None or fault.seconds is None else fault.seconds
    secret = "whsec_guessed" if kind == FORGED else manner.secret or ""
    return signature(body, secret, int(time.time() + manner.skew + off))


def signature(body: bytes, secret: str, moment: int | None = None) -> str:
    """Stripe's `v1` scheme: HMAC-SHA256 over `<seconds>.<body>`."""
    moment = int(time.time()) if moment is None else moment
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
