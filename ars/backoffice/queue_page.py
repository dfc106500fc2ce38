"""A queue's page: what waits, who works on it, and the three things one does with an entry beside working on it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.backoffice import marks
from ars.backoffice.pages import show, staff_page
from ars.backoffice.queues import QUEUES, Queue
from ars.models import QueueMark
from enrollment.acting import staff_of
from enrollment.models import User
from printers.facts import Refused

PAGE = 50
MORNING = time(8)  # UTC: when what was put off until a day is back


class PutOffForm(forms.Form):
    """Until which day an entry may wait, and why."""

    until = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(max_length=160)


@dataclass(frozen=True)
class Shown:
    """An entry as the page lists it."""

    key: int
    since: datetime
    text: str
    person: User | None
    url: str
    due: datetime
    late: bool
    mark: QueueMark | None
    by: User | None


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def queue_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, 50 a page, the oldest first; `?show=asleep` what was put off. A POST marks an entry."""
    queue, staff, now = QUEUES.get(slug), staff_of(request), timezone.now()
    if queue is None:
        raise Http404
    if not staff.has_perm(queue.right):
        raise PermissionDenied
    if request.method == "POST":
        return _marked(request, queue, staff, now)
    asleep = request.GET.get("show") == "asleep"
    rows = queue.sleeping(now) if asleep else queue.rows(now)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"queue": queue, "page": page, "entries": listed(queue, list(page), now), "asleep": asleep}
    return show(request, "backoffice/queue.html", queue.title, **context, staff=staff)


def listed(queue: Queue, rows: list[Any], now: datetime) -> list[Shown]:
    """Rows of a queue with what is marked of them."""
    found = marks.of(queue.slug, [row.pk for row in rows])
    return [_shown(queue, row, found.get(row.pk), now) for row in rows]


def _shown(queue: Queue, row: Any, mark: QueueMark | None, now: datetime) -> Shown:
    since = row
    for step in queue.since.split("__"):
        since = getattr(since, step)
    due = since + queue.patience
    by = mark.by if mark and marks.works(mark, now) else None
    return Shown(row.pk, since, queue.tell(row), queue.person(row), queue.page(row), due, due < now, mark, by)


def _marked(request: HttpRequest, queue: Queue, staff: User, now: datetime) -> HttpResponse:
    """One of: take the next one, take this one, give it back, put it off."""
    act = request.POST.get("act")
    try:
        if act == "next":
            return _next(request, queue, staff, now)
        key = _key(request, queue, now)
        if act == "claim":
            marks.claim(queue.slug, key, staff, now)
        elif act == "release":
            marks.release(queue.slug, key, staff)
        elif act == "put_off":
            _put_off(request, queue, key, staff, now)
        else:
            raise Refused("Choose what to do with it.", "unknown_act")
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(queue.url)


def _key(request: HttpRequest, queue: Queue, now: datetime) -> int:
    """The entry meant, which must wait here or have been put off."""
    key = request.POST.get("key", "")
    if not key.isdecimal() or not queue.waiting(now).filter(pk=key[:18]).exists():
        raise Refused("It does not wait here any more.", "gone")
    return int(key)


def _next(request: HttpRequest, queue: Queue, staff: User, now: datetime) -> HttpResponse:
    """Take the oldest that nobody works on, and go to it."""
    others = QueueMark.objects.filter(marks.taken(now), queue=queue.slug).exclude(by=staff).values("key")
    row = queue.rows(now).exclude(pk__in=others).first()
    if row is None:
        messages.info(request, "Nothing waits that nobody works on.")
        return HttpResponseRedirect(queue.url)
    marks.claim(queue.slug, row.pk, staff, now)
    return HttpResponseRedirect(queue.page(row))


def _put_off(request: HttpRequest, queue: Queue, key: int, staff: User, now: datetime) -> None:
    form = PutOffForm(request.POST)
    if not form.is_valid():
        raise Refused("Say until which day it can wait, and why.", "no_reason")
    until: date = form.cleaned_data["until"]
    morning = datetime.combine(until, MORNING, tzinfo=now.tzinfo)
    marks.put_off(queue.slug, key, staff, morning, form.cleaned_data["reason"], now)
    messages.success(request, f"Put off until {until:%-d %b %Y}.")
