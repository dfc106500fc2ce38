"""What staff write of a customer: kept once, followed up once, forgotten with the account."""

from datetime import date
from uuid import uuid4

import pytest

from enrollment import closing, notes
from enrollment.models import Note
from enrollment.notes import Written
from printers.facts import Refused
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db


def test_sent_twice_it_is_one_note() -> None:
    ana, dana = UserFactory.create(), UserFactory.create(is_staff=True)
    written = Written(" Asked about XL. ", uuid4(), pinned=True)
    assert [notes.add(ana, written, dana, NOW) for _ in range(2)] == [True, False]
    note = Note.objects.get()
    assert (note.user, note.by, note.at, note.text, note.pinned, note.waits) == (
        *(ana, dana, NOW),
        *("Asked about XL.", True, False),
    )


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="Write what colleagues are to know"):
        notes.add(UserFactory.create(), Written(" \n ", uuid4()), UserFactory.create(), NOW)
    assert not Note.objects.exists()


def test_a_follow_up_is_done_once() -> None:
    ana, dana, sam = UserFactory.create_batch(3)
    notes.add(ana, Written("Call back.", uuid4(), follow_up_on=date(2026, 12, 1)), dana, NOW)
    notes.add(ana, Written("Nothing to do.", uuid4()), dana, NOW)
    asked, plain = Note.objects.order_by("pk")
    assert (asked.waits, plain.waits) == (True, False)
    assert [notes.followed_up(asked, sam, NOW), notes.followed_up(asked, dana, NOW)] == [True, False]
    assert not notes.followed_up(plain, sam, NOW)
    asked.refresh_from_db()
    assert (asked.done_by, asked.waits) == (sam, False)


def test_they_go_with_the_account() -> None:
    ana, other, dana = UserFactory.create_batch(3)
    for user in (ana, other):
        notes.add(user, Written("Has a dog.", uuid4()), dana, NOW)
    closing.close(ana, NOW)
    assert Note.objects.get().user == other
