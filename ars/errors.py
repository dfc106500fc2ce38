"""Errors of the API's addresses: one shape, whoever made them, Django's own pages and DEBUG's included."""

from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ParseError

from enrollment import oauth
from enrollment.bodies import TooLarge
from printers.errors import error_response
from printers.facts import Refused

OAUTH = "/oauth/"
PREFIXES = ("/api/", "/webhooks/", OAUTH)
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


class Conflict(APIException):
    """409: a rule says no."""

    status_code = 409


class Unavailable(APIException):
    """503: the database is away for a moment. What was sent is not stored; sending it again is right."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The service is not available for a moment. Nothing was stored: send it again."
    wait = 5  # seconds, told as Retry-After


class ApiExceptions(ExceptionHandler):
    """Turns what views may raise into what the contract says: nothing a client sends is our error."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        match exc:
            case OperationalError() | InterfaceError():
                return Unavailable()
            case Refused():
                return Conflict(str(exc), exc.code)
            case RequestDataTooBig():
                return TooLarge()
            case SuspiciousOperation() | UnreadablePostError():
                return ParseError("The request cannot be read.")
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


class ApiErrors:
    """Middleware: the API's addresses never answer an error as a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(PREFIXES):
            return response
        if "json" in response.headers.get("Content-Type", ""):
            return response
        return in_shape(response, _of_oauth if request.path_info.startswith(OAUTH) else _of_api)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """For the views that are plain Django."""
        if not isinstance(exception, OperationalError | InterfaceError) or not request.path_info.startswith(PREFIXES):
            return None
        response = error_response(503, Unavailable.default_code, Unavailable.default_detail)
        response["Retry-After"] = str(Unavailable.wait)
        return response


def in_shape(page: HttpResponseBase, shape: Callable[[HTTPStatus], HttpResponse]) -> HttpResponse:
    """The same error as JSON."""
    response = shape(HTTPStatus(page.status_code))
    for name in KEPT_HEADERS:
        if name in page.headers:
            response[name] = page.headers[name]
    return response


def _of_api(status: HTTPStatus) -> HttpResponse:
    return error_response(status, status.name.lower(), f"{status.phrase}.")


def _of_oauth(status: HTTPStatus) -> HttpResponse:
    return oauth.error("server_error" if status >= 500 else "invalid_request", f"{status.phrase}.", status)


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """404 for every address of the API there is not, without a redirect to one with a slash."""
    return error_response(404, "not_found", "There is nothing at this address.")
