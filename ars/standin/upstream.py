"""localstripe as our child process, and the way to ask it: it executes what we let through."""

import asyncio
import sys
from pathlib import Path

import aiohttp

from ars.standin.replies import Json

PROGRAM = Path(__file__).with_name("localstripe_program.py")
HEADERS = {"Authorization": "Bearer sk_test_standin"}


class Localstripe:
    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"
        self._session = aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=20))

    @classmethod
    async def start(cls, port: int = 0) -> "Localstripe":
        """Started by path, so that nothing of ours is loaded into it; its standard input tells it that we live."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(PROGRAM),
            "--port",
            str(port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        line = await process.stdout.readline() if process.stdout else b""
        if not line:
            raise SystemExit("localstripe did not start; its own message is above.")
        return cls(process, int(line))

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        async with self._session.request(method, self.url + path, json=body) as answer:
            document: Json = await answer.json()
            return answer.status, document

    async def do(self, method: str, path: str, body: Json | None = None) -> Json:
        """For what localstripe must accept: our own checks came first, so its refusal is a fault of the stand-in."""
        status, document = await self.ask(method, path, body)
        if status != 200:
            raise RuntimeError(f"localstripe refused {method} {path} {body}: {status} {document}")
        return document

    async def forward(self, method: str, path: str, body: bytes) -> tuple[int, bytes, str]:
        async with self._session.request(method, self.url + path, data=body) as answer:
            return answer.status, await answer.read(), answer.content_type

    async def flush(self) -> None:
        async with self._session.delete(self.url + "/_config/data") as answer:
            answer.raise_for_status()

    async def stop(self) -> None:
        await self._session.close()
        if self.running:
            self._process.kill()
        await self._process.wait()
