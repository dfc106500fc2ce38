"""The one shape every API error has, for views that are plain Django."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.http import HttpResponse


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `attr` is the path of the field it is about, such as supplies.0.level."""

    code: str
    detail: str
    attr: str | None = None


def error_response(status: int, code: str, detail: str, attr: str | None = None) -> HttpResponse:
    """An error with one problem."""
    return errors_response(status, [Problem(code, detail, attr)])


def errors_response(status: int, problems: Iterable[Problem]) -> HttpResponse:
    """An error that names each problem."""
    errors = [asdict(problem) for problem in problems]
    body = json.dumps({"type": _type(status, errors), "errors": errors})
    return HttpResponse(body, content_type="application/json", status=status)


def _type(status: int, errors: list[dict[str, str | None]]) -> str:
    if status >= 500:
        return "server_error"
    about_fields = status == 400 and any(error["attr"] for error in errors)
    return "validation_error" if about_fields else "client_error"
