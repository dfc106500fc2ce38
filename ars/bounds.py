"""How much a page may be sent. Each view of the API has a lower limit of its own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ars.errors import PREFIXES

MOST_BYTES = 4 * 1024 * 1024  # the largest that any page takes is a catalogue file of 1 MB, as base64


class Bounds:
    """Middleware: of a body that is too large nothing is read.

    Django keeps the files of a form on disk, however large they are, before a view can say that it wants none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        told = (request.META.get("CONTENT_LENGTH") or "").lstrip("0")
        too_large = told.isdecimal() and (len(told) > len(str(MOST_BYTES)) or int(told) > MOST_BYTES)
        if too_large and not request.path_info.startswith(PREFIXES):
            return HttpResponse("This is too large to be sent here.", "text/plain; charset=utf-8", 413)
        return self.get_response(request)
