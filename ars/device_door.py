"""The addresses of devices, past what only pages need: sessions, languages, forms, policies of content.

A printer reports all day and shows nothing: what stands before its views is what guards and shapes any answer of the
API. Each middleware more costs a report as much as reading its body.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.utils.module_loading import import_string

ADDRESSES = frozenset({"/api/v1/telemetry", "/api/v1/device", "/api/v1/device/heartbeat"})
MIDDLEWARE = (
    "ars.headers.Headers",
    "django.middleware.security.SecurityMiddleware",  # https, and what it promises
    "ars.errors.ApiErrors",
    "django.middleware.common.CommonMiddleware",  # hosts that are ours, and the length of the answer
)


class DeviceHandler(WSGIHandler):
    """Django's handler with that middleware alone."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # the views
        for path in reversed(MIDDLEWARE):
            middleware = import_string(path)(chain)
            if hasattr(middleware, "process_exception"):
                self._exception_middleware.append(middleware.process_exception)
            chain = convert_exception_to_response(middleware)
        self._middleware_chain = chain


def beside(application: WSGIApplication) -> WSGIApplication:
    """`application`, but for the addresses of devices."""
    devices = DeviceHandler()

    def either(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        handler = devices if environ.get("PATH_INFO") in ADDRESSES else application
        return handler(environ, start_response)

    return either
