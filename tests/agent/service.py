"""A service that answers as a test tells it to, and remembers what it was sent, in order."""

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

TELEMETRY, HEARTBEAT, DEVICE = "/api/v1/telemetry", "/api/v1/device/heartbeat", "/api/v1/device"
AUTHORIZATION, TOKEN = "/oauth/device_authorization", "/oauth/token"
TAKEN = {"message_id": "1", "supplies": [], "display_message": "Cyan is low.", "next_report_seconds": 14400}
ASKED = {
    "device_code": "secret-device-code",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://ink.example/activate/",
    "verification_uri_complete": "https://ink.example/activate/?user_code=WDJB-MJHT",
    "expires_in": 900,
    "interval": 5,
}
GRANTED = {"access_token": "device-token", "token_type": "Bearer", "scope": "telemetry"}


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """One request: a form's fields or a JSON body."""

    method: str
    path: str
    authorization: str
    body: Any


class FakeService:
    """On a port of its own; of the replies to a path the last one is given again and again."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.replies: dict[str, list[Reply]] = defaultdict(
            lambda: [Reply(404)],
            {
                TELEMETRY: [Reply(202, TAKEN)],
                HEARTBEAT: [Reply(204)],
                DEVICE: [Reply(204)],
                AUTHORIZATION: [Reply(200, ASKED)],
                TOKEN: [Reply(200, GRANTED)],
            },
        )
        self.gate = Event()  # while it is shut, nobody is answered
        self.gate.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answers(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def told(self, path: str) -> list[Any]:
        """The bodies that this path was sent."""
        return [heard.body for heard in self.heard if heard.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                is_json = self.headers.get("Content-Type") == "application/json"
                form = {name: values[0] for name, values in parse_qs(content).items()}
                body = json.loads(content) if is_json else form
                told = Heard(self.command, self.path, self.headers.get("Authorization", ""), body)
                service.heard.append(told)
                service.gate.wait(10)
                with suppress(OSError):  # who asked may have gone
                    self._reply(service.replies[self.path])

            def do_GET(self) -> None:
                self.do_POST()

            def do_DELETE(self) -> None:
                self.do_POST()

            def _reply(self, replies: list[Reply]) -> None:
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                content = json.dumps(reply.body).encode() if reply.status != 204 else b""
                self.send_response_only(reply.status)
                for name, value in {"Date": self.date_time_string(), **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
