"""Staff hear of a disputed payment and of its end: one mail each, however often it is told."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings

from billing import disputes
from billing.models import Dispute
from notifications import tasks
from notifications.models import Message
from tests.billing.paid import paid
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def hear(status: str, said_at: datetime, **more: Any) -> bool:
    about = {"id": "dp_1", "payment_intent": "pi_1", "amount": 6497, "reason": "product_not_received"}
    due_by = datetime(2026, 12, 4, 9, tzinfo=UTC).timestamp()
    said = {"status": status, "created": NOW.timestamp(), "evidence_details": {"due_by": due_by}}
    return disputes.heard({**about, **said, **more}, said_at, NOW)


def mails() -> list[str]:
    with time_machine.travel(NOW, tick=False):
        tasks.sweep_disputes()
    told = Message.objects.filter(kind="payment_disputed").order_by("pk")
    assert {mail.to for mail in told} == {settings.SUPPORT_EMAIL}
    return [f"{mail.subject}\n{' '.join(mail.text.split())}" for mail in told]


def test_its_beginning_is_told_with_the_last_day_and_the_evidence() -> None:
    number = paid().order.display_number
    hear("needs_response", NOW)
    (mail,) = mails()
    assert mail.startswith(f"Disputed: $64.97 of order {number}\n")
    assert "It says: product not received. Evidence must be sent by 04 Dec 2026, 09:00 UTC." in mail
    assert f"{settings.SITE_URL}/admin/billing/dispute/{Dispute.objects.get().pk}/evidence/" in mail


@pytest.mark.parametrize(("end", "told"), [("won", "Dispute won: $64.97"), ("lost", "Dispute lost: the bank gave")])
def test_its_end_is_told_once(end: str, told: str) -> None:
    paid()
    hear("needs_response", NOW)
    hear("under_review", NOW.replace(minute=NOW.minute + 1))
    assert len(mails()) == 1
    hear(end, NOW.replace(minute=NOW.minute + 2))
    assert [mail.startswith(told) for mail in mails()] == [False, True]
    Dispute.objects.update(due_at=NOW)  # as after a crash between the mail and the mark
    assert len(mails()) == 2
