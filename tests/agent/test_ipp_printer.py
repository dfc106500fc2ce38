"""Printers that answer well, and every way in which they do not: a reading or one sentence, soon."""

import socket
import time

import pytest

from agent.address import parse
from agent.certificates import Certificates
from agent.errors import NO_ANSWER, PrinterError
from agent.ipp import printer as by_ipp
from agent.supplies import Reading
from tests.agent.conftest import Start
from tests.agent.ipp_printer import INK, KEYWORD, IppPrinter, http_answer, ipp_answer, sends

WELL = http_answer(ipp_answer({**INK}))
SHORT = 0.4  # seconds, for the printers that never end


def read(printer: IppPrinter, path: str = "/ipp/print", scheme: str = "ipp", **trust: bool) -> Reading:
    return by_ipp.read(parse(printer.uri(path, scheme)), Certificates(**trust))


def test_a_printer_is_read(start: Start) -> None:
    told = read(start(sends(WELL)))
    assert (told.make_and_model, told.serial_number) == ("Canon TS8430 series", "ACDE04471")
    assert told.printer_uuid == "0a1b2c3d-0000-4000-8000-00000000beef"
    assert told.state_reasons == ["marker-supply-low"]
    assert [supply.level for supply in told.supplies] == [80, None, 12, 35]


def test_an_answer_in_chunks_is_read(start: Start) -> None:
    body = ipp_answer({**INK})
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, body[:9], len(body) - 9, body[9:])
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert len(read(start(sends(head + chunks))).supplies) == 4


@pytest.mark.parametrize("missing", [http_answer(b"", "404 Not Found"), http_answer(ipp_answer({}, status=0x0406))])
def test_the_usual_paths_are_tried_in_turn(start: Start, missing: bytes) -> None:
    printer = start(sends(missing, missing, WELL))
    assert len(read(printer, "/odd").supplies) == 4
    asked = [request.split(b" ")[1].decode() for request in printer.asked]
    assert asked == ["/odd", "/ipp/print", "/ipp/printer"]


def test_a_printer_that_knows_an_older_version_only_is_asked_in_it(start: Start) -> None:
    refused = http_answer(ipp_answer({}, status=0x0503, version=b"\x01\x01"))
    printer = start(sends(refused, http_answer(ipp_answer({**INK}, version=b"\x01\x01"))))
    assert len(read(printer).supplies) == 4
    assert [request.partition(b"\r\n\r\n")[2][:2] for request in printer.asked] == [b"\x02\x00", b"\x01\x01"]


def test_a_printer_that_takes_no_version_refused_to_be_read(start: Start) -> None:
    printer = start(sends(http_answer(ipp_answer({}, status=0x0503, version=b"\x01\x01"))))
    with pytest.raises(PrinterError, match=r"refused to be read: version not supported \(IPP 0x0503\)"):
        read(printer)
    assert len(printer.asked) == 3


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (http_answer(b"", "401 Unauthorized"), "asks for a password (HTTP 401)"),
        (http_answer(b"", "500 Internal Server Error"), "answered with HTTP 500"),
        (http_answer(b"<html>", kind="text/html"), "answered with text/html, which is no IPP"),
        (http_answer(b"hello"), "is cut off after 5 bytes, within its head"),
        (http_answer(b"GET / HTTP/1.0 and more"), "It is no IPP: it names version 71.69"),
        (http_answer(ipp_answer({**INK}, request_id=9)), "It answers request 9, where 1 was asked"),
        (http_answer(ipp_answer({})), "It holds no attribute of a printer"),
        (http_answer(ipp_answer({}, status=0x0507)), "refused to be read: busy (IPP 0x0507)"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "sent an answer that is none"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + bytes(1_200_000), "sent more than 1 MiB"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "did not answer as HTTP has it"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "did not answer as HTTP has it"),
        (b"", "did not answer as HTTP has it"),
    ],
)
def test_a_bad_answer_is_told_in_one_sentence(start: Start, answer: bytes, what: str) -> None:
    with pytest.raises(PrinterError) as told:
        read(start(sends(answer)))
    assert what in str(told.value)
    assert "\n" not in str(told.value)


def drip(_: bytes, channel: socket.socket) -> None:
    """An answer without an end, a byte at a time: no single wait is long."""
    channel.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        channel.sendall(b"x")
        time.sleep(0.05)


def silent(_: bytes, channel: socket.socket) -> None:
    channel.recv(1)


@pytest.mark.parametrize("behave", [drip, silent])
def test_a_printer_that_never_ends_is_left_in_time(start: Start, behave: object) -> None:
    began = time.monotonic()
    with pytest.raises(PrinterError, match="did not answer within 0 seconds") as told:
        by_ipp.read(parse(start(behave).uri()), Certificates(), SHORT)
    assert time.monotonic() - began < 20
    assert told.value.reason == NO_ANSWER


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(PrinterError, match="refuses the connection") as told:
        by_ipp.read(parse(f"ipp://127.0.0.1:{port}"), Certificates())
    assert told.value.reason == "refused"


class TestTls:
    def test_a_certificate_that_nobody_signed_is_believed_at_first_sight(self, start: Start) -> None:
        printer = start(sends(WELL), tls=True)
        assert len(read(printer, scheme="ipps").supplies) == 4
        assert len(read(printer, scheme="ipps").supplies) == 4

    def test_another_certificate_is_not(self, start: Start) -> None:
        first, second = start(sends(WELL), tls=True), start(sends(WELL), tls=True)
        read(first, scheme="ipps")
        first.certificate = second.certificate
        with pytest.raises(PrinterError, match="is not the one it had"):
            read(first, scheme="ipps")
        assert len(first.asked) == 1
        read(first, scheme="ipps", trust_new=True)
        assert len(read(first, scheme="ipps").supplies) == 4

    def test_a_printer_that_wants_tls_gets_it(self, start: Start) -> None:
        printer = start(sends(http_answer(b"", "426 Upgrade Required")))

        def upgrade(_: bytes, channel: socket.socket) -> None:
            printer.certificate, printer.behave = spare.certificate, sends(WELL)
            channel.sendall(http_answer(b"", "426 Upgrade Required"))

        spare = start(sends(WELL), tls=True)
        printer.behave = upgrade
        assert len(read(printer).supplies) == 4

    def test_a_printer_without_tls_is_told_so(self, start: Start) -> None:
        with pytest.raises(PrinterError, match="does not speak TLS"):
            read(start(sends(http_answer(b"", "400 Bad Request"))), scheme="ipps")


def test_reasons_come_once_and_without_severity(start: Start) -> None:
    told = [(KEYWORD, "media-low-report"), (KEYWORD, "media-low-warning"), (KEYWORD, "none")]
    answer = http_answer(ipp_answer({**INK, "printer-state-reasons": [*told]}))
    assert read(start(sends(answer))).state_reasons == ["media-low"]
