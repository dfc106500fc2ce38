"""What people see when something of ours breaks, with a word to say on the phone that finds it in the log."""

import logging
import secrets
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ars.context import brand
from ars.errors import Unavailable

log = logging.getLogger(__name__)
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that sounds or looks like another


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a 500, or of a 503 while the database is away.

    It needs no database, no session and no user, for any of them may be what broke.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        page = HttpResponse(render_to_string("503.html", brand(request)), status=Unavailable.status_code)
        page["Retry-After"] = str(Unavailable.wait)
        return page
    reference = "".join(secrets.choice(LETTERS) for _ in range(4))
    log.error("error page %s shown for %s", reference, request.path)
    return HttpResponse(render_to_string("500.html", brand(request) | {"reference": reference}), status=500)
