"""Whether one request asks the database the same thing over and over: a query for each row of what a page shows."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Parameters aside, a request reads by one statement for its own sake a few times; for each row it would be as often as
# there are rows. A page of a list shows up to a hundred, a customer in tests has ten printers with a few slots each.
AT_MOST = 30


@contextmanager
def no_repeats(request: str) -> Iterator[None]:
    """Fails where a read is run more than AT_MOST times meanwhile, whatever its parameters."""
    read: Counter[str] = Counter()

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            read[sql] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield
    for sql, times in read.most_common(1):
        assert times <= AT_MOST, f"{request} asks the same {times} times: {sql}"
