"""How the world outside speaks to us: JSON over HTTP, to whichever web server answers."""

import http.client
import json
from collections import Counter
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
TIMEOUT_SECONDS = 20.0


class Caller:
    """One caller with its credential. Not for two threads at once."""

    def __init__(self, ports: list[int], authorization: str, first: int = 0) -> None:
        self._ports = ports[first % len(ports) :] + ports[: first % len(ports)]
        self._headers = {"Authorization": authorization, "Content-Type": "application/json", "Connection": "close"}
        self.answered: Counter[int] = Counter()  # by port
        self.unanswered = 0

    def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json] | None:
        """Status and body; None when no server answered, or was able to: whoever asks comes again with the same."""
        data = None if body is None else json.dumps(body)
        for _ in self._ports:
            self._ports.append(self._ports.pop(0))
            try:
                status, answer = self._once(self._ports[-1], method, path, data)
            except (OSError, http.client.HTTPException, ValueError):
                continue
            if status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
                self.answered[self._ports[-1]] += 1
                return status, answer
        self.unanswered += 1
        return None

    def pages(self, path: str) -> list[Json]:
        """Every result of a list, as far as it could be read."""
        found: list[Json] = []
        following: str | None = path
        while following:
            answer = self.ask("GET", following)
            if answer is None or answer[0] != HTTPStatus.OK:
                break
            found += answer[1]["results"]
            following = answer[1]["next"]
            if following:
                parts = urlsplit(following)
                following = f"{parts.path}?{parts.query}"
        return found

    def _once(self, port: int, method: str, path: str, data: str | None) -> tuple[int, Json]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, data, self._headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else {}
        finally:
            connection.close()
