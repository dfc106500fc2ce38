"""Queues: what waits for a person is there, taken by one at a time, put off with a reason, opened by role."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client

from ars.backoffice import counting, marks
from ars.backoffice.queues import QUEUES
from ars.models import Figure, QueueCount, QueueMark
from enrollment.models import User
from printers.facts import Refused
from tests.ars.access_callers import ROLES
from tests.ars.backoffice.troubles import TROUBLES
from tests.billing.paid import staff
from tests.factories import NOW, LowSignalFactory, UserFactory
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db

# What each role's queues are; a superuser has all.
SUPPORT = {*TROUBLES} - {"disputes", "differences"}
OPEN_TO = {
    "Support": SUPPORT,
    "Support lead": SUPPORT,
    "Warehouse": {"answers-due", "held", "backorders"},
    "Catalogue": {"unknown-supplies", "stuck-lowsignals"},
    "Finance": {
        "last-days-to-pay",
        "ready-without-card",
        "refunds",
        "disputes",
        "differences",
        "held",
        "stuck-charges",
        "follow-ups",
    },
    "superuser": {*TROUBLES},
}


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def boss() -> Client:
    return client_of(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))


def page_of(slug: str) -> str:
    return f"/admin/queues/{slug}/"


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def entries(client: Client, slug: str, show: str = "") -> list[tuple[str, str]]:
    """Address and text of what the page lists."""
    page = client.get(page_of(slug), {"show": show})
    assert page.status_code == 200
    found = re.findall(r'<p class="what">\s*<a href="([^"]+)">(.*?)</a>', page.text, re.DOTALL)
    return [(html.unescape(url), html.unescape(" ".join(text.split()))) for url, text in found]


def test_each_queue_has_a_trouble_to_try_it_with() -> None:
    assert set(TROUBLES) == set(QUEUES)


@pytest.mark.parametrize("slug", QUEUES)
def test_what_waits_is_listed_with_a_page_to_work_on_it(boss: Client, slug: str) -> None:
    assert entries(boss, slug) == []
    told = TROUBLES[slug]()
    ((url, text),) = entries(boss, slug)
    assert text == told
    assert boss.get(url).status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_which(role: str) -> None:
    person = with_second_factor(UserFactory.create(is_staff=True, is_superuser=role == "superuser"))
    if role != "superuser":
        person.groups.add(Group.objects.get(name=role))
    client = client_of(person)
    assert {slug for slug in QUEUES if client.get(page_of(slug)).status_code == 200} == OPEN_TO[role]
    refused = {client.post(page_of(slug), {"act": "next"}).status_code for slug in set(QUEUES) - OPEN_TO[role]}
    assert refused <= {403}


def test_one_at_a_time_works_on_an_entry(boss: Client, now: time_machine.Traveller) -> None:
    TROUBLES["held"]()
    key = {"key": QUEUES["held"].rows(NOW).get().pk}
    eve = client_of(staff("Support", "eve@example.com"))
    eve.post(page_of("held"), {"act": "claim", **key})
    assert "eve@example.com works on it" in boss.get(page_of("held")).text
    assert said(boss.post(page_of("held"), {"act": "claim", **key})) == "eve@example.com works on it."
    now.shift(marks.IDLE)
    assert "works on it" not in eve.get(page_of("held")).text
    boss.post(page_of("held"), {"act": "claim", **key})
    assert QueueMark.objects.get().by == User.objects.get(email="boss@example.com")
    eve.post(page_of("held"), {"act": "release", **key})
    assert QueueMark.objects.get().claimed_at is not None
    boss.post(page_of("held"), {"act": "release", **key})
    assert QueueMark.objects.get().claimed_at is None


def test_the_next_one_is_the_oldest_that_nobody_works_on(boss: Client) -> None:
    newer, older = (LowSignalFactory.create(due_at=NOW - timedelta(hours=hours)) for hours in (1, 2))
    eve = client_of(staff("Support", "eve@example.com"))
    slug = "stuck-lowsignals"
    went = [each.post(page_of(slug), {"act": "next"}).headers["Location"] for each in (boss, eve, eve)]
    change = "/admin/printers/lowsignal/{}/change/".format
    assert went == [change(older.pk), change(newer.pk), change(newer.pk)]
    assert boss.post(page_of(slug), {"act": "next"}).headers["Location"] == change(older.pk)
    nobody = client_of(staff("Catalogue", "cat@example.com")).post(page_of(slug), {"act": "next"})
    assert (nobody.headers["Location"], said(nobody)) == (page_of(slug), "Nothing waits that nobody works on.")


def test_what_is_put_off_sleeps_until_its_morning(boss: Client, now: time_machine.Traveller) -> None:
    told = TROUBLES["held"]()
    key = {"key": QUEUES["held"].rows(NOW).get().pk}
    form = {"act": "put_off", "until": (NOW + timedelta(days=2)).date().isoformat(), "reason": "She calls back."}
    assert said(boss.post(page_of("held"), form | key)) == "Put off until 25 Nov 2026."
    assert (entries(boss, "held"), [text for _, text in entries(boss, "held", "asleep")]) == ([], [told])
    counting.count(NOW)
    assert QueueCount.objects.get(queue="held").count == 0
    now.shift(timedelta(days=2))
    assert [text for _, text in entries(boss, "held")] == [told]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"act": "put_off", "until": "2026-11-25"}, "Say until which day it can wait, and why."),
        ({"act": "put_off", "until": "2026-11-23", "reason": "x"}, "Choose a day to come."),
        ({"act": "put_off", "until": "2027-11-25", "reason": "x"}, "Nothing sleeps longer than 60 days."),
        ({"act": "fly"}, "Choose what to do with it."),
        ({"act": "claim", "key": "999"}, "It does not wait here any more."),
        ({"act": "claim", "key": "9' or 1"}, "It does not wait here any more."),
    ],
)
def test_what_cannot_be_is_said(boss: Client, typed: dict[str, str], sentence: str) -> None:
    TROUBLES["held"]()
    key = {"key": str(QUEUES["held"].rows(NOW).get().pk)}
    assert said(boss.post(page_of("held"), key | typed)) == sentence
    assert not QueueMark.objects.filter(asleep_until__isnull=False).exists()


def test_who_puts_off_what_somebody_works_on_is_refused(boss: Client) -> None:
    eve, dana = staff("Support", "eve@example.com"), staff("Support", "dana@example.com")
    marks.claim("held", 1, eve, NOW)
    with pytest.raises(Refused, match=r"eve@example.com works on it\."):
        marks.put_off("held", 1, dana, NOW + timedelta(days=1), "Later.", NOW)


def test_counting_keeps_how_many_how_old_and_how_late() -> None:
    TROUBLES["stuck-lowsignals"]()
    LowSignalFactory.create(due_at=NOW - timedelta(minutes=6))
    counting.count(NOW)
    counted = QueueCount.objects.get(queue="stuck-lowsignals")
    assert (counted.count, counted.late, counted.oldest) == (2, 1, NOW - timedelta(days=1))
    assert Figure.objects.get(name="queue-stuck-lowsignals").value == 2
    counting.count(NOW + timedelta(minutes=1))
    assert Figure.objects.filter(name="queue-stuck-lowsignals").count() == 1


def test_what_reads_every_printer_is_counted_each_quarter_of_an_hour() -> None:
    seen = {minutes: _silent_after(minutes) for minutes in (0, 1, 14, 15)}
    assert seen == {0: 1, 1: 1, 14: 1, 15: 2}


def _silent_after(minutes: int) -> int:
    """Their count, where one more has fallen silent and everything is counted after so many minutes."""
    if minutes in (0, 1):
        TROUBLES["silent-printers"]()
    counting.count(NOW + timedelta(minutes=minutes))
    return QueueCount.objects.get(queue="silent-printers").count


def test_a_mark_of_nobody_is_forgotten() -> None:
    eve = staff("Support", "eve@example.com")
    marks.claim("held", 1, eve, NOW)
    marks.put_off("held", 2, eve, NOW + timedelta(days=1), "Later.", NOW)
    assert marks.forget(NOW + marks.IDLE) == 1
    assert QueueMark.objects.get().key == 2


def test_a_page_of_many_asks_as_often_as_one_of_few(boss: Client, django_assert_max_num_queries: Any) -> None:
    LowSignalFactory.create_batch(60, due_at=NOW - timedelta(days=1))
    with django_assert_max_num_queries(12):
        page = boss.get(page_of("stuck-lowsignals"))
    assert page.text.count('class="what"') == 50
    assert "?page=2" in page.text
