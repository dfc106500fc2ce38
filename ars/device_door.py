"""The addresses of devices, past what only pages need: sessions, languages, forms, policies of content.

A printer reports all day and shows nothing: what stands before its views is what guards and shapes any answer of the
API. Each middleware more costs a report as much as reading its body.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, get_script_name
from django.db import close_old_connections
from django.urls import set_script_prefix
from django.utils.module_loading import import_string

ADDRESSES = frozenset({"/api/v1/telemetry", "/api/v1/device", "/api/v1/device/heartbeat"})
MIDDLEWARE = (
    "ars.watch.requests.Watched",  # ids and times
    "ars.headers.Headers",
    "django.middleware.security.SecurityMiddleware",  # https, and what it promises
    "ars.errors.ApiErrors",
    "django.middleware.common.CommonMiddleware",  # hosts that are ours, and the length of the answer
)


class DeviceHandler(WSGIHandler):
    """Django's handler with that middleware alone, and without its signals at both ends of a request.

    Who listens to them looks whether connections still serve. Once is enough, and before they are needed.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:  # WSGI's bytes
        close_old_connections()
        set_script_prefix(get_script_name(environ))
        response: Any = self.get_response(self.request_class(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]  # not the answer itself, whose end is a signal

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
