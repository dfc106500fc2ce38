"""How long a copy of a public page may be kept, and by whom."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

FRESH = timedelta(minutes=5)

Page = Callable[..., HttpResponse]


def public_page(view: Page) -> Page:
    """For anybody: shared caches keep it for strangers; who comes with a cookie gets a copy of their own."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.COOKIES:
            patch_cache_control(response, private=True, no_cache=True)
        else:
            patch_cache_control(response, public=True, max_age=int(FRESH.total_seconds()))
        patch_vary_headers(response, ["Cookie"])
        return response

    return require_safe(page)
