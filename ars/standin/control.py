"""Addresses for tests only: faults, the log of requests, how webhooks are sent, a clean slate."""

from aiohttp import web

from ars.standin.replies import Json, StripeError
from ars.standin.stand import Stand


class Control:
    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/_fault", self.plan),
            web.get("/_fault", self.planned),
            web.delete("/_fault", self.clear),
            web.get("/_requests", self.requests),
            web.get("/_running", self.running),
            web.post("/_webhooks", self.set_webhooks),
            web.get("/_webhooks", self.webhooks),
            web.delete("/_config/data", self.flush),
        ]

    async def plan(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(self._stand.faults.plan(await request.json()).shown())
        except StripeError as error:
            return web.json_response({"error": error.error}, status=error.status)

    async def planned(self, request: web.Request) -> web.Response:
        return web.json_response([fault.shown() for fault in self._stand.faults.planned])

    async def clear(self, request: web.Request) -> web.Response:
        self._stand.faults.clear()
        return web.json_response({})

    async def requests(self, request: web.Request) -> web.Response:
        """What was executed, oldest first; with `?all=true` also what was refused, replayed or cut off."""
        everything = request.query.get("all") == "true"
        return web.json_response([entry for entry in self._stand.journal if everything or entry["executed"]])

    async def running(self, request: web.Request) -> web.Response:
        """How many requests and errands with webhooks are not over, though their sender may be gone."""
        return web.json_response({"requests": self._stand.running, "webhooks": self._stand.bell.under_way})

    async def set_webhooks(self, request: web.Request) -> web.Response:
        """Any of url, secret, paused, duplicate, reverse, skew, waits; `send: {type, object}` is a test's own event."""
        wish: Json = await request.json()
        own = wish.pop("send", None)
        try:
            self._stand.bell.set_manner(wish)
        except StripeError as error:
            return web.json_response({"error": error.error}, status=error.status)
        if own:
            self._stand.bell.ring(own["type"], own["object"], {"id": None, "idempotency_key": None})
        return await self.webhooks(request)

    async def webhooks(self, request: web.Request) -> web.Response:
        bell = self._stand.bell
        waiting = [event["id"] for event in bell.waiting]
        return web.json_response({**vars(bell.manner), "waiting": waiting, "deliveries": bell.deliveries})

    async def flush(self, request: web.Request) -> web.Response:
        await self._stand.flush()
        return web.json_response({})
