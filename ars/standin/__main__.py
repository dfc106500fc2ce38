"""`python -m ars.standin --port P`: localstripe and the proxy before it, until told to stop or the parent is gone."""

import argparse
import asyncio
import os
import signal

from aiohttp import web

from ars.standin.book import Book
from ars.standin.faults import Faults
from ars.standin.server import Front
from ars.standin.stand import Stand
from ars.standin.upstream import Localstripe
from ars.standin.webhooks import Bell


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ars.standin", description="Stripe's local stand-in, for tests and the demo."
    )
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one; the ready line tells which")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--webhook-url", help="where signed events are sent")
    parser.add_argument("--webhook-secret", help="whsec_...")
    parser.add_argument("--upstream-port", type=int, default=0, help="localstripe's port; 0 takes a free one")
    return parser.parse_args()


async def serve(chosen: argparse.Namespace, parent: int) -> None:
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    upstream = await Localstripe.start(chosen.upstream_port)
    book, faults = Book(), Faults()
    bell = Bell(book, faults, chosen.webhook_url, chosen.webhook_secret)
    runner = web.AppRunner(
        Front(Stand(upstream, book, bell, faults)).application(), access_log=None, shutdown_timeout=0.1
    )
    try:
        await runner.setup()
        await web.TCPSite(runner, chosen.host, chosen.port, backlog=512).start()
        print(f"ready http://{chosen.host}:{runner.addresses[0][1]}", flush=True)
        await _until(stop, upstream, parent)
    finally:
        await bell.close()
        await runner.cleanup()
        await upstream.stop()


async def _until(stop: asyncio.Event, upstream: Localstripe, parent: int) -> None:
    """Returns when told to stop, when the parent process is gone, or when localstripe ended."""
    while not stop.is_set() and os.getppid() == parent and upstream.running:
        try:
            await asyncio.wait_for(stop.wait(), 0.3)
        except TimeoutError:
            continue


def main() -> None:
    parent = os.getppid()  # before anything is served: it may die as soon as it knows that we are ready
    chosen = options()
    try:
        asyncio.run(serve(chosen, parent))
    except OSError as error:
        raise SystemExit(f"The stand-in cannot serve on {chosen.host}:{chosen.port}: {error.strerror}") from None


if __name__ == "__main__":
    main()
