"""Each step is told once, each mail sent until it is gone, whoever dies meanwhile."""

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail as sent
from django.db import IntegrityError, transaction

from notifications import outbox, tasks
from notifications.models import Message
from orders import lifecycle
from orders.models import OrderEvent
from printers import facts
from tests.factories.printers import NOW
from tests.notifications import shop
from tests.orders.world import World, make_world
from tests.races.threads import errors, race

LEASE_OVER = NOW + outbox.SENDING + timedelta(seconds=1)
Died = KeyboardInterrupt


def die(*args: object) -> None:
    raise Died


def kill_at(owner: object, name: str, monkeypatch: pytest.MonkeyPatch, doing: Callable[[], object]) -> None:
    """Whoever is `doing` this dies when it comes to call `name`."""
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, die)
        with pytest.raises(Died):
            doing()


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Every mail fails with `error` when it is sent."""

    def fail(self: sent.EmailMultiAlternatives) -> int:
        raise error

    monkeypatch.setattr(sent.EmailMultiAlternatives, "send", fail)


@pytest.fixture
def message(world: World) -> Message:
    """A mail to be sent."""
    world.order("PGBK")
    return shop.read_one()


# Reading


def test_the_worker_reads_and_sends(world: World) -> None:
    world.order("PGBK")
    with time_machine.travel(NOW, tick=False):
        assert tasks.sweep_order_events() == 2
        assert tasks.sweep_messages() == 1
    assert [mail.subject for mail in sent.outbox] == ["Ordered: Black for Front desk, $24.99"]
    assert Message.objects.get().sent_at == NOW


def test_a_step_read_twice_makes_one_mail(world: World) -> None:
    world.order("PGBK")
    steps = list(OrderEvent.objects.values_list("pk", flat=True))
    outbox.read_events(steps, NOW)
    outbox.read_events(steps, NOW)
    assert Message.objects.count() == 1


def test_a_reader_that_dies_before_the_step_is_told_leaves_no_mail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order("PGBK")
    kill_at(lifecycle, "told", monkeypatch, shop.read_steps)
    assert Message.objects.count() == 0
    assert len(shop.read_steps()) == 1


@pytest.mark.django_db(transaction=True)
def test_readers_at_the_same_moment_make_one_mail() -> None:
    world = make_world()
    world.order("C")
    steps = list(OrderEvent.objects.values_list("pk", flat=True))
    outcomes = race(*[lambda: outbox.read_events(steps, NOW)] * 4)
    assert errors(outcomes) == []
    assert [message.kind for message in Message.objects.all()] == ["backordered"]


@pytest.mark.django_db(transaction=True)
def test_senders_at_the_same_moment_send_one_mail() -> None:
    make_world().order("C")
    shop.read_steps()
    assert sorted(race(*[lambda: outbox.send_next(NOW)] * 4)) == [False, False, False, True]
    assert len(sent.outbox) == 1


def test_what_a_dead_reader_had_claimed_is_read_after_the_lease(world: World) -> None:
    world.order("PGBK")
    assert len(facts.claim(OrderEvent, now=NOW, lease=facts.LEASE, limit=100)) == 2
    assert shop.read_steps(NOW + facts.LEASE - timedelta(seconds=1)) == []
    assert len(shop.read_steps(NOW + facts.LEASE)) == 1


def test_a_step_that_cannot_be_told_holds_up_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    bad = world.order("C")
    type(bad).objects.filter(pk=bad.pk).update(ship_to={})
    world.order("PGBK")
    with time_machine.travel(NOW, tick=False):
        tasks.sweep_order_events()
    assert [mail.kind for mail in Message.objects.all()] == ["order_confirmation"]
    assert [event.order for event in OrderEvent.objects.exclude(due_at=None)] == [bad]
    assert "read_events failed for fact" in caplog.text


def test_the_database_refuses_a_second_mail_of_a_step(message: Message) -> None:
    message.pk = None
    with pytest.raises(IntegrityError, match="one_mail_a_fact_and_kind"), transaction.atomic():
        message.save(force_insert=True)


# Sending


def test_what_is_kept_is_what_is_sent(message: Message) -> None:
    assert outbox.send_next(NOW)
    (mail,) = sent.outbox
    assert isinstance(mail, sent.EmailMultiAlternatives)
    assert (mail.subject, mail.body, mail.alternatives[0][0]) == (message.subject, message.text, message.html)
    assert (mail.from_email, mail.to, mail.reply_to) == (
        "ARS <no-reply@ars.example>",
        ["ana@example.com"],
        ["help@ars.example"],
    )
    assert mail.message()["Message-ID"] == f"<message-{message.pk}@ink.example>"


def test_a_sent_mail_is_done(message: Message) -> None:
    assert outbox.send_next(NOW)
    message.refresh_from_db()
    assert (message.sent_at, message.due_at, message.attempts, message.last_error) == (NOW, None, 1, "")
    assert not outbox.send_next(NOW + timedelta(days=30))


def test_a_sender_that_dies_before_it_marks_sends_the_same_mail_again(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at(outbox, "_unsent", monkeypatch, lambda: outbox.send_next(NOW))
    assert not outbox.send_next(LEASE_OVER - timedelta(seconds=2))
    assert outbox.send_next(LEASE_OVER)
    assert not outbox.send_next(LEASE_OVER + timedelta(days=1))
    assert [mail.message()["Message-ID"] for mail in sent.outbox] == [f"<message-{message.pk}@ink.example>"] * 2


def test_a_dead_senders_mail_is_sent_within_two_minutes() -> None:
    assert timedelta(seconds=20) < outbox.SENDING <= timedelta(seconds=110)


def test_a_mail_that_fails_waits_longer_each_time_and_is_given_up_after_three_days(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, ConnectionRefusedError(111, "Connection refused"))
    waits, now = [], NOW
    while outbox.send_next(now):
        message.refresh_from_db()
        waits.append(int((message.due_at - now).total_seconds() // 60) if message.due_at else None)
        now = message.due_at or now
    assert waits[:5] == [1, 5, 15, 60, 60]
    assert (waits[-1], message.sent_at, message.attempts) == (None, None, len(waits))
    assert timedelta(days=3) <= now - NOW < timedelta(days=3, hours=1)
    assert message.last_error == "ConnectionRefusedError: [Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("error", "later"),
    [
        (smtplib.SMTPRecipientsRefused({"ana@example.com": (550, b"No such user")}), None),
        (smtplib.SMTPRecipientsRefused({"ana@example.com": (450, b"Try later")}), NOW + timedelta(minutes=1)),
        (smtplib.SMTPSenderRefused(550, b"Who are you?", "no-reply@ars.example"), NOW + timedelta(minutes=1)),
        (smtplib.SMTPServerDisconnected("gone"), NOW + timedelta(minutes=1)),
        (TimeoutError("timed out"), NOW + timedelta(minutes=1)),
        (ValueError("Header values can't contain newlines"), NOW + timedelta(minutes=1)),
    ],
)
def test_only_an_address_refused_for_good_is_given_up_at_once(
    message: Message, monkeypatch: pytest.MonkeyPatch, error: Exception, later: datetime | None
) -> None:
    refuse(monkeypatch, error)
    outbox.send_next(NOW)
    message.refresh_from_db()
    assert (message.due_at, message.sent_at, message.attempts) == (later, None, 1)
    assert message.last_error.startswith(type(error).__name__)


def test_a_slower_sender_does_not_undo_a_quicker_one(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(self: sent.EmailMultiAlternatives) -> int:
        Message.objects.filter(pk=message.pk).update(sent_at=NOW, due_at=None, attempts=1)
        raise TimeoutError

    monkeypatch.setattr(sent.EmailMultiAlternatives, "send", slowly)
    outbox.send_next(NOW)
    message.refresh_from_db()
    assert (message.sent_at, message.due_at, message.last_error) == (NOW, None, "")


def test_a_mail_without_its_order_and_owner_is_still_sent(message: Message) -> None:
    Message.objects.update(order=None, user=None, order_event=None)
    assert outbox.send_next(NOW)
    assert len(sent.outbox) == 1
