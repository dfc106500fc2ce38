"""Over a real socket: a server that takes mail, turns it away, or is not there."""

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django.fixtures import Settings

from notifications import outbox
from notifications.models import Message
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World


class Server:
    """Answers RCPT with the replies it was given, then 250; keeps what it takes."""

    def __init__(self) -> None:
        self.replies: list[str] = []
        self.taken: list[bytes] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.replies:
            return self.replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 OK"


@pytest.fixture
def port(settings: Settings) -> int:
    """A free port, which mails are sent to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    return int(settings.EMAIL_PORT)


@pytest.fixture
def server(port: int) -> Iterator[Server]:
    listening = Server()
    controller = Controller(listening, hostname="127.0.0.1", port=port)
    controller.start()
    yield listening
    controller.stop()


@pytest.fixture
def message(world: World) -> Message:
    world.order("PGBK")
    return shop.read_one()


def test_a_mail_arrives_as_it_was_kept(server: Server, message: Message) -> None:
    assert outbox.send_next(NOW)
    (taken,) = server.taken
    mail = email.message_from_bytes(taken, policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == message.text
    assert (mail["to"], mail["message-id"]) == ("ana@example.com", f"<message-{message.pk}@ink.example>")


def test_a_mail_turned_away_for_now_is_delivered_later(server: Server, message: Message) -> None:
    server.replies = ["451 Try again", "451 Try again"]
    for minutes in (0, 1, 6):
        assert outbox.send_next(NOW + timedelta(minutes=minutes))
    message.refresh_from_db()
    assert (message.sent_at, message.attempts, len(server.taken)) == (NOW + timedelta(minutes=6), 3, 1)


def test_an_address_nobody_has_is_given_up(server: Server, message: Message) -> None:
    server.replies = ["550 No such user"]
    outbox.send_next(NOW)
    message.refresh_from_db()
    assert (message.sent_at, message.due_at, server.taken) == (None, None, [])
    assert "No such user" in message.last_error


@pytest.mark.usefixtures("port")
def test_without_a_server_the_mail_waits(message: Message) -> None:
    outbox.send_next(NOW)
    message.refresh_from_db()
    assert (message.sent_at, message.due_at) == (None, NOW + timedelta(minutes=1))
    assert message.last_error.startswith("ConnectionRefusedError")
