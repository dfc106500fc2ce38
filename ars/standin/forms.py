"""Reads request parameters as Stripe's clients send them: bracketed form fields, or JSON from the browser's script."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from ars.standin.replies import Json


def parse_body(body: str) -> Json:
    if body.lstrip().startswith("{"):
        document: Json = json.loads(body)
        return document
    return parse_query(body)


def parse_query(query: str) -> Json:
    return nest(parse_qsl(query, keep_blank_values=True))


def nest(fields: Iterable[tuple[str, str]]) -> Json:
    """`[("a[b][0]", "x"), ("c[]", "y")]` becomes `{"a": {"b": ["x"]}, "c": ["y"]}`."""
    tree: Json = {}
    for name, value in fields:
        head, *rest = re.split(r"\]\[|\[|\]$", name)
        path = [head, *(rest[:-1] if name.endswith("]") else rest)]
        _plant(tree, path, value)
    return {name: _listed(branch) for name, branch in tree.items()}


def _plant(tree: Json, path: list[str], value: str) -> None:
    for step in path[:-1]:
        branch = tree.setdefault(step, {})
        if not isinstance(branch, dict):
            branch = tree[step] = {}
        tree = branch
    tree[path[-1] or str(len(tree))] = value


def _listed(branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    grown = {name: _listed(twig) for name, twig in branch.items()}
    return [grown[name] for name in sorted(grown, key=int)] if all(name.isdigit() for name in grown) else grown
