"""Every form of every page, sent with what no browser would send: never our error, nothing half done, nothing foreign.

The forms are found by walking the pages, as their owner, as staff and by the links of mails. In each, every field in
turn holds something odd, is missing, or comes twice; then all of them at once. HOSTILE_ALL=1 tries every odd value in
every field, which takes minutes.
"""

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from billing.gateway.wire import PacedClient
from enrollment import invitations, links
from enrollment.models import Address, Plan, User
from notifications import mail_links
from orders.models import Order
from tests.ars.backoffice.troubles import TROUBLES
from tests.ars.page_forms import Form, Page, Pairs
from tests.factories import NOW, AddressFactory, ClaimFactory, MessageFactory, UserFactory
from tests.orders.world import World, make_world
from tests.staff import with_second_factor

FORM = "application/x-www-form-urlencoded"
ODD = [
    *("", "\x00", "a\x00b", "\r\n", "\x1b[31m", "\x7f", "😀" * 60, "\u202eمرحبا", "\u2028", "ß" * 300, "x" * 70_000),
    *("-1", "0", "9" * 30, "9" * 5_000, "1e309", "NaN", "1.5", "٣", "²", "0x10", "true", "null", "[]", "{}", "None"),
    *("' OR 1=1 --", "<script>alert(1)</script>", "{{ 7 }}", "%s%n", "../../etc/passwd", "javascript:alert(1)"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "a@b", "ana@example.com\nBcc: b@example.com", "https://[::1"),
]
JUNK = [b"%ff%fe=%00", b"=&=&&", b"a" * 5_000, b"&".join(b"x=1" for _ in range(1_100)), b'{"a": 1}']
ALL = "HOSTILE_ALL" in os.environ
AWAY: Any = stripe.APIConnectionError
WITHOUT = {"django_session", "django_migrations"}  # a message to be shown next is kept there
# A POST that is answered with a page all the same, though it did something: a secret that is shown this once.
SHOWS = re.compile(r"/admin/(enrollment/apikey|notifications/endpoint)/")


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A customer with an order and a backorder; each sort of trouble; and a card service that does not answer."""

    def away(*_: object, **__: object) -> None:
        raise AWAY("away")

    monkeypatch.setattr(PacedClient, "request", away)
    with time_machine.travel(NOW, tick=False):
        made = make_world()
        made.stock("PGBK", 10)
        MessageFactory.create(user=made.plan.user, order=made.order())
        made.order("C")
        ClaimFactory.create(plan=made.plan)
        yield made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shape(address: str) -> str:
    """Addresses of one page for different things are one."""
    return re.sub(r"\d[\d-]*|(?<=/)[\w:=-]{25,}(?=/)", "1", address.partition("?")[0])


def walk(client: Client, start: list[str]) -> list[Form]:
    """The forms of all pages that can be reached from there, each once."""
    waiting, seen, found = list(start), set(map(shape, start)), dict[tuple[str, str], Form]()
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code in (301, 302):
            page = Page(address, f'<a href="{answer["Location"]}">')
        elif answer.get("Content-Type", "").startswith("text/html"):
            page = Page(address, answer.content.decode())
        else:
            continue
        for form in page.forms:
            found.setdefault((shape(form.action), ",".join(sorted(form.sent))), form)
        for link in page.links:
            if (
                urlsplit(link).netloc == ""
                and link.startswith("/")
                and "logout" not in link
                and shape(link) not in seen
            ):
                seen.add(shape(link))
                waiting.append(link)
    return list(found.values())


def odd(form: Form, place: int, count: int) -> list[str]:
    """Some of ODD, in turn: which, is chosen by the form and the field, and so is always the same."""
    turn = zlib.crc32(shape(form.action).encode()) + 3 * place
    return ODD if ALL else [ODD[(turn + step) % len(ODD)] for step in range(count)]


def tries(form: Form) -> Iterator[Pairs]:
    """What is sent by a form."""
    good = list(form.sent.items())
    for place, (name, _) in enumerate(good):
        for each in odd(form, place, 1):
            yield [(other, each if other == name else value) for other, value in good]
        if ALL or place % 3 == 0:
            yield [pair for pair in good if pair[0] != name]
    for each in odd(form, len(good), 2):
        yield [(name, each) for name in form.sent]
    yield good + [(name, "x") for name in form.sent]


def kept() -> dict[str, tuple[int, int]]:
    """How many rows each of our tables has, and what is in them."""
    tables = sorted({model._meta.db_table for model in apps.get_models()} - WITHOUT)
    sums = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(r::text, 0)), 0) FROM {table} r" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # the tables are small, whatever it guesses
        cursor.execute(sums)
        return {table: (count, total) for table, count, total in cursor.fetchall()}


def written() -> int:
    """How many rows this transaction wrote, those that were taken back too; costs nothing, unlike `kept`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables "
            "WHERE relname <> ALL(%s)",
            [list(WITHOUT)],
        )
        return int(cursor.fetchone()[0])


def send(client: Client, form: Form, sent: Pairs | bytes, before: dict[str, tuple[int, int]]) -> int:
    """The status; what was done is undone. Whatever was not accepted has changed nothing."""
    cache.clear()  # limits would answer for what is behind them
    body = sent if isinstance(sent, bytes) else urlencode(sent).encode()
    with transaction.atomic():
        so_far = written()
        answer = client.generic("POST", form.action, body, FORM)
        assert answer.status_code < 500, (form.action, sent)
        if answer.status_code not in (301, 302) and not SHOWS.match(form.action) and written() != so_far:
            assert kept() == before, (form.action, sent)
        transaction.set_rollback(True)
    return answer.status_code


def attack(client: Client, forms: list[Form]) -> int:
    """How many posts were tried on all of them."""
    before, count = kept(), 0
    for form in forms:
        if form.method == "get":
            for each in odd(form, 0, 3):
                answer = client.get(form.action, dict.fromkeys(form.sent, each))
                assert answer.status_code < 500, (form.action, each)
            continue
        bodies: list[Pairs | bytes] = [*tries(form), *(JUNK if ALL else JUNK[:1])]
        for sent in bodies:
            send(client, form, sent, before)
            count += 1
    return count


def test_a_customers_pages(world: World) -> None:
    client = signed_in(world.plan.user)
    forms = walk(client, ["/account/", "/accounts/", "/activate/", "/enroll/", "/account/data/delete/"])
    assert len(forms) > 20
    assert attack(client, forms) > 2 * len(forms)


def test_pages_for_everybody_and_by_the_links_of_mails(world: World) -> None:
    forms = walk(Client(), [*mailed(world), "/", "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"])
    assert len(forms) > 10
    assert attack(Client(), forms) > 2 * len(forms)


def mailed(world: World) -> Iterator[str]:
    """The addresses that mails lead to."""
    released, waiting = Order.objects.order_by("pk")
    need, claim = waiting.lines.get().replenishment, world.plan.claims.get()
    assert need is not None
    things = {mail_links.ASKED: need.pk, mail_links.CLAIM: claim.pk, mail_links.WAITING: waiting.pk}
    for purpose in (mail_links.ORDER, mail_links.CANCEL, *things):
        yield f"/mail/{purpose}/{links.sign(mail_links.purpose_of(purpose), things.get(purpose, released.pk))}/"
    yield f"/pay/{links.sign(links.PAY, released.pk)}/"
    yield f"/welcome/{invitations.sign(world.plan)}/"


@pytest.mark.parametrize("half", [0, 1])
def test_the_back_office(world: World, half: int) -> None:
    """With one of each thing that waits for staff; in two halves, for two processes."""
    for make in TROUBLES.values():
        with suppress(IntegrityError), transaction.atomic():  # some want one and the same charge: the first has it
            make()
    client = signed_in(with_second_factor(UserFactory.create(is_staff=True, is_superuser=True)))
    forms = walk(client, ["/admin/", f"/admin/customers/{world.plan.user_id}/", "/admin/pack/"])
    assert len(forms) > 40
    assert attack(client, forms[half::2]) > len(forms) / 2


def test_nobody_sends_the_forms_of_another_customer(world: World) -> None:
    """Whatever the owner may send is refused to somebody else who is signed in, and changes nothing."""
    forms = [form for form in walk(signed_in(world.plan.user), ["/account/"]) if re.search(r"/\d", form.action)]
    other, before = signed_in(UserFactory.create()), kept()
    assert len(forms) > 10
    for form in forms:
        assert send(other, form, list(form.sent.items()), before) == 404, form.action


def test_no_field_takes_what_belongs_to_another_customer(world: World) -> None:
    """Every number in a form of one's own is changed for one of theirs: their rows stay as they are."""
    theirs = make_world()
    AddressFactory.create(user=theirs.plan.user)
    numbers = {theirs.plan.pk, theirs.plan.shipping_address_id, theirs.plan.user_id, theirs.plan.printer_id}
    client, before = signed_in(world.plan.user), their_rows(theirs.plan.user)
    for form in walk(client, ["/account/"]):
        for number in numbers if form.method == "post" else ():
            swapped = [(name, str(number) if value.isdigit() else value) for name, value in form.sent.items()]
            with transaction.atomic():
                client.post(form.action, urlencode(swapped), FORM)
                assert their_rows(theirs.plan.user) == before, (form.action, swapped)
                assert not Plan.objects.filter(user=world.plan.user, shipping_address__user=theirs.plan.user).exists()
                transaction.set_rollback(True)


def their_rows(user: User) -> list[object]:
    """What a customer has."""
    rows: list[object] = [*Plan.objects.filter(user=user).values(), *Address.objects.filter(user=user).values()]
    return [*rows, *Order.objects.filter(user_id=user.pk).values(), *User.objects.filter(pk=user.pk).values()]
