"""The OpenAPI document, how partners say who they are in it, and the page that shows it."""

from functools import cache
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class PartnerKeyScheme(OpenApiAuthenticationExtension):
    """How partners say who they are."""

    target_class = "enrollment.authentication.ApiKeyAuthentication"
    name = "PartnerKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "A partner's key, made in the back office: `Authorization: Api-Key <key>`.",
        }


@cache
def document() -> dict[str, Any]:
    """The schema; it cannot change while the process lives."""
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


class SchemaView(APIView):
    """OpenAPI 3.1, as JSON unless YAML is asked for."""

    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(document())


# The page brings one <style> of its own; this is its hash, and the exception is this page's alone.
DOCS_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"
docs = csp_update({"style-src": [SELF, DOCS_STYLE]})(SpectacularSwaggerSplitView.as_view(url_name="schema"))
