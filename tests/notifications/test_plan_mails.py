"""What a plan's first step makes: the mail how to activate, once, per enrolment path; and its secret."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account import app_settings
from django.core.mail import EmailMultiAlternatives

from enrollment import claims, lifecycle, purchases
from enrollment.models import PairingRequest, Plan, PlanEvent
from notifications import outbox
from notifications.models import HIDDEN, Message
from printers import tokens
from printers.models import Printer, PrinterModel, Series
from tests.ars.account.conftest import report
from tests.enrollment.askers import ask
from tests.factories import (
    NOW,
    ConsentFactory,
    PartnerFactory,
    PlanFactory,
    PrinterFactory,
    PrinterModelFactory,
    SlotFactory,
    UserFactory,
)
from tests.notifications.gallery import OF_ACCOUNT
from tests.notifications.test_html import LONGEST_LINE, Page

pytestmark = pytest.mark.django_db


def model(path: str = Series.EnrollmentPath.DOWNLOAD) -> PrinterModel:
    return PrinterModelFactory.create(name="TS9120", slug="ts9120", series__name="PIXMA", series__enrollment_path=path)


def buy() -> Plan:
    """What the store API does."""
    address = {"full_name": "Ana Ruiz", "line1": "1 Elm", "city": "Portland", "state": "OR", "postal_code": "97201"}
    body = {"email": "ana@example.com", "full_name": "Ana Ruiz", "model": "TS9120", "shipping_address": address}
    return purchases.record(PartnerFactory.create(name="Ink & Paper"), "P-1", body, NOW)[0].plan


def read() -> list[Message]:
    """Read every step that is due, as the worker does."""
    due = PlanEvent.objects.filter(due_at__lte=NOW)
    outbox.read_plan_events(list(due.values_list("pk", flat=True)), NOW)
    return list(Message.objects.order_by("pk"))


def test_a_purchase_is_mailed_how_to_activate() -> None:
    model()
    plan = buy()
    (mail,) = read()
    assert (mail.kind, mail.to, mail.user) == ("activation", "ana@example.com", plan.user)
    assert mail.subject == "Three steps until ink comes by itself: your PIXMA TS9120"
    assert mail.text.startswith(
        "Hello Ana,\n\nYou ticked auto replenishment when you bought your PIXMA TS9120 from Ink & Paper."
    )
    assert f"\n   https://ink.example/welcome/{HIDDEN}/\n" in mail.text
    assert "https://ink.example/activate/" in mail.text


@pytest.mark.parametrize(
    ("path", "said", "not_said"),
    [
        (Series.EnrollmentPath.DOWNLOAD, "Start Enrollment: ", "View Instructions"),
        (Series.EnrollmentPath.INSTRUCTIONS, "View Instructions: ", "Start Enrollment"),
    ],
)
def test_each_path_has_its_own_second_step(path: str, said: str, not_said: str) -> None:
    model(path)
    buy()
    (mail,) = read()
    address = {"download": "/download/", "instructions": "/instructions/"}[path]
    assert said in mail.text
    assert f"https://ink.example{address}" in Page(mail.html).links
    assert not_said not in mail.text + mail.html


def test_reading_again_makes_no_second_mail() -> None:
    model()
    buy()
    read()
    PlanEvent.objects.update(due_at=NOW)
    assert len(read()) == 1
    assert not PlanEvent.objects.filter(due_at__isnull=False).exists()


def test_the_secret_is_in_what_is_sent_and_forgotten_then(mailoutbox: list[EmailMultiAlternatives]) -> None:
    model()
    buy()
    (mail,) = read()
    assert mail.secret not in mail.text + mail.html
    assert outbox.send_next(NOW)
    for said in (str(mailoutbox[0].body), str(mailoutbox[0].alternatives[0][0])):
        assert re.search(r"https://ink\.example/welcome/[\w:-]+/", said)
        assert HIDDEN not in said
    mail.refresh_from_db()
    assert (mail.secret, mail.sent_at) == ("", NOW)


def test_who_began_in_the_portal_is_mailed_once_they_have_agreed() -> None:
    plan = lifecycle.create_plan(UserFactory.create(full_name=""), model(), now=NOW, by="customer")
    assert read() == []
    lifecycle.agree(plan, {}, None, NOW)
    (mail,) = read()
    assert mail.subject == "Three steps until ink comes by itself: your PIXMA TS9120"
    assert mail.text.startswith("You began to enrol your PIXMA TS9120.")


def test_where_only_the_printer_is_missing_the_mail_says_no_more() -> None:
    plan = PlanFactory.create(ready=True, model=model(), printer=None)
    lifecycle.agree(plan, {}, None, NOW)
    (mail,) = read()
    assert mail.subject == "Two steps until ink comes by itself: your PIXMA TS9120"
    assert "1. Start Enrollment: download" in mail.text
    assert "2. Activate: type the code" in mail.text
    assert "/welcome/" not in mail.text + mail.html


def test_a_buyer_who_agrees_is_not_told_again_how_to_activate() -> None:
    model()
    lifecycle.agree(buy(), {}, None, NOW)
    (mail,) = read()
    assert mail.text.startswith("Hello Ana,\n\nYou ticked auto replenishment")


def test_a_connected_printer_needs_no_instructions() -> None:
    printer = PrinterFactory.create(model=model())
    lifecycle.create_plan(UserFactory.create(), printer.model, printer=printer, now=NOW, by="customer")
    assert read() == []


def test_what_has_changed_before_it_was_read_is_not_told() -> None:
    plan = lifecycle.create_plan(UserFactory.create(), model(), now=NOW, by="customer")
    lifecycle.cancel(plan, "", NOW, "customer")
    assert [mail.kind for mail in read()] == ["plan_cancelled"]
    assert not PlanEvent.objects.filter(due_at__isnull=False).exists()


def test_an_owner_is_told_that_somebody_asked_for_the_printer() -> None:
    plan = PlanFactory.create(nickname="Front desk")
    claims.note(plan, UserFactory.create(), NOW)
    (mail,) = read()
    assert (mail.kind, mail.to, mail.subject) == ("printer_claimed", plan.user.email, "Is Front desk still yours?")
    assert "/mail/claim/" in mail.text
    assert "Nothing was changed" in mail.text


def activated(by: str = "customer", **state: Any) -> Plan:
    """A plan that has just become active; the printer has said so much of its black."""
    printer = PrinterFactory.create(model=model())
    SlotFactory.create(model=printer.model, code="PGBK", name="Black")
    plan = PlanFactory.create(ready=True, model=printer.model, printer=printer, nickname="Front desk")
    ConsentFactory.create(plan=plan)
    tokens.issue(printer)
    lifecycle.activate(plan, NOW, by)
    if state:
        report(plan, **state)
    return plan


def test_the_first_reading_is_mailed_with_the_news_that_the_plan_is_active() -> None:
    plan = activated(level=64)
    (mail,) = read()
    assert (mail.kind, mail.to) == ("activated", plan.user.email)
    assert mail.subject == "Connected: ink for Front desk now comes by itself"
    assert "Its first reading:\n\n  Black: 64\u00a0%\n" in mail.text
    assert "When it says that a cartridge is low, we order that one" in mail.text


def test_what_is_low_at_the_first_reading_is_said() -> None:
    activated(level=9)
    (mail,) = read()
    assert "Black: 9\u00a0%, low" in mail.text
    assert "Low already: Black." in mail.text


def test_without_a_reading_the_news_waits_for_it_and_is_told_once() -> None:
    plan = activated()
    assert read() == []
    assert PlanEvent.objects.get(status="active").due_at == NOW + timedelta(minutes=5)
    report(plan, level=64)
    PlanEvent.objects.update(due_at=NOW)
    assert [mail.kind for mail in read()] == ["activated"]
    PlanEvent.objects.update(due_at=NOW)
    assert len(read()) == 1
    assert not PlanEvent.objects.filter(due_at__isnull=False).exists()


def test_a_reading_from_before_the_yes_is_not_the_first() -> None:
    plan = activated(level=64)
    request, _ = ask(NOW - timedelta(minutes=1))
    PairingRequest.objects.filter(pk=request.pk).update(plan=plan, outcome="redeemed", answered_at=NOW)
    Printer.objects.update(seen_at=NOW - timedelta(minutes=1))
    assert read() == []
    assert PlanEvent.objects.get(status="active").due_at == NOW + timedelta(minutes=5)


def test_after_two_weeks_of_silence_nobody_waits_for_the_news() -> None:
    activated()
    PlanEvent.objects.update(at=NOW - timedelta(days=14))
    assert read() == []
    assert not PlanEvent.objects.filter(due_at__isnull=False).exists()


def test_what_staff_activate_is_not_news_to_its_owner_by_mail() -> None:
    activated(by="staff@example.com", level=64)
    assert read() == []


def test_a_plan_that_ended_before_its_first_reading_is_not_told_as_active() -> None:
    plan = activated()
    lifecycle.cancel(plan, "", NOW, "customer")
    assert [mail.kind for mail in read()] == ["plan_cancelled"]
    assert not PlanEvent.objects.filter(due_at__isnull=False).exists()


@pytest.mark.parametrize(("kind", "with_"), OF_ACCOUNT.items())
def test_a_mail_whose_words_stand_once_says_the_same_in_html(kind: str, with_: str) -> None:
    context = {"email": "a&b@example.com", "from_email": "a@b.example", "to_email": "c@d.example"}
    mail = outbox.compose(kind, context | ({with_: "https://x.example/1"} if with_ else {}), NOW, to="a&b@example.com")
    shown = Page(mail.html).text
    said = [line.strip().rstrip(":") for line in mail.text.partition("\n--\n")[0].splitlines() if line.strip()]
    assert [line for line in said if line not in shown and not line.startswith("https://")] == []
    assert re.findall(r"\{[{%#]|[}%#]\}|</?mj", mail.html + mail.text) == []
    assert max(len(line.encode()) for line in mail.html.splitlines()) < LONGEST_LINE
    assert mail.subject in shown


def test_a_code_is_said_to_be_good_as_long_as_it_is() -> None:
    mail = outbox.compose("login_code", {"code": "123456"}, NOW, to="a@b.example")
    assert f"for {app_settings.LOGIN_BY_CODE_TIMEOUT // 60} minutes" in mail.text
    assert app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT == app_settings.LOGIN_BY_CODE_TIMEOUT
