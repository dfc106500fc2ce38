"""What must never stand in a log, taken out of every line before it is written, whoever wrote it.

Nothing of ours logs a secret. This is the second fence: for the words of libraries, of servers and of the database,
whose errors repeat what they were given.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

HIDDEN = "[hidden]"
# By the name of a field, whole or the end of it: `device_token`, `ship_to`.
SECRET_NAMES = re.compile(
    r"(?:password|passwd|token|secret|api_?key|authorization|cookie|session_?key|card|cvc|number_of_card|ship_to|address"
    r"|line1|line2|full_name|postal_code|phone|email|user_code|device_code)$",
    re.IGNORECASE,
)
OURS = frozenset(
    {"timestamp", "level", "logger", "request_id", "trace", "task", "task_id", "woken_by"}
)  # clean by birth
NAMED = (
    "password",
    "token",
    "secret",
    "api_key",
    "user_code",
    "device_code",
    "cvc",
    "line1",
    "line2",
    "full_name",
    "phone",
)
# Words without which there is nothing to find (looked for first: most lines have none), what is found, what is left.
# The order counts: what holds another stands before it.
PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    # PostgreSQL repeats rows in its errors: addresses, e-mail addresses, whatever was in them.
    (("failing row",), re.compile(r"Failing row contains \(.*", re.DOTALL), f"Failing row contains ({HIDDEN})"),
    (
        ("key (",),
        re.compile(r"Key \(([^)]*)\)=\(.*?\)(?= (?:already|is|conflicts)|$)", re.DOTALL),
        rf"Key (\1)=({HIDDEN})",
    ),
    # user:password@ of a URL.
    (("://",), re.compile(r"(\w+://)[^\s/@]*@"), rf"\1{HIDDEN}@"),
    # Our own keys and tokens, Stripe's, and what a browser may confirm a payment with.
    (("ars_",), re.compile(r"\bars_(?:device|store|warehouse)_[\w-]{8,}"), HIDDEN),
    (("sk_", "rk_", "whsec_"), re.compile(r"\b(?:sk|rk)_(?:live|test)_\w+|\bwhsec_[\w+/=-]+"), HIDDEN),
    (("_secret_",), re.compile(r"\b((?:pi|seti)_\w+?)_secret_\w+"), rf"\1_secret_{HIDDEN}"),
    (
        ("bearer", "api-key", "basic"),
        re.compile(r"\b(Bearer|Api-Key|Basic)\s+[\w.~+/=:-]{8,}", re.IGNORECASE),
        rf"\1 {HIDDEN}",
    ),
    # name=value and 'name': 'value' of forms, queries and printed dictionaries.
    (
        NAMED,
        re.compile(
            rf"(['\"]?\b(?:{'|'.join(NAMED)})\b['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&'\"]+)", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
    # What Django signed - the links of mails, sessions - and the keys of links that set a password.
    ((":",), re.compile(r"\b[\w-]+:[\w-]{5,8}:[\w-]{27,}"), HIDDEN),
    (("/reset/key/",), re.compile(r"(/password/reset/key/)[^/\s]+"), rf"\1{HIDDEN}"),
    (("@",), re.compile(r"[\w.+%-]+@(?:[\w-]+\.)+\w{2,}"), HIDDEN),
)
CARD = re.compile(r"(?<![\w-])[2-6](?:[ -]?\d){12,18}(?![\w-])")


def scrub(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: the event without what nobody is to read. Fields that say nothing are left out."""
    return {key: value if key in OURS else _field(key, value) for key, value in event.items() if value != ""}


def clean(value: Any) -> Any:
    """The same without secrets, whatever it is made of."""
    match value:
        case str():
            return _clean_text(value)
        case Mapping():
            return {key: _field(str(key), each) for key, each in value.items()}
        case list() | tuple():
            return [clean(each) for each in value]
        case bool() | int() | float() | None:
            return value
    return _clean_text(str(value))


def _field(name: str, value: Any) -> Any:
    return HIDDEN if SECRET_NAMES.search(name) else clean(value)


def _clean_text(text: str) -> str:
    folded = text.lower()
    for words, pattern, left in PATTERNS:
        if any(word in folded for word in words):
            text = pattern.sub(left, text)
    return CARD.sub(lambda found: HIDDEN if _is_card(found[0]) else found[0], text)


def _is_card(text: str) -> bool:
    """Whether the last digit is the check digit that cards have (ISO/IEC 7812)."""
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
