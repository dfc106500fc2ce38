"""A small shop server that takes webhooks: verifies each with the SDK, refuses as often as it is told to."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from stripe import Event, SignatureVerificationError, Webhook

SECRET = "whsec_test"


class Receiver:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.refusals = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, body: bytes, header: str) -> int:
        """The HTTP status: 400 when the signature does not fit."""
        try:
            event = Webhook.construct_event(body, header, SECRET)
        except SignatureVerificationError:
            return 400
        if self.refusals:
            self.refusals -= 1
            return 500
        self.events.append(event)
        return 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.take(body, self.headers["Stripe-Signature"]))
                self.end_headers()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Says nothing."""

        return Handler
