"""How the simulators speak: JSON over HTTP, and nothing else of ours."""

import json
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 10.0
PAUSE_SECONDS = 0.5
TRIES = 20

Json = dict[str, Any]


class Service:
    """The service as one caller sees it: an address, a credential, and how often it asks one that does not answer."""

    def __init__(self, base_url: str, authorization: str, *, tries: int = TRIES) -> None:
        self._base_url = base_url
        self._tries = tries
        self._headers = {"Authorization": authorization, "Content-Type": "application/json"}

    def get(self, path: str) -> tuple[int, Json]:
        """Status and body of the answer."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Json) -> tuple[int, Json]:
        """Status and body of the answer. May arrive twice: every body carries an id of its own."""
        return self._ask("POST", path, body)

    def pages(self, path: str) -> Iterator[Json]:
        """Every result of a list, page after page."""
        following: str | None = path
        while following:
            _, page = self.get(following)
            yield from page.get("results", [])
            following = page.get("next")

    def _ask(self, method: str, path: str, body: Json | None) -> tuple[int, Json]:
        """Asks again while the service is starting again. ConnectionError when that takes too long."""
        address = path if path.startswith("http") else self._base_url + path
        data = None if body is None else json.dumps(body).encode()
        request = Request(address, data, self._headers, method=method)
        for _ in range(self._tries):
            try:
                return _answer(request)
            except (OSError, HTTPException) as error:
                print(f"{method} {path}: {error}", flush=True)
                time.sleep(PAUSE_SECONDS)
        raise ConnectionError(f"{address} does not answer.")


def _answer(request: Request) -> tuple[int, Json]:
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refusal:
        if refusal.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise  # an OSError like any other: it may be over in a moment
        with refusal:
            return refusal.code, json.load(refusal)
