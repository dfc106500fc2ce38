"""The door for devices: the device token in `Authorization: Bearer`, how often, how much, and what the refused hear."""

import time
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from printers import tokens
from printers.errors import error_response
from printers.rates import rates

DeviceView = Callable[[HttpRequest, bytes], HttpResponse]


def for_devices(method: str) -> Callable[[DeviceView], Callable[[HttpRequest], HttpResponse]]:
    """Make a view of one that takes the digest of the token sent. Whether that token is live, the view finds out."""

    def decorate(view: DeviceView) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if request.method != method:
                return wrong_method(request, method)
            scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                return unauthorized("Send the device token: Authorization: Bearer <token>.")
            token_hash = tokens.digest(token.strip())
            if wait := rates.wait(token_hash, time.time()):
                return too_many(wait)
            return too_large() if is_too_large(request) else view(request, token_hash)

        return csrf_exempt(guarded)

    return decorate


def is_too_large(request: HttpRequest) -> bool:
    """Whether the body is above the limit of the API; nothing of it is read."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES


def too_large() -> HttpResponse:
    """413."""
    return error_response(413, "too_large", f"The body is larger than {settings.MAX_BODY_BYTES} bytes.")


def wrong_method(request: HttpRequest, method: str) -> HttpResponse:
    """405, naming the one there is."""
    response = error_response(405, "method_not_allowed", f'Method "{request.method}" not allowed.')
    response["Allow"] = method
    return response


def too_many(wait: int) -> HttpResponse:
    """429, for so many seconds."""
    response = error_response(429, "throttled", f"Too many reports. Send the next one in {wait} seconds.")
    response["Retry-After"] = str(wait)
    return response


def unauthorized(detail: str = "This device token is unknown or revoked. Pair the printer again.") -> HttpResponse:
    """401 in the shape of RFC 6750."""
    response = error_response(401, "not_authenticated", detail)
    response["WWW-Authenticate"] = "Bearer"
    return response
