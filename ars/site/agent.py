"""The helper program that runs beside a printer: whether this server has it to give away, and the file itself."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

NAME = "ars-agent.pyz"
KIND = "application/zip"


def steps() -> dict[str, object]:
    """What the steps of connecting a printer with it say: whether there is something to download, and this server.

    `sha256` is the file's, 64 hexadecimal digits; empty where there is none to give away.
    """
    return {"sha256": _sha256(settings.AGENT_FILE), "SITE_URL": settings.SITE_URL}


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The file, the same on every server of a version, its SHA-256 as ETag; 404 where `make agent` never built it."""
    try:
        content = settings.AGENT_FILE.read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    headers = {"ETag": etag, "Content-Disposition": f'attachment; filename="{NAME}"'}
    response = HttpResponse(content, content_type=KIND, headers=headers)
    patch_cache_control(response, public=True, no_cache=True)  # may be kept, and is asked after each time
    return get_conditional_response(request, etag=etag, response=response) or response
