"""Numbers that orders and returns are called by: random, so that one tells nothing of the next."""

from typing import Any

from django.db import models

from orders.money import new_number


def free(rows: "models.Manager[Any]") -> str:
    """A number none of these rows has; the unique constraint has the last word, and a task it stops is run again."""
    return free_ones(rows, 1)[0]


def free_ones(rows: "models.Manager[Any]", count: int) -> list[str]:
    """So many of them, each another, as a rule in one query."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = dict.fromkeys(new_number() for _ in range(count - len(found)))
        taken = set(rows.filter(number__in=list(drawn)).values_list("number", flat=True))
        found |= {number: None for number in drawn if number not in taken}
    return list(found)
