"""What every answer tells browsers: pages, the API, files, errors and redirects alike. Outermost of all middleware.

Views and inner middleware may say something else of content and caches; whoever forgets to is on the safe side here.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNUSED = (
    *("accelerometer", "bluetooth", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
    *("microphone", "midi", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
ALWAYS = {
    # The card service's field may ask the browser for a payment; nothing here uses anything else.
    "Permissions-Policy": ", ".join([*(f"{each}=()" for each in UNUSED), 'payment=(self "https://js.stripe.com")']),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "private, no-store",
}
POLICY = "Content-Security-Policy"
NOTHING = "default-src 'none'; frame-ancestors 'none'"  # what is no page loads nothing
DEBUG_PAGES = (404, 500)  # Django's own, which bring their styles


class Headers:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if not (settings.DEBUG and response.status_code in DEBUG_PAGES):
            response.headers.setdefault(POLICY, NOTHING)
        return response
