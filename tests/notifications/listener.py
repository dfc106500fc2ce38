"""A partner's server on this machine: takes what it is sent, answers as it is told to, and verifies as partners do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Thread
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook

from tests.factories.printers import NOW

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Taken:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The message, for who holds the secret, and looks at NOW; raises WebhookVerificationError."""
        with time_machine.travel(NOW, tick=False):
            return Webhook(secret).verify(self.body, self.headers)


def answer(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Behaviour:
    """Answers so, whatever comes."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


class Listener:
    """Behaves by `script`, one request after the other, and then takes everything with 204."""

    def __init__(self, context: SSLContext | None = None) -> None:
        self.taken: list[Taken] = []
        self.script: list[Behaviour] = []
        self.scheme = "https" if context else "http"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self._server.server_port}/hooks?from=ars"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.taken.append(Taken({**dict(self.headers), "path": self.path}, body))
                (listener.script.pop(0) if listener.script else answer(204))(self)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Says nothing."""

        return Handler


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    """A partner's server, which may be spoken to though it is on this machine."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    started = Listener()
    yield started
    started.close()
