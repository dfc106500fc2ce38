"""Who calls the partner API: a key in the Authorization header, and the scope it was made for."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from enrollment import acting, keys, network
from enrollment.limits import Limit
from enrollment.models import ApiKey, Partner

if TYPE_CHECKING:  # rest_framework.views reads the settings that name this module
    from rest_framework.views import APIView

SCHEME = "Api-Key"
# Nobody guesses 256 bits; but who tries is slowed, and seen. A right key is let in from there all the same.
WRONG = Limit("api-key-address", most=60, seconds=60)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`. `request.auth` becomes the ApiKey; a partner is no person, so no user."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        now = timezone.now()
        key = keys.find(plain.strip(), now)
        if key is None:
            if WRONG.count(network.address_of(request._request)) > WRONG.most:
                raise Throttled(WRONG.seconds, "Too many wrong keys from this address.")
            raise AuthenticationFailed("This API key is unknown, revoked or expired.")
        keys.note_use(key, now)
        acting.begin_as_partner(request, key)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        """Makes DRF answer 401 rather than 403, as RFC 9110 wants it."""
        return SCHEME


class HasScope(BasePermission):
    """The key was made for what the view is for: its `scope`. A view without one admits nobody."""

    message = "This API key was made for something else."
    code = "wrong_scope"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        key = request.auth
        return isinstance(key, ApiKey) and key.scope == getattr(view, "scope", None)


def partner_of(request: Request) -> Partner:
    """Whose key it is, in a view that HasScope guards."""
    key = request.auth
    assert isinstance(key, ApiKey)
    return key.partner
