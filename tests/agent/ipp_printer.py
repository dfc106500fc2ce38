"""A printer that speaks IPP as well, or as badly, as a test tells it to; its answers are made up here."""

import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from threading import Thread

INTEGER, NAME, KEYWORD, URI, TEXT, OCTETS = 0x21, 0x42, 0x44, 0x45, 0x41, 0x30
MOST_REQUEST = 65_536
TLS_HELLO = b"\x16"

Told = int | str | bytes
Attributes = dict[str, list[tuple[int, Told]]]
INK: Attributes = {
    "printer-make-and-model": [(TEXT, "Canon TS8430 series")],
    "printer-uuid": [(URI, "urn:uuid:0a1b2c3d-0000-4000-8000-00000000beef")],
    "printer-device-id": [(TEXT, "MFG:Canon;MDL:TS8430 series;SN:ACDE04471;")],
    "printer-state-reasons": [(KEYWORD, "marker-supply-low-warning"), (KEYWORD, "none")],
    "marker-names": [(NAME, "Pigment Black"), (NAME, "Black"), (NAME, "Cyan"), (NAME, "Ink Absorber")],
    "marker-colors": [(NAME, "#000000"), (NAME, "#000000"), (NAME, "#00FFFF"), (NAME, "none")],
    "marker-types": [*[(KEYWORD, "ink-cartridge")] * 3, (KEYWORD, "waste-ink")],
    "marker-levels": [(INTEGER, 80), (INTEGER, -3), (INTEGER, 12), (INTEGER, 35)],
    "marker-low-levels": [(INTEGER, 15)] * 4,
}


def attribute(tag: int, name: str, told: Told) -> bytes:
    """One value; an empty name makes it a further one of the attribute before it."""
    data = struct.pack(">i", told) if isinstance(told, int) else told.encode() if isinstance(told, str) else told
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(data)) + data


def ipp_answer(attributes: Attributes, *, status: int = 0, request_id: int = 1, version: bytes = b"\x02\x00") -> bytes:
    """An answer as RFC 8010 has it."""
    parts = [version, struct.pack(">Hi", status, request_id), b"\x01", attribute(0x47, "attributes-charset", "utf-8")]
    parts += [b"\x04"] if attributes else []
    for name, values in attributes.items():
        parts += [attribute(tag, "" if place else name, told) for place, (tag, told) in enumerate(values)]
    return b"".join([*parts, b"\x03"])


def http_answer(body: bytes, status: str = "200 OK", kind: str = "application/ipp") -> bytes:
    """An HTTP answer that tells its length."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


Behaviour = Callable[[bytes, socket.socket], None]


def sends(*answers: bytes) -> Behaviour:
    """The answers one after the other, the last one again and again."""
    waiting = list(answers)

    def behave(_: bytes, channel: socket.socket) -> None:
        channel.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return behave


class IppPrinter:
    """Listens on a port of its own; `asked` are the requests it got."""

    def __init__(self, behave: Behaviour, certificate: Path | None = None) -> None:
        self.behave, self.certificate = behave, certificate
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = Thread(target=self._serve, daemon=True)
        self.thread.start()

    def uri(self, path: str = "/ipp/print", scheme: str = "ipp") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                channel, _ = self.listener.accept()
            except OSError:
                return  # closed
            with channel:
                try:
                    self._answer(channel)
                except OSError:
                    continue  # who asked has gone

    def _answer(self, channel: socket.socket) -> None:
        channel.settimeout(5)
        if self.certificate is None:
            self._hear(channel)
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        with context.wrap_socket(channel, server_side=True) as secured:
            self._hear(secured)

    def _hear(self, channel: socket.socket) -> None:
        heard = b""
        while not heard.startswith(TLS_HELLO) and (
            b"\r\n\r\n" not in heard or len(heard.partition(b"\r\n\r\n")[2]) < _length(heard)
        ):
            more = channel.recv(MOST_REQUEST)
            if not more:
                return  # who asked thought better of it
            heard += more
        self.asked.append(heard)
        self.behave(heard, channel)


def _length(heard: bytes) -> int:
    headers = heard.lower().partition(b"\r\n\r\n")[0].split(b"\r\n")
    return next(int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:"))
