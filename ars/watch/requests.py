"""The outermost middleware: every request has an id, is timed, and is logged unless it is one of very many."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from structlog.contextvars import bind_contextvars, unbind_contextvars

from ars.watch import http
from printers import tracing

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# Printers, balancers and Prometheus ask all day: of these only what went wrong is worth a line.
MANY = frozenset({"api/v1/telemetry", "api/v1/device/heartbeat", "healthz", "readyz", "metrics"})


class Watched:
    """Takes the caller's `X-Request-ID`, or makes one, and gives it back with the answer.

    What is logged is the route, never the path: paths hold signed links, and those open things.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request_id = tracing.accepted(request.META.get("HTTP_X_REQUEST_ID", ""))
        bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
            took = time.perf_counter() - began
            match = request.resolver_match
            route = match.route if match else http.NO_ROUTE
            http.observe(route, request.method or "", response.status_code, took)
            if route not in MANY or response.status_code >= 400:
                log.info("%s %s %s in %.0f ms", request.method, route, response.status_code, took * 1000)
        finally:
            unbind_contextvars("request_id")
        response.headers[HEADER] = request_id
        return response
