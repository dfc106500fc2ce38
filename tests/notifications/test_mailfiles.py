"""Mails as files: one each, whole, readable as they are."""

import email
import email.policy
from email.message import EmailMessage as Parsed
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django.fixtures import Settings

from notifications import outbox
from notifications.mailfiles import EmailBackend
from notifications.models import Message
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """A folder that does not exist yet, with a blank in its name."""
    settings.EMAIL_BACKEND = "notifications.mailfiles.EmailBackend"
    settings.EMAIL_URL = f"filemail://{tmp_path}/my%20mails"
    return tmp_path / "my mails"


def mail(subject: str = "Hello") -> EmailMultiAlternatives:
    made = EmailMultiAlternatives(subject, "Grüße aus Köln\n", "ARS <no-reply@ars.example>", ["ana@example.com"])
    made.attach_alternative("<p>Grüße aus Köln</p>", "text/html")
    return made


def parse(file: Path) -> Parsed:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def test_a_mail_is_one_file(folder: Path) -> None:
    assert mail().send() == 1
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert parse(file)["subject"] == "Hello"


def test_it_is_text_of_eight_bits(folder: Path) -> None:
    mail().send()
    (file,) = folder.iterdir()
    assert "\nGrüße aus Köln\n" in file.read_bytes().decode()
    assert file.read_text().count("Content-Transfer-Encoding: 8bit") == 2


def test_an_order_mail_is_readable_as_it_lies(folder: Path, world: World) -> None:
    world.plan.nickname = "Réception"
    world.plan.save(update_fields=["nickname"])
    shop.ship(world, world.order("PGBK"))
    kept = shop.read_one()
    while outbox.send_next(NOW):
        pass
    file = next(file for file in folder.iterdir() if parse(file)["subject"] == kept.subject)
    assert "\nUPS tracking number: 1Z999AA10123456784\n" in file.read_text()
    body = parse(file).get_body(("plain",))
    assert body is not None
    assert (body.get_content(), body["content-transfer-encoding"]) == (kept.text, "8bit")
    page = parse(file).get_body(("html",))
    assert page is not None
    assert (page.get_content(), page["content-transfer-encoding"]) == (kept.html, "8bit")


def test_many_mails_are_many_files_in_order(folder: Path) -> None:
    assert EmailBackend().send_messages([mail(str(number)) for number in range(20)]) == 20
    assert [parse(file)["subject"] for file in sorted(folder.iterdir())] == [str(number) for number in range(20)]


def test_a_folder_that_cannot_be_written_is_an_error_and_the_mail_is_tried_again(folder: Path, world: World) -> None:
    folder.write_text("a file, not a folder")
    world.order("PGBK")
    message = shop.read_one()
    assert outbox.send_next(NOW)
    message = Message.objects.get(pk=message.pk)
    assert (message.sent_at, message.attempts) == (None, 1)
    assert message.last_error.startswith("FileExistsError")


def test_a_mail_half_written_is_no_mail(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        mail().send()
    assert list(folder.glob("*.eml")) == []
