"""How long a copy of a public page may be kept, and by whom."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers, set_response_etag
from django.views.decorators.http import require_safe

FRESH = timedelta(minutes=5)

Page = Callable[..., HttpResponse]


def public_page(view: Page) -> Page:
    """For anybody: shared caches keep it for strangers; who comes with a cookie gets a copy of their own.

    A stranger's ETag is of what the page says, so it follows prices, catalogue and texts alike: a copy older than FRESH
    is asked after, and answered with 304 and no body while nothing has changed.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie"])
        if request.COOKIES:
            patch_cache_control(response, private=True, no_cache=True)
            return response
        patch_cache_control(response, public=True, max_age=int(FRESH.total_seconds()))
        if response.status_code != 200:
            return response
        set_response_etag(response)
        return get_conditional_response(request, etag=response["ETag"], response=response) or response

    return require_safe(page)
