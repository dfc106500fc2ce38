"""The schema's part on devices, whose views are plain Django for speed: what is here is never routed, only describes.

Its views stand for `printers.telemetry`, `printers.device` and `enrollment.oauth`.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ars.error_schema import Errors
from enrollment import oauth
from printers.models import Printer
from printers.reports import MAX_REASONS, MAX_SUPPLIES, TEXTS

Endpoint = tuple[str, str, str, Any]


class DeviceToken(BaseAuthentication):
    """Stands for the device token, which `printers.door` and the views behind it check by themselves."""


class DeviceTokenScheme(OpenApiAuthenticationExtension):
    """How printers say who they are."""

    target_class = DeviceToken
    name = "DeviceToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "The token a printer got when it was paired."}


LEVEL = {
    "oneOf": [{"type": "integer", "minimum": 0, "maximum": 100}, {"enum": [-1, -2, -3, None]}],
    "description": "Percent left; null, -1, -2 and -3 are unknown.",
}


@extend_schema_field(LEVEL)
class LevelField(serializers.IntegerField):
    """Percent, or one of the ways to say unknown."""


def _text(name: str) -> serializers.CharField:
    return serializers.CharField(required=False, allow_null=True, max_length=TEXTS[name])


SupplyReport = inline_serializer(
    "SupplyReport",
    {
        **{name: _text(name) for name in TEXTS},
        "index": serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=65_535),
        "level": LevelField(required=False),
        "low": serializers.BooleanField(required=False, allow_null=True),
        "genuine": serializers.BooleanField(required=False, allow_null=True),
    },
)


class Report(serializers.Serializer[Any]):
    """What a printer knows of its supplies."""

    message_id = serializers.CharField(max_length=100)
    observed_at = serializers.DateTimeField(help_text="With its zone. A time in the future is taken as now.")
    state_reasons = serializers.ListField(
        child=serializers.CharField(allow_blank=True), required=False, allow_null=True, max_length=MAX_REASONS
    )
    supplies = serializers.ListField(
        child=SupplyReport, min_length=1, max_length=MAX_SUPPLIES, help_text="No slot twice."
    )


class SupplyAnswer(serializers.Serializer[Any]):
    """What is known of a supply now."""

    slot = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(["ok", "low", "unknown"])
    replenishment = serializers.ChoiceField(["none", "deciding", "on_order", "waiting"])


class ReportAnswer(serializers.Serializer[Any]):
    """Durably stored; decided soon."""

    message_id = serializers.CharField()
    supplies = SupplyAnswer(many=True)
    display_message = serializers.CharField(help_text="For the printer's display; empty when there is nothing to say.")
    next_report_seconds = serializers.IntegerField()


RETRY_AFTER = OpenApiParameter("Retry-After", int, OpenApiParameter.HEADER, description="Seconds.", response=[429, 503])


class Heartbeat(serializers.Serializer[Any]):
    """The helper lives; and whether its printer does."""

    printer_reachable = serializers.BooleanField()
    reason = serializers.ChoiceField(
        Printer.Unreachable.values, required=False, allow_null=True, help_text="Why the printer does not answer."
    )


class DeviceView(APIView):
    """What calls with a device token have in common."""

    authentication_classes = [DeviceToken]


class Telemetry(DeviceView):
    @extend_schema(
        operation_id="report_supplies",
        tags=["Printers"],
        request=Report,
        parameters=[RETRY_AFTER],
        responses={202: ReportAnswer, **dict.fromkeys((400, 401, 413, 429, 503), Errors)},
    )
    def post(self, request: Request) -> Response:
        """Report supplies. 202 means durably stored; the same (slot, observed_at) again changes nothing."""
        raise NotImplementedError


class Device(DeviceView):
    @extend_schema(
        operation_id="deregister",
        tags=["Printers"],
        parameters=[RETRY_AFTER],
        responses={204: None, **dict.fromkeys((401, 413, 429, 503), Errors)},
    )
    def delete(self, request: Request) -> Response:
        """Give the token back, for good. The plan stays, and says that its printer is not connected."""
        raise NotImplementedError


class DeviceHeartbeat(DeviceView):
    @extend_schema(
        operation_id="heartbeat",
        tags=["Printers"],
        request=Heartbeat,
        parameters=[RETRY_AFTER],
        responses={204: None, **dict.fromkeys((400, 401, 413, 429, 503), Errors)},
    )
    def post(self, request: Request) -> Response:
        """Tell that the helper lives though the printer does not answer: switched off is then told from broken."""
        raise NotImplementedError


OAuthError = inline_serializer(
    "OAuthError", {"error": serializers.CharField(), "error_description": serializers.CharField()}
)


def _refusal(description: str) -> OpenApiResponse:
    return OpenApiResponse(OAuthError, description)


# Empty is left out (RFC 6749, section 3.2).
PRINTER_UUID = r"^((urn:uuid:)?[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12})?$"


class PairingForm(serializers.Serializer[Any]):
    """Which printer asks to be connected."""

    client_id = serializers.ChoiceField([oauth.CLIENT_ID])
    make_and_model = serializers.CharField(required=False, allow_blank=True, max_length=oauth.LONGEST["make_and_model"])
    printer_uuid = serializers.RegexField(
        PRINTER_UUID, required=False, allow_blank=True, help_text="As IPP writes it, `urn:uuid:...`, or without."
    )
    serial_number = serializers.CharField(required=False, allow_blank=True, max_length=oauth.LONGEST["serial_number"])


class PairingAnswer(serializers.Serializer[Any]):
    """RFC 8628, section 3.2."""

    device_code = serializers.CharField(help_text="Kept by the device: who has it gets the token.")
    user_code = serializers.CharField(help_text="Shown to the person, such as WDJB-MJHT.")
    verification_uri = serializers.URLField()
    verification_uri_complete = serializers.URLField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    interval = serializers.IntegerField(help_text="Seconds between polls.")


class TokenForm(serializers.Serializer[Any]):
    """RFC 8628, section 3.4."""

    client_id = serializers.ChoiceField([oauth.CLIENT_ID])
    grant_type = serializers.ChoiceField([oauth.GRANT_TYPE])
    device_code = serializers.CharField()


class TokenAnswer(serializers.Serializer[Any]):
    """RFC 6749, section 5.1."""

    access_token = serializers.CharField()
    token_type = serializers.CharField()
    scope = serializers.CharField()


class OpenView(APIView):
    """What calls without a token have in common."""

    authentication_classes = []


class DeviceAuthorization(OpenView):
    @extend_schema(
        operation_id="ask_to_pair",
        tags=["Pairing"],
        request={oauth.FORM: PairingForm},
        parameters=[RETRY_AFTER],
        responses={
            200: PairingAnswer,
            400: _refusal("invalid_request or invalid_client."),
            413: _refusal("The body is larger than 64 KiB."),
            429: _refusal("Too many requests from this address."),
        },
    )
    def post(self, request: Request) -> Response:
        """Ask to be connected (RFC 8628): show the person the code and the address it is typed at."""
        raise NotImplementedError


class Token(OpenView):
    @extend_schema(
        operation_id="fetch_token",
        tags=["Pairing"],
        request={oauth.FORM: TokenForm},
        responses={
            200: TokenAnswer,
            400: _refusal("authorization_pending, slow_down, access_denied, expired_token, invalid_grant, ..."),
            413: _refusal("The body is larger than 64 KiB."),
        },
    )
    def post(self, request: Request) -> Response:
        """Poll for the token, no faster than the interval. It is given once."""
        raise NotImplementedError


PLAIN_VIEWS = {
    ("/api/v1/telemetry", "POST"): Telemetry,
    ("/api/v1/device", "DELETE"): Device,
    ("/api/v1/device/heartbeat", "POST"): DeviceHeartbeat,
    ("/oauth/device_authorization", "POST"): DeviceAuthorization,
    ("/oauth/token", "POST"): Token,
}


def bound_forms(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Postprocessing hook: what else a form may hold: texts, each once, and not too many."""
    for name in ("PairingFormRequest", "TokenFormRequest"):
        result["components"]["schemas"][name] |= {
            "additionalProperties": {"type": "string"},
            "maxProperties": oauth.MAX_FIELDS,
        }
    return result


def add_plain_views(endpoints: list[Endpoint], **kwargs: Any) -> list[Endpoint]:
    """Preprocessing hook: the addresses that are served by plain Django views."""
    plain = [(address, address, method, view.as_view()) for (address, method), view in PLAIN_VIEWS.items()]
    return [*plain, *endpoints]
