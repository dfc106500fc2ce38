"""Anyone, from whatever they have at hand: which ways of looking fit what was typed, and whom each of them finds.

By an e-mail address as it begins; a name, or what a printer is called, each word as it begins ("ru ana": Ana Ruiz); a
phone number, at least its last seven digits; an order's number, or six digits of it in a row; a printer's serial or a
parcel's tracking number as it begins; a card's last four digits. Every way reads an index, so that it is quick among a
hundred thousand customers. Capitals do not matter; accents do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.db.models.functions import Lower

from billing.models import Card
from enrollment.models import Address, Plan, User
from enrollment.models.people import EMAIL_AS_TYPED, PHONE_BACKWARDS, WORDS_OF_NAME
from enrollment.models.plans import EXPECTED_SERIAL_AS_TYPED, WORDS_OF_NICKNAME
from orders.models import Order
from orders.models.found_by import RUN, RUNS_OF_NUMBER, TRACKING_AS_TYPED
from orders.money import DIGITS, display_number
from printers.models import SERIAL_AS_TYPED, Printer

AT_MOST = 50
SHORTEST_NAME, SHORTEST_CODE = 2, 4
PHONE_AT_LEAST, PHONE_AT_MOST = 7, 10  # without the country's 1
LAST_OF_ALL = chr(0x10FFFF)
Hit = tuple[int, str]  # whose it is, and what it is


@dataclass(frozen=True)
class Typed:
    """What was typed, as the ways of looking read it."""

    text: str

    @property
    def digits(self) -> str:
        return "".join(sign for sign in self.text if sign.isascii() and sign.isdigit())

    @property
    def is_number(self) -> bool:
        """Digits as people group them, and nothing else."""
        return bool(self.digits) and not re.search(r"[^\d\s().+/-]", self.text)

    @property
    def code(self) -> str:
        """As serial and tracking numbers are compared: in capitals, without blanks and dashes."""
        return re.sub(r"[\s-]", "", self.text).upper()

    @property
    def is_code(self) -> bool:
        """One word with a digit in it, or a number: what a machine or a parcel may be called."""
        return len(self.code) >= SHORTEST_CODE and any(sign.isdigit() for sign in self.code) and "@" not in self.code

    @property
    def words(self) -> list[str]:
        return re.findall(r"[^\W_]+", self.text.lower())


@dataclass
class Person:
    """Somebody found, and by what: kind and value."""

    user: User
    by: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """People, at most AT_MOST, and whether there were more."""

    people: list[Person]
    more: bool = False


@dataclass(frozen=True)
class Way:
    """A way of looking: what it is called, what staff must be allowed to read for it, when it fits, what it finds."""

    kind: str
    right: str
    fits: Callable[[Typed], bool]
    find: Callable[[Typed], Iterator[Hit]]


def people(text: str, staff: User) -> Found:
    """Whom `staff` may find by it."""
    typed, by_user, cut = Typed(" ".join(text.split())), dict[int, list[tuple[str, str]]](), False
    for way in WAYS:
        if not way.fits(typed) or not staff.has_perm(way.right):
            continue
        hits = list(way.find(typed))
        cut |= len(hits) > AT_MOST
        for user_id, value in hits:
            known = by_user.setdefault(user_id, [])
            if (way.kind, value) not in known:
                known.append((way.kind, value))
    first = list(by_user)[:AT_MOST]
    users = User.objects.in_bulk(first)
    found = [Person(users[user_id], by_user[user_id]) for user_id in first if user_id in users]
    return Found(found, more=cut or len(by_user) > AT_MOST)


def _begins(column: str, text: str) -> Q:
    """Of a column in the order of its bytes: it begins so."""
    return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}{LAST_OF_ALL}"})


def _all_words(words: list[str]) -> SearchQuery:
    """Each of the words begins one of the text's.

    Sorted by what no index sorts, its rows are read through the index of words: a bare LIMIT would tempt the database
    to read the table until it has enough, which is all of it where nobody is called so.
    """
    return SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")


def _by_email(typed: Typed) -> Iterator[Hit]:
    rows = User.objects.alias(typed=EMAIL_AS_TYPED).filter(_begins("typed", typed.text.lower()))
    yield from rows.order_by("typed").values_list("pk", "email")[: AT_MOST + 1]


def _by_name(typed: Typed) -> Iterator[Hit]:
    rows = User.objects.alias(words=WORDS_OF_NAME).filter(words=_all_words(typed.words))
    yield from rows.order_by(Lower("full_name"), "pk").values_list("pk", "full_name")[: AT_MOST + 1]


def _by_nickname(typed: Typed) -> Iterator[Hit]:
    rows = Plan.objects.alias(words=WORDS_OF_NICKNAME).filter(words=_all_words(typed.words))
    yield from rows.order_by(Lower("nickname"), "pk").values_list("user_id", "nickname")[: AT_MOST + 1]


def _by_phone(typed: Typed) -> Iterator[Hit]:
    backwards = typed.digits[-PHONE_AT_MOST:][::-1]
    rows = Address.objects.alias(typed=PHONE_BACKWARDS).filter(_begins("typed", backwards)).exclude(phone="")
    yield from rows.values_list("user_id", "phone")[: AT_MOST + 1]


def _by_order(typed: Typed) -> Iterator[Hit]:
    number = typed.digits
    rows = Order.objects.filter(number=number)
    if len(number) < DIGITS:
        rows = Order.objects.alias(runs=RUNS_OF_NUMBER).filter(
            Q(runs__contains=[number[:RUN]]), number__contains=number
        )
    for user_id, found in rows.values_list("user_id", "number")[: AT_MOST + 1]:
        yield user_id, display_number(found)


def _by_tracking(typed: Typed) -> Iterator[Hit]:
    rows = Order.objects.alias(typed=TRACKING_AS_TYPED).filter(_begins("typed", typed.code))
    for user_id, number in rows.exclude(tracking_number="").values_list("user_id", "tracking_number")[: AT_MOST + 1]:
        yield user_id, number
    among = Order.objects.filter(parcels__contains=[{"tracking_number": typed.code}])
    # No LIMIT: with one the database thinks that it meets enough of them soon, and reads all orders one by one.
    for user_id in islice(among.values_list("user_id", flat=True), AT_MOST + 1):
        yield user_id, typed.code


def _by_serial(typed: Typed) -> Iterator[Hit]:
    printers = Printer.objects.alias(typed=SERIAL_AS_TYPED).filter(_begins("typed", typed.code))
    found = dict(printers.exclude(serial_number="").values_list("pk", "serial_number")[: AT_MOST + 1])
    for user_id, printer in Plan.objects.filter(printer__in=list(found)).values_list("user_id", "printer_id"):
        yield user_id, found[printer]
    waiting = Plan.objects.alias(typed=EXPECTED_SERIAL_AS_TYPED).filter(_begins("typed", typed.code))
    yield from waiting.exclude(expected_serial="").values_list("user_id", "expected_serial")[: AT_MOST + 1]


def _by_card(typed: Typed) -> Iterator[Hit]:
    for card in Card.objects.filter(last4=typed.digits).order_by("-pk")[: AT_MOST + 1]:
        yield card.user_id, str(card)


def _names_order(typed: Typed) -> bool:
    """Six to nine digits; before them may stand the letters of the brand ("ARS 4827-1936-5")."""
    alone = typed.is_number or bool(re.fullmatch(r"[A-Za-z]*[\s:#-]*[\d\s-]+", typed.text))
    return alone and RUN <= len(typed.digits) <= DIGITS


def _may_be_phone(typed: Typed) -> bool:
    return typed.is_number and PHONE_AT_LEAST <= len(typed.digits) <= PHONE_AT_MOST + len("1")


def _has_letters(typed: Typed) -> bool:
    return not typed.is_number and "@" not in typed.text and len("".join(typed.words)) >= SHORTEST_NAME


WAYS = (
    Way("Order", "orders.view_order", _names_order, _by_order),
    Way("E-mail", "enrollment.view_user", lambda typed: "@" in typed.text or _has_letters(typed), _by_email),
    Way("Name", "enrollment.view_user", _has_letters, _by_name),
    Way("Phone", "enrollment.view_address", _may_be_phone, _by_phone),
    Way("Serial number", "enrollment.view_plan", lambda typed: typed.is_code, _by_serial),
    Way("Tracking number", "orders.view_order", lambda typed: typed.is_code, _by_tracking),
    Way("Card", "billing.view_card", lambda typed: typed.is_number and len(typed.digits) == len("4242"), _by_card),
    Way("Printer", "enrollment.view_plan", lambda typed: "@" not in typed.text and bool(typed.words), _by_nickname),
)
