"""`/metrics`, as Prometheus reads it: for who sends METRICS_TOKEN; where none is set, for private addresses."""

from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ars.watch import figures, http

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """404 to everybody else: there is nothing here to be guessed at."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(generate_latest(figures.registry) + generate_latest(http.all_processes()), CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """By the token where there is one. Else the asker must be near, and nobody stand between: a proxy is near, too."""
    if settings.METRICS_TOKEN:
        scheme, _, sent = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(sent.strip(), settings.METRICS_TOKEN)
    passed_on = settings.ALLAUTH_TRUSTED_PROXY_COUNT or any(header in request.META for header in FORWARDED)
    return not passed_on and _is_private(request.META.get("REMOTE_ADDR", ""))


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
