"""Who acts in this request, told to the database, which writes it beside what they change (enrollment/sql/changes.sql).

Connections outlive requests, so whoever is named is forgotten at the end of each. Workers name nobody, nor do printers.
"""

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from enrollment import network
from enrollment.models import ApiKey, User

BACK_OFFICE = "/admin/"
_named: ContextVar[bool] = ContextVar("somebody_is_named", default=False)


def staff_of(request: HttpRequest) -> User:
    """Who is signed in to the back office."""
    assert isinstance(request.user, User), "the back office lets nobody else in"
    return request.user


class Acting:
    """Middleware: staff are named while their request to the back office runs; partners by their key.

    What only reads names nobody: it changes nothing, and asks the database for nothing more.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            if _named.get():
                end()

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """After the check of the form's token, which has read the form already."""
        changes = request.method not in SAFE_METHODS and request.path_info.startswith(BACK_OFFICE)
        user = request.user if changes else None
        if isinstance(user, User) and user.is_staff:
            action = request.POST.get("action", "") if request.method == "POST" else ""
            _begin(request, who=user.email, user=user.pk, action=action[:60])


def begin_as_partner(request: Request, key: ApiKey) -> None:
    """What this request changes is changed by the partner whose key it is; what only reads names nobody."""
    if request.method not in SAFE_METHODS:
        _begin(request._request, who=f"{key.partner} ({key.prefix}...)", key=key.pk)


def end() -> None:
    """Nobody acts any more on this connection; one that cannot be told so is closed."""
    _named.set(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('ars.actor', '', false)")
    except DatabaseError:
        connection.close()


def _begin(
    request: HttpRequest, *, who: str, user: int | None = None, key: int | None = None, action: str = ""
) -> None:
    actor = {
        "who": who,
        "user": user,
        "key": key,
        "from": network.address_of(request),
        "id": str(uuid4()),
        "request": f"{request.method} {request.path}"[:300],
        "action": action,
    }
    _named.set(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ars.actor', %s, false)", [json.dumps(actor)])
