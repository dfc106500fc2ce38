"""What every page knows: the brand, how to reach its people, and whether staff look at somebody's account."""

from django.conf import settings
from django.http import HttpRequest

from enrollment.models import Look


def brand(request: HttpRequest) -> dict[str, str]:
    """For the context processors."""
    return {
        "BRAND_NAME": settings.BRAND_NAME,
        "SUPPORT_PHONE": settings.SUPPORT_PHONE,
        "SUPPORT_HOURS": settings.SUPPORT_HOURS,
        "SUPPORT_EMAIL": settings.SUPPORT_EMAIL,
    }


def look(request: HttpRequest) -> dict[str, Look | None]:
    """Whose account staff look at (`ars.looking`)."""
    return {"look": getattr(request, "look", None)}
