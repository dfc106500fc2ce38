"""What the back office's own pages have in common: its door and its frame."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

View = Callable[..., HttpResponse]


def staff_page(*rights: str) -> Callable[[View], View]:
    """A page behind the back office's door, for staff with one of these rights, or for all of them."""

    def behind(view: View) -> View:
        @wraps(view)
        def let_in(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            if rights and not any(request.user.has_perm(right) for right in rights):
                raise PermissionDenied
            return view(request, *given, **named)

        return admin.site.admin_view(let_in)

    return behind


def show(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """A page in the back office's frame; templates extend `backoffice/page.html`."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})
