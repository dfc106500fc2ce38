"""The proxy's front: every request passes faults, keys and idempotency here before it is executed or forwarded."""

import asyncio
import socket
import struct
import time

from aiohttp import web

from ars.standin import routes
from ars.standin.arrival import Arrival
from ars.standin.book import new_id
from ars.standin.cards import decline
from ars.standin.control import Control
from ars.standin.faults import CUTS, GARBLED, IN_EXECUTION, ON_ARRIVAL, REFUSALS, WITHHELD, Fault, api_error
from ars.standin.params import API_VERSION
from ars.standin.replies import Json, Reply, StripeError
from ars.standin.routes import Route
from ars.standin.stand import Call, Stand

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Idempotency-Key, Stripe-Version",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
}


class Front:
    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    def application(self) -> web.Application:
        application = web.Application(client_max_size=1 << 20)
        application.add_routes([*Control(self._stand).routes(), web.route("*", "/{path:.*}", self.serve)])
        return application

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self._stand.running += 1
        try:
            return await self._serve(request)
        finally:
            self._stand.running -= 1

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        arrival = await Arrival.read(request)
        if arrival.method == "OPTIONS":
            return web.Response(status=204, headers=CORS)
        if not arrival.path.startswith("/v1/"):
            return await self._forward(arrival)
        fault = self._stand.faults.take(arrival.route, ON_ARRIVAL)
        entry = self._note(arrival, fault)
        if fault and fault.kind in CUTS:
            return _cut(request, CUTS[fault.kind])
        reply = await self._reply(arrival, fault)
        replayed = "Idempotent-Replayed" in reply.headers
        entry |= {"status": reply.status, "executed": reply.executed, "replayed": replayed}
        if fault and fault.kind in WITHHELD:
            seconds, manner = WITHHELD[fault.kind]
            await asyncio.sleep(seconds if fault.seconds is None else fault.seconds)
            return _cut(request, manner)
        if fault and fault.kind == "slow":
            await asyncio.sleep(_delay(fault))
        if fault and fault.kind == GARBLED:
            return web.Response(body=b"<html><body>Please wait", content_type="text/html")
        return _response(arrival, reply)

    async def _reply(self, arrival: Arrival, fault: Fault | None) -> Reply:
        if fault and fault.kind in REFUSALS:
            return fault.refusal()
        try:
            return await self._admitted(arrival, fault)
        except StripeError as error:
            return error.reply()

    async def _admitted(self, arrival: Arrival, fault: Fault | None) -> Reply:
        raw = arrival.params()
        browser = arrival.admit(raw, self._stand.book)
        found = routes.find(arrival.method, arrival.path)
        if found is None:
            return await self._unknown(arrival)
        route, names = found
        params, told = route.parse(raw, browser=browser)
        call = Call(arrival.method, arrival.path, names, params, arrival.idempotency_key, told)
        if arrival.method == "POST" and arrival.idempotency_key:
            return await self._once(arrival, route, call, raw, fault)
        return await self._execute(arrival, route, call, fault)

    async def _once(self, arrival: Arrival, route: Route, call: Call, raw: Json, fault: Fault | None) -> Reply:
        """Under an idempotency key: executed the first time, replayed ever after."""
        scope = (arrival.api_key, arrival.idempotency_key or "")
        first = self._stand.slips.begin(scope, arrival.method, arrival.path, raw)
        if first:
            original = first.headers.get("Request-Id", "")
            told = {"Idempotent-Replayed": "true", "Original-Request": original}
            return Reply(first.status, first.body, executed=False, headers=told)
        try:
            reply = await self._execute(arrival, route, call, fault)
        except BaseException:
            self._stand.slips.forget(scope)
            raise
        if reply.executed:
            self._stand.slips.finish(scope, reply)
        else:
            self._stand.slips.forget(scope)
        return reply

    async def _execute(self, arrival: Arrival, route: Route, call: Call, fault: Fault | None) -> Reply:
        if fault and fault.kind == "slow_before":
            await asyncio.sleep(_delay(fault))
        told = {"Request-Id": call.request_id}
        ordered = self._stand.faults.take(arrival.route, IN_EXECUTION)
        if ordered and ordered.kind == "decline":
            call.injected = decline(ordered.decline_code, ordered.advice_code)
        try:
            thing = await route.handler(self._stand, call)
            reply = Reply.of(200, self._stand.book.shown(thing, call.params.get("expand")), headers=told)
        except StripeError as error:
            reply = Reply(error.status, error.reply().body, error.executed, told)
        if ordered and ordered.kind == "500_after":
            return Reply(500, api_error(500).body, executed=True, headers=told)
        return reply

    async def _unknown(self, arrival: Arrival) -> Reply:
        """Reading what only localstripe has is let through; writing it would change things behind our book."""
        if arrival.method == "GET":
            path = f"{arrival.path}?{arrival.query}" if arrival.query else arrival.path
            status, body, content_type = await self._stand.upstream.forward("GET", path, b"")
            if content_type == "application/json":
                return Reply(status, body)
        message = f"Unrecognized request URL ({arrival.method}: {arrival.path})."
        raise StripeError(404, message, executed=False)

    async def _forward(self, arrival: Arrival) -> web.Response:
        status, body, content_type = await self._stand.upstream.forward(arrival.method, arrival.path, arrival.body)
        return web.Response(status=status, body=body, content_type=content_type, charset="utf-8", headers=CORS)

    def _note(self, arrival: Arrival, fault: Fault | None) -> Json:
        """The request's entry in the log, made as it arrives."""
        entry: Json = {
            "at": time.time(),
            "method": arrival.method,
            "path": arrival.path,
            "params": _readable(arrival),
            "idempotency_key": arrival.idempotency_key,
            "status": None,
            "executed": False,
            "replayed": False,
            "fault": fault.kind if fault else None,
        }
        self._stand.journal.append(entry)
        return entry


def _readable(arrival: Arrival) -> Json:
    try:
        return arrival.params()
    except StripeError:
        return {}


def _delay(fault: Fault) -> float:
    return 1.0 if fault.seconds is None else fault.seconds


def _response(arrival: Arrival, reply: Reply) -> web.Response:
    headers = {"Request-Id": new_id("req"), "Stripe-Version": arrival.api_version or API_VERSION, **CORS}
    if arrival.idempotency_key:
        headers["Idempotency-Key"] = arrival.idempotency_key
    headers |= {"Content-Type": "application/json", **reply.headers}
    return web.Response(status=reply.status, body=reply.body, headers=headers)


def _cut(request: web.Request, manner: str) -> web.StreamResponse:
    """Ends the connection with nothing said: closed in order, or reset as by a failing network."""
    if request.transport is not None:
        plug = request.transport.get_extra_info("socket")
        if manner == "reset" and plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()
