"""The two endpoints of RFC 8628 and their metadata (RFC 8414): forms in, JSON out, errors as RFC 6749 section 5.2."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from enrollment import network, pairing
from enrollment.limits import Limit
from enrollment.pairing import Asker, NoToken
from printers.door import is_too_large

CLIENT_ID = "ars-agent"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "telemetry"
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 50
LONGEST = {"make_and_model": 255, "serial_number": 64}
MINUTE = 60

Form = Mapping[str, str]
Endpoint = Callable[[HttpRequest, Form], HttpResponse]


class BadRequest(Exception):
    """The request is refused; `error` is a code of RFC 6749 section 5.2."""

    def __init__(self, description: str, error: str = "invalid_request") -> None:
        super().__init__(description)
        self.error = error


def endpoint(view: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
    """A view for our one client: POST, a form of bearable size, nothing twice. Nobody keeps a copy of the answer."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        response = _answer(request, view)
        response["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(answered)


@endpoint
def device_authorization(request: HttpRequest, form: Form) -> HttpResponse:
    """RFC 8628, section 3.1: a device asks to be connected, and says which printer it speaks for."""
    asked_from = network.address_of(request)
    limit = Limit("pairing", settings.PAIRING_REQUESTS_PER_MINUTE, MINUTE)
    if limit.count(asked_from) > limit.most:
        response = error("temporarily_unavailable", "Too many requests from this address. Wait a minute.", 429)
        response["Retry-After"] = str(MINUTE)
        return response
    texts = {name: _text(form, name, longest) for name, longest in LONGEST.items()}
    asker = Asker(**texts, printer_uuid=_uuid(form), asked_from=asked_from)
    made, device_code = pairing.begin(asker, timezone.now())
    page = f"{settings.SITE_URL}/activate/"
    return JsonResponse(
        {
            "device_code": device_code,
            "user_code": made.display_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={made.display_code}",
            "expires_in": int(pairing.LIFETIME.total_seconds()),
            "interval": made.interval,
        }
    )


@endpoint
def token(request: HttpRequest, form: Form) -> HttpResponse:
    """RFC 8628, section 3.4: the device asks whether it was let in, and fetches its token once."""
    if _required(form, "grant_type") != GRANT_TYPE:
        raise BadRequest(f"The one grant type is {GRANT_TYPE}.", "unsupported_grant_type")
    try:
        access_token = pairing.redeem(_required(form, "device_code"), timezone.now())
    except NoToken as refused:
        return error(refused.error, str(refused))
    return JsonResponse({"access_token": access_token, "token_type": "Bearer", "scope": SCOPE})


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """RFC 8414: where the endpoints are."""
    return JsonResponse(
        {
            "issuer": settings.SITE_URL,
            "device_authorization_endpoint": f"{settings.SITE_URL}/oauth/device_authorization",
            "token_endpoint": f"{settings.SITE_URL}/oauth/token",
            "grant_types_supported": [GRANT_TYPE],
            "response_types_supported": [],
            "scopes_supported": [SCOPE],
            "token_endpoint_auth_methods_supported": ["none"],
            "service_documentation": f"{settings.SITE_URL}/api/docs/",
        }
    )


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """404 in the shape the other answers here have."""
    return error("invalid_request", "There is nothing at this address.", 404)


def error(code: str, description: str, status: int = 400) -> HttpResponse:
    """An error as RFC 6749, section 5.2, has it."""
    response = JsonResponse({"error": code, "error_description": description}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, view: Endpoint) -> HttpResponse:
    if request.method != "POST":
        response = error("invalid_request", "Send a POST.", 405)
        response["Allow"] = "POST"
        return response
    if is_too_large(request):
        return error("invalid_request", f"The body is larger than {settings.MAX_BODY_BYTES} bytes.", 413)
    try:
        form = _form(request)
        if _required(form, "client_id") != CLIENT_ID:
            raise BadRequest("This client is not known here.", "invalid_client")
        return view(request, form)
    except BadRequest as refused:
        return error(refused.error, str(refused))


def _form(request: HttpRequest) -> Form:
    """What was sent, by name. A parameter without a value counts as left out (RFC 6749, section 3.2)."""
    if request.content_type != FORM:
        raise BadRequest(f"Send {FORM}.")
    try:
        pairs = parse_qsl(request.body.decode(), errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadRequest(f"The body is not a form of at most {MAX_FIELDS} parameters in UTF-8.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise BadRequest("A parameter was sent twice.")
    return form


def _required(form: Form, name: str) -> str:
    if name not in form:
        raise BadRequest(f"{name} is missing.")
    return form[name]


def _text(form: Form, name: str, longest: int) -> str:
    """One line: what cannot be printed becomes a blank, and blanks become one."""
    told = form.get(name, "")
    if len(told) > longest:
        raise BadRequest(f"{name} is longer than {longest} characters.")
    text = "".join(character if character.isprintable() else " " for character in told)
    return " ".join(text.split())


def _uuid(form: Form) -> UUID | None:
    """As IPP writes it, `urn:uuid:...`, or without."""
    told: Any = form.get("printer_uuid")
    try:
        return UUID(told) if told else None
    except ValueError:
        raise BadRequest("printer_uuid is no UUID.") from None
