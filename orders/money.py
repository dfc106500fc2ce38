"""Amounts and order numbers as people read them; the one place that formats money."""

import secrets
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import pgettext

# Damm's quasigroup of order 10 (H. M. Damm, 2004): catches every single wrong digit and every swap of neighbours.
DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
DIGITS = 9
SYMBOLS = {"usd": "$"}


def damm(digits: str) -> int:
    """The check digit of `digits`; 0 for a number that already ends in its own."""
    state = 0
    for digit in digits:
        state = DAMM[state][int(digit)]
    return state


def new_number() -> str:
    """Nine digits, the last a check digit; random, so that a number tells nothing about how many there are."""
    digits = str(secrets.randbelow(9 * 10 ** (DIGITS - 2)) + 10 ** (DIGITS - 2))
    return f"{digits}{damm(digits)}"


def parse_number(typed: str) -> str | None:
    """The nine digits of a number typed with or without dashes, blanks or the brand's prefix; None if it is none."""
    digits = "".join(character for character in typed if character.isascii() and character.isdigit())
    return digits if len(digits) == DIGITS and damm(digits) == 0 else None


def display_number(number: str) -> str:
    """4827-1936-5 of 482719365."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def display_amount(cents: int, currency: str = "usd") -> str:
    """$24.99 of 2499; points, commas and the place of the symbol are the language's."""
    symbol = SYMBOLS.get(currency, f"{currency.upper()} ")
    number = number_format(Decimal(abs(cents)) / 100, 2, force_grouping=True)
    shown = pgettext("an amount of money", "%(symbol)s%(number)s") % {"symbol": symbol, "number": number}
    return f"-{shown}" if cents < 0 else shown
