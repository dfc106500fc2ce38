"""Mails we sent you: a list, and each as it was sent."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ars.account.views import own_page
from enrollment.models import User
from notifications.models import Message
from orders.clock import Clock

A_PAGE = 20


@own_page
def mails(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """All mails to this account, the newest first."""
    found = Message.objects.filter(user=user).order_by("-created_at", "-pk").defer("html", "text")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    clock = _clock(user, now)
    rows = [(mail, clock.moment(mail.created_at)) for mail in page]
    return render(request, "account/mails.html", {"page": page, "rows": rows, "tab": "mails"})


@own_page
def mail(request: HttpRequest, user: User, now: datetime, message_id: int) -> HttpResponse:
    """One mail, its text word for word; never its HTML, which was made for other windows."""
    found = get_object_or_404(Message.objects.filter(user=user).select_related("order"), pk=message_id)
    when = _clock(user, now).moment(found.created_at)
    return render(request, "account/mail.html", {"mail": found, "when": when, "tab": "mails"})


def _clock(user: User, now: datetime) -> Clock:
    """By the place ink was sent to last."""
    address = user.addresses.order_by("pk").last()
    return Clock(now, address.state if address else "")
