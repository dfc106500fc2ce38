"""Takes what the card service posts to us, and holds each letter until one of ours has opened it."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread

HELD_SECONDS = 30


@dataclass
class Letter:
    """One delivery; `answer` takes our status, or None when whoever opened it died over it."""

    body: bytes
    signature: str
    answer: "Queue[int | None]" = field(default_factory=Queue)


class Postman:
    """A server on a port of its own: the test's thread opens the letters, where its database is."""

    def __init__(self) -> None:
        self._letters: Queue[Letter] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"

    def next(self, seconds: float) -> Letter | None:
        """The next letter, None when none comes within the time."""
        try:
            return self._letters.get(timeout=seconds)
        except Empty:
            return None

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        letters = self._letters

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                letters.put(letter := Letter(body, self.headers["Stripe-Signature"]))
                status = letter.answer.get(timeout=HELD_SECONDS)
                if status is not None:
                    self.send_response(status)
                    self.end_headers()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Says nothing."""

        return Handler
