"""One id from a printer's report to the parcel and its mails: kept on the rows, and on every line logged about them.

A request's id is the caller's `X-Request-ID`, or a new one. The report that first says "low" leaves its id on the
signal it makes, from there it goes on to the order. Whoever works on an order, an hour later in another process, logs
under it.
"""

import re
from contextlib import AbstractContextManager, nullcontext
from secrets import token_hex

from structlog.contextvars import bound_contextvars, get_contextvars

LONGEST = 64
ACCEPTED = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{7,{LONGEST - 1}}}", re.ASCII)  # nothing that a log gives a meaning


def new() -> str:
    """An id nobody else has: 32 hexadecimal digits."""
    return token_hex(16)


def accepted(sent: str) -> str:
    """The id a caller sent, if it is one; else a new one."""
    return sent if sent and ACCEPTED.fullmatch(sent) else new()


def current() -> str:
    """The id of the request being answered, or of the row being worked on; a new one outside of both."""
    known = get_contextvars()
    return known.get("trace") or known.get("request_id") or new()


def under(trace: str) -> AbstractContextManager[None]:
    """What is logged meanwhile is about a row with this trace."""
    return bound_contextvars(trace=trace) if trace else nullcontext()
