"""A printer that speaks SNMP: a tree of objects, served as RFC 3416 has it unless a test wants it otherwise."""

import socket
from collections.abc import Callable
from threading import Thread

INTEGER, OCTETS, NULL, OID, SEQUENCE, RESPONSE, END_OF_TREE = 2, 4, 5, 6, 0x30, 0xA2, 0x82
PRINTER = "1.3.6.1.2.1.43"
SUPPLY = f"{PRINTER}.11.1.1"
Tree = dict[str, int | bytes | str]
Spoil = Callable[[bytes], list[bytes]]  # of the right answer, the datagrams that are sent instead

# Names of objects to what they hold; a text is an object identifier.
INKS: Tree = {
    "1.3.6.1.2.1.1.1.0": b"Canon network",
    "1.3.6.1.2.1.25.3.2.1.2.1": "1.3.6.1.2.1.25.3.1.5",
    "1.3.6.1.2.1.25.3.2.1.3.1": b"Canon TS8430 series",
    f"{PRINTER}.5.1.1.17.1": b"ACDE04471\x00",
    f"{SUPPLY}.3.1.0": 1, f"{SUPPLY}.3.1.1": 2, f"{SUPPLY}.3.1.2": 0,
    f"{SUPPLY}.4.1.0": 3, f"{SUPPLY}.4.1.1": 3, f"{SUPPLY}.4.1.2": 4,
    f"{SUPPLY}.5.1.0": 6, f"{SUPPLY}.5.1.1": 6, f"{SUPPLY}.5.1.2": 8,
    f"{SUPPLY}.6.1.0": b"Canon BCI-381\x01\x1f Cyan\x00", f"{SUPPLY}.6.1.1": b"Encre noir\xe9e",
    f"{SUPPLY}.6.1.2": b"Absorber",
    f"{SUPPLY}.7.1.0": 15, f"{SUPPLY}.7.1.1": 19, f"{SUPPLY}.7.1.2": 19,
    f"{SUPPLY}.8.1.0": 2400, f"{SUPPLY}.8.1.1": -2, f"{SUPPLY}.8.1.2": 100,
    f"{SUPPLY}.9.1.0": 300, f"{SUPPLY}.9.1.1": -3, f"{SUPPLY}.9.1.2": 90,
    f"{PRINTER}.12.1.1.4.1.1": b"cyan", f"{PRINTER}.12.1.1.4.1.2": b"black",
    f"{PRINTER}.18.1.1.4.1.1": 11, f"{PRINTER}.18.1.1.5.1.1": 1,
    f"{PRINTER}.18.1.1.7.1.1": 1105, f"{PRINTER}.18.1.1.7.1.2": 8,
}  # fmt: skip


def item(tag: int, content: bytes) -> bytes:
    length = len(content)
    return bytes([tag, 0x82]) + length.to_bytes(2, "big") + content if length > 127 else bytes([tag, length]) + content


def items(content: bytes) -> list[tuple[int, bytes]]:
    found = []
    while content:
        tag, length, skipped = content[0], content[1], 2
        if length & 0x80:
            skipped += length & 0x7F
            length = int.from_bytes(content[2:skipped], "big")
        found.append((tag, content[skipped : skipped + length]))
        content = content[skipped + length :]
    return found


def integer(number: int) -> bytes:
    return item(INTEGER, number.to_bytes(5, "big", signed=True))


def numbers(oid: str) -> list[int]:
    return [int(part) for part in oid.split(".")]


def oid_bytes(oid: str) -> bytes:
    first, second, *rest = numbers(oid)
    encoded = bytes([40 * first + second])
    for number in rest:
        groups = [number >> shift & 0x7F | 0x80 for shift in (28, 21, 14, 7, 0) if number >> shift or not shift]
        encoded += bytes([*groups[:-1], groups[-1] & 0x7F])
    return encoded


def told(value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return integer(value)
    return item(OCTETS, value) if isinstance(value, bytes) else item(OID, oid_bytes(value))


def bindings(tree: Tree, after: bytes, most: int) -> bytes:
    """The next objects in order, then the end of the tree."""
    ordered = sorted(tree, key=numbers)
    start = next((place for place, oid in enumerate(ordered) if key(oid_bytes(oid)) > key(after)), len(ordered))
    following = [item(OID, oid_bytes(oid)) + told(tree[oid]) for oid in ordered[start : start + most]]
    if len(following) < most:
        following.append(item(OID, after) + item(END_OF_TREE, b""))
    return b"".join(item(SEQUENCE, binding) for binding in following)


def key(encoded: bytes) -> list[int]:
    decoded, number = [], 0
    for byte in encoded:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            decoded.append(number)
            number = 0
    return decoded


class SnmpPrinter:
    """Answers on a port of its own, to whoever knows the community."""

    def __init__(
        self, tree: Tree, *, community: str = "public", spoil: Spoil | None = None, stuck: bool = False
    ) -> None:
        self.tree, self.community, self.spoil, self.stuck = tree, community.encode(), spoil, stuck
        self.channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.channel.bind(("127.0.0.1", 0))
        self.channel.settimeout(0.05)
        self.port: int = self.channel.getsockname()[1]
        self.is_open = True
        self.thread = Thread(target=self._serve, daemon=True)
        self.thread.start()

    def uri(self, community: str = "") -> str:
        return f"snmp://{community}{'@' if community else ''}127.0.0.1:{self.port}"

    def close(self) -> None:
        self.is_open = False
        self.thread.join(5)
        self.channel.close()

    def _serve(self) -> None:
        while self.is_open:
            try:
                question, asker = self.channel.recvfrom(65_535)
            except TimeoutError:
                continue
            right = self.answer(question)
            if right is None:
                continue
            for datagram in self.spoil(right) if self.spoil else [right]:
                self.channel.sendto(datagram, asker)

    def answer(self, question: bytes) -> bytes | None:
        """The right answer; None for who does not know the community."""
        version, community, pdu = items(items(question)[0][1])
        if community[1] != self.community:
            return None
        request_id, _, most, asked = items(pdu[1])
        after = items(items(asked[1])[0][1])[0][1]
        found = bindings(self.tree, oid_bytes(SUPPLY) if self.stuck else after, int.from_bytes(most[1], "big"))
        body = item(INTEGER, request_id[1]) + integer(0) + integer(0) + item(SEQUENCE, found)
        return item(SEQUENCE, item(*version) + item(*community) + item(RESPONSE, body))
