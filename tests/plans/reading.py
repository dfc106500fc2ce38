"""What the database means to do with each statement that is run, and where that grows with the fleet."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection

from tests.plans.growing import tables

PLANNED = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
MONTH = re.compile(r"_(?:default|\d{4}_\d\d)$")  # of printers_reading
AFTER_ALL = {
    "Sort",
    "Aggregate",
    "Hash",
    "Materialize",
    "Unique",
    "WindowAgg",
}  # they read all first
Node = dict[str, Any]


@contextmanager
def plans_read(found: dict[tuple[str, str], str]) -> Iterator[None]:
    """Ask for the plan of each statement, with its parameters, before it runs.

    `found` gets what grows: the table and how it is read, and the statement.
    """

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if PLANNED.match(sql):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                statement, (((told,),),) = cursor.query.decode(), cursor.fetchall()
            for read in grows(told["Plan"]):
                found.setdefault(read, statement)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield


def grows(node: Node, *, ends_early: bool = False) -> Iterator[tuple[str, str]]:
    """Where a plan reads all of a table that grows with the fleet, or an index with an entry for each of its rows."""
    table, kind = node.get("Relation Name", ""), node["Node Type"]
    walks = kind.startswith("Index") and "Index Cond" not in node and not _is_partial(node["Index Name"])
    reads_all = kind == "Seq Scan" or (walks and not ends_early)
    if reads_all and MONTH.sub("", table) in tables() and not _is_empty(table):
        yield MONTH.sub("", table), f"{kind}: {node.get('Filter', 'all of it')}"
    ends_early = kind == "Limit" or (ends_early and kind not in AFTER_ALL)
    for child in node.get("Plans", ()):
        yield from grows(child, ends_early=ends_early)


@cache
def _is_partial(index: str) -> bool:
    return bool(_asked("SELECT indpred IS NOT NULL FROM pg_index WHERE indexrelid = %s::regclass", index))


def _is_empty(table: str) -> bool:
    """Such as a month to come: nobody knows yet how it will be read."""
    return bool(_asked("SELECT pg_relation_size(%s::regclass)", table) == 0)


def _asked(question: str, name: str) -> Any:
    with connection.connection.cursor() as cursor:
        cursor.execute(question, [name])
        return cursor.fetchone()[0]
