"""Its pages. Whoever asks is signed in as Ana: signing in is not what is tried here."""

import json
from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import include, path, reverse
from oauth2_provider.views import OAuthServerMetadataView

View = Callable[[HttpRequest], HttpResponseBase]


def ana_is_here(get_response: View) -> View:
    """A middleware: Ana is signed in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.user = get_user_model().objects.get_by_natural_key("ana")
        return get_response(request)

    return middleware


def metadata(request: HttpRequest) -> HttpResponse:
    """RFC 8414, with what RFC 8628 adds and the toolkit does not: where a device asks."""
    told = json.loads(OAuthServerMetadataView.as_view()(request).content)
    asked_at = request.build_absolute_uri(reverse("oauth2_provider:device-authorization"))
    return JsonResponse({**told, "device_authorization_endpoint": asked_at})


urlpatterns = [
    path(".well-known/oauth-authorization-server", metadata),
    path("o/", include("oauth2_provider.urls")),
]
