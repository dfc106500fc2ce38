"""Runs localstripe (a GPL program) as its own process on loopback; the only file that loads it, started by path.

It never pickles its store to disk, sends no webhooks (the proxy does), prints the port it was given as its first line,
and ends when its standard input closes, that is, when the process that started it is gone, whatever ended it.
"""

import argparse
import os
import sys
import threading
from importlib import import_module
from socket import SO_REUSEADDR, SOL_SOCKET, socket

from aiohttp import web


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    listener = _listen(parser.parse_args().port)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    web.run_app(_application(), sock=listener, print=None, access_log=None, shutdown_timeout=0.1)


def _application() -> web.Application:
    resources = vars(import_module("localstripe.resources"))
    resources["Store"].dump_to_disk = lambda store: None
    resources["schedule_webhook"] = lambda event: None
    application: web.Application = vars(import_module("localstripe.server"))["app"]
    return application


def _listen(port: int) -> socket:
    listener = socket()
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    return listener


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
