"""The door to Stripe's stand-in. It is shut while the stand-in, just started again, does not know the cards yet."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread

LOOPBACK = "127.0.0.1"
CHUNK_BYTES = 65536


class Door(ThreadingTCPServer):
    """Whoever knocks is let through to `inner_port`, or turned away as if nobody were there."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, inner_port: int) -> None:
        super().__init__((LOOPBACK, 0), Visit)
        self.inner_port = inner_port
        self.open = Event()

    @property
    def address(self) -> str:
        """Where everybody finds the stand-in."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    @property
    def inner_address(self) -> str:
        """Where it really is."""
        return f"http://{LOOPBACK}:{self.inner_port}"

    @property
    def health(self) -> str:
        """Answers once the stand-in serves."""
        return f"{self.inner_address}/_fault"


class Visit(BaseRequestHandler):
    """One connection through the door."""

    def handle(self) -> None:
        door = self.server
        assert isinstance(door, Door)
        with suppress(OSError):  # either side may be gone at any moment: the other one sees its connection end
            if door.open.is_set():
                with socket.create_connection((LOOPBACK, door.inner_port)) as inside:
                    relay(self.request, inside)


@contextmanager
def standing(inner_port: int) -> Iterator[Door]:
    """A door that is shut at first."""
    with Door(inner_port) as door:
        Thread(target=door.serve_forever, name="door", daemon=True).start()
        try:
            yield door
        finally:
            door.shutdown()


def relay(one: socket.socket, other: socket.socket) -> None:
    """What one says, the other hears, until one of them ends."""
    partners = {one: other, other: one}
    while True:
        for speaker in select(list(partners), [], [])[0]:
            said = speaker.recv(CHUNK_BYTES)
            if not said:
                return
            partners[speaker].sendall(said)
