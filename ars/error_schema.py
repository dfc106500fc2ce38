"""The schema's part on errors: their one shape, and which of them every operation of partners may answer."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

API = "/api/"  # elsewhere, other specifications say how errors look
ERRORS = {
    "400": "The request is not valid: each wrong field is named.",
    "401": "The credential is missing, unknown, revoked or expired.",
    "403": "The credential is for something else.",
    "404": "There is no such thing.",
    "406": "Answers are JSON.",
    "409": "Not in this state, or the id was used for something else.",
    "413": "The body is larger than 64 KiB.",
    "415": "Bodies are JSON.",
    "429": "Too many requests.",
    "503": "The database is away for a moment: send it again.",
}
ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}}


class Problem(serializers.Serializer[Any]):
    """One thing that is wrong."""

    code = serializers.CharField()
    detail = serializers.CharField(help_text="For people.")
    attr = serializers.CharField(allow_null=True, help_text="The field it is about, such as supplies.0.level.")


Errors = inline_serializer(
    "Errors",
    {
        "type": serializers.ChoiceField(["validation_error", "client_error", "server_error"]),
        "errors": Problem(many=True),
    },
)


def add_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Postprocessing hook: what every operation of partners may answer besides what its view says."""
    for address, operations in result["paths"].items():
        if not address.startswith(API):
            continue
        for operation in operations.values():
            statuses = ERRORS.keys() & operation["responses"].keys()
            if {"PartnerKey": []} in operation.get("security", []):
                statuses |= _usual_errors(address, operation)
            for status in sorted(statuses):
                told = {"description": ERRORS[status], "content": ERROR_CONTENT}
                operation["responses"][status] = {**operation["responses"].get(status, {}), **told}
    return result


def _usual_errors(address: str, operation: dict[str, Any]) -> set[str]:
    errors = {"401", "403", "406", "429", "503"}
    if "requestBody" in operation:
        errors |= {"400", "413", "415"}
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        errors.add("400")
    if "{" in address:
        errors.add("404")
    return errors
