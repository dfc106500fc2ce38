"""What browsers are told of cookies, https and content: Django's settings for it, which `ars.settings` takes over."""

from typing import Any

from csp.constants import NONE, SELF

YEAR = 31_536_000  # seconds


def settings(*, https: bool) -> dict[str, Any]:
    """For a site that is at an https address, or not."""
    return {
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [SELF],
                "img-src": [SELF, "data:"],
                "object-src": [NONE],
                "base-uri": [NONE],
                "form-action": [SELF],
                "frame-ancestors": [NONE],
            }
        },
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",  # no cookie of their own
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "CSRF_COOKIE_HTTPONLY": True,  # no script of ours reads it
        # A browser takes a cookie of such a name from this very host alone, by https: no neighbour can plant one.
        "SESSION_COOKIE_NAME": "__Host-session" if https else "sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrf" if https else "csrftoken",
        "SECURE_HSTS_SECONDS": YEAR if https else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": https,
        "SECURE_HSTS_PRELOAD": https,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
    }
