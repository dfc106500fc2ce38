"""The addresses of devices, past what only pages need: sessions, languages, forms, policies of content.

A printer reports all day and shows nothing: what stands before its views is what guards and shapes any answer of the
API. Each middleware more costs a report as much as reading its body. So those that look at nothing but the host and
the scheme of a request, and say the same to each, are asked once for each host and scheme.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest, get_script_name
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import set_script_prefix
from django.utils.module_loading import import_string

ADDRESSES = frozenset({"/api/v1/telemetry", "/api/v1/device", "/api/v1/device/heartbeat"})
WATCHED, ERRORS = "ars.watch.requests.Watched", "ars.errors.ApiErrors"  # ids and times, and the shape of errors
HEADERS = "ars.headers.Headers"
HTTPS = "django.middleware.security.SecurityMiddleware"  # https, and what it promises
HOSTS = "django.middleware.common.CommonMiddleware"  # hosts that are ours, and the length of the answer
MIDDLEWARE = (WATCHED, HEADERS, HTTPS, ERRORS, HOSTS)
EACH = (WATCHED, ERRORS)
ONCE = (HEADERS, HTTPS, HOSTS)
WAY = ("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT")  # all that these look at
WAYS = 256  # that are kept in mind: some hosts of ours, and what others try

Answers = Callable[[HttpRequest], HttpResponseBase]


class DeviceHandler(WSGIHandler):
    """Django's handler with such middleware alone."""

    def __init__(self, paths: tuple[str, ...] = MIDDLEWARE) -> None:
        self._paths = paths
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = self._before(self._get_response)  # type: ignore[attr-defined]  # the views

    def _before(self, views: Answers) -> Answers:
        chain: Any = convert_exception_to_response(views)
        for path in reversed(self._paths):
            middleware = import_string(path)(chain)
            if hasattr(middleware, "process_exception"):
                self._exception_middleware.append(middleware.process_exception)
            chain = convert_exception_to_response(middleware)
        answers: Answers = chain
        return answers


class DeviceDoor:
    """A WSGI application, without Django's signals at both ends of a request.

    Who listens to them looks whether connections still serve. Once is enough, and before they are needed.
    """

    def __init__(self) -> None:
        self._all, self._each = DeviceHandler(MIDDLEWARE), DeviceHandler(EACH)
        self._once = DeviceHandler(ONCE)._before(lambda request: HttpResponse())
        self._added = lru_cache(WAYS)(self._ask)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        close_old_connections()
        set_script_prefix(get_script_name(environ))
        added = self._added(tuple(map(environ.get, WAY)))
        handler = self._each if added else self._all
        response: Any = handler.get_response(WSGIRequest(environ))
        headers = added | dict(response.items()) | {"Content-Length": str(len(response.content))}
        start_response(f"{response.status_code} {response.reason_phrase}", list(headers.items()))
        return [response.content]  # not the answer itself, whose end is a signal

    def _ask(self, way: tuple[str | None, ...]) -> dict[str, str]:
        """The headers of any answer to a request that comes by this way; none where it is not let in."""
        told = {name: value for name, value in zip(WAY, way, strict=True) if value is not None}
        probe = {"REQUEST_METHOD": "HEAD", "PATH_INFO": "/", "wsgi.input": BytesIO(), **told}
        answer = self._once(WSGIRequest(probe))
        return dict(answer.items()) if answer.status_code == 200 else {}


def beside(application: WSGIApplication) -> WSGIApplication:
    """`application`, but for the addresses of devices."""
    devices = DeviceDoor()

    def either(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        handler = devices if environ.get("PATH_INFO") in ADDRESSES else application
        return handler(environ, start_response)

    return either
