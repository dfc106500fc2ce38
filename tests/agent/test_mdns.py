"""Finding printers: what their announcements mean, each printer once, and packets that are none."""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.discovery import each_once
from agent.mdns.browse import GROUP, PORT, Found, browse, found_in
from agent.mdns.packet import PTR, SRV, TXT, A, Record, _name, question, records

UUID = "0a1b2c3d-0000-4000-8000-00000000beef"
ABOUT = {"rp": "ipp/print", "ty": "Canon TS8430 series", "uuid": UUID.upper()}
NAME = "Canon TS8430. Office._ipp._tcp.local"


def found(scheme: str = "ipp", address: str = "10.0.0.9", port: int = 631, **about: str) -> Found:
    return Found(scheme, "Canon TS8430", address, port, {**ABOUT, **about})


def record(name: str, kind: int, data: bytes) -> bytes:
    return _name(name) + struct.pack(">2HIH", kind, 0x8001, 120, len(data)) + data


def packet() -> bytes:
    """An answer as a printer gives it: the instance's name is told once, and pointed to."""
    instance = _name("Canon TS8430\\. Office")[:-1] + b"\xc0\x0c"
    head = struct.pack(">6H", 0, 0x8400, 0, 1, 0, 3)
    pointer = record("_ipp._tcp.local", PTR, instance)
    where = 12 + len(_name("_ipp._tcp.local")) + 10
    named = struct.pack(">H", 0xC000 | where)
    text = b"".join(bytes([len(pair)]) + pair for pair in (b"rp=ipp/print", b"TY=Canon", b"Color"))
    srv = named + struct.pack(">2HIH", SRV, 0x8001, 120, 6 + len(_name("h.local")))
    srv += struct.pack(">3H", 0, 0, 8631) + _name("h.local")
    txt = named + struct.pack(">2HIH", TXT, 0x8001, 120, len(text)) + text
    return head + pointer + srv + txt + record("H.local", A, bytes([10, 0, 0, 9]))


WHOLE = packet()


def test_an_announcement_is_understood() -> None:
    assert found_in(records(WHOLE)) == [
        Found("ipp", "Canon TS8430. Office", "10.0.0.9", 8631, {"rp": "ipp/print", "ty": "Canon", "color": ""})
    ]


def test_what_is_not_known_completely_is_not_found() -> None:
    assert found_in([each for each in records(WHOLE) if each.type != A]) == []


def test_a_question_is_no_answer() -> None:
    asked = question([("_ipp._tcp.local", PTR)])
    assert asked.endswith(b"\x04_ipp\x04_tcp\x05local\x00\x00\x0c\x80\x01")
    assert records(asked) == []


def test_a_name_that_goes_in_a_circle_ends() -> None:
    assert records(struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0) + b"\xc0\x0c" + bytes(10)) == []


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_a_packet_that_is_cut_off_holds_nothing(length: int) -> None:
    assert records(WHOLE[:length]) == []


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6))
@settings(max_examples=300)
def test_a_damaged_packet_does_no_harm(at: int, damage: bytes) -> None:
    for each in each_once(found_in(records(WHOLE[:at] + damage + WHOLE[at + len(damage) :]))):
        assert each.uri.startswith("ipp")


def test_a_printer_is_one_however_often_it_announces_itself() -> None:
    printers = each_once([found("ipps"), found(), found(address="10.0.0.10")])
    assert [printer.as_json() for printer in printers] == [
        {
            "uri": "ipp://10.0.0.9/ipp/print",
            "make_and_model": "Canon TS8430 series",
            "printer_uuid": UUID,
            "address": "10.0.0.9",
            "name": "Canon TS8430",
            "uris": ["ipp://10.0.0.9/ipp/print", "ipp://10.0.0.10/ipp/print", "ipps://10.0.0.9/ipp/print"],
        }
    ]


def test_two_printers_of_one_model_are_two() -> None:
    other = "0a1b2c3d-0000-4000-8000-00000000cafe"
    assert [each.printer_uuid for each in each_once([found(), found(uuid=other, address="10.0.0.8")])] == [other, UUID]


def test_without_uuid_the_address_tells_them_apart() -> None:
    assert len(each_once([found(uuid=""), found("ipps", uuid=""), found(uuid="", rp="ipp/second")])) == 2


def test_an_older_printer_tells_its_own_path() -> None:
    assert each_once([found(rp="ipp/printer", port=8631)])[0].uri == "ipp://10.0.0.9:8631/ipp/printer"


def test_only_an_address_that_can_be_reached_counts() -> None:
    pointer = Record("_ipp._tcp.local", PTR, NAME)
    place = Record(NAME, SRV, "h.local", 631)
    assert found_in([pointer, place, Record("h.local", 28, "fe80::1")]) == []
    reached = found_in([pointer, place, Record("h.local", 28, "fe80::1"), Record("h.local", 28, "fd00::9")])
    assert each_once(reached)[0].uri == "ipp://[fd00::9]/ipp/print"


@pytest.fixture
def announced() -> Iterator[None]:
    """A printer on this computer's own network answers whoever asks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        channel.bind(("", PORT))
        membership = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
        channel.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        thread = Thread(target=answer_all, args=(channel,), daemon=True)
        thread.start()
        yield
        with suppress(OSError):  # it wakes up all the same
            channel.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def answer_all(channel: socket.socket) -> None:
    while True:
        packet, asker = channel.recvfrom(9000)
        if not packet:
            return
        channel.sendto(b"garbage", asker)
        channel.sendto(WHOLE, asker)


@pytest.mark.usefixtures("announced")
def test_the_network_is_asked() -> None:
    assert ("Canon TS8430. Office", "10.0.0.9") in [(each.name, each.address) for each in browse(1.0)]
