"""Charts of the kept figures over a day, a week or a quarter, each with the table it is drawn from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ars.backoffice import dashboard, figures
from ars.backoffice.figures import FIGURES
from ars.backoffice.pages import show, staff_page
from enrollment.acting import staff_of
from enrollment.models import User

DAY = timedelta(days=1)
SPANS = {"24h": (DAY, "24 hours"), "7d": (7 * DAY, "7 days"), "90d": (90 * DAY, "90 days")}
WIDTH, HEIGHT, GAP = 720, 120, 2  # of a chart, in the units of its drawing
MONEY = ("revenue", "charges", "declines")


@dataclass(frozen=True)
class Bar:
    """One hour or day: where it stands in the drawing, and what it says."""

    x: float
    y: float
    width: float
    height: float
    when: str
    value: str


@dataclass(frozen=True)
class Chart:
    """One figure over a span."""

    name: str
    title: str
    total: str
    highest: str
    bars: list[Bar]


@staff_page()
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """`?span=24h`, `7d` or `90d`."""
    span = request.GET.get("span", "7d")
    span = span if span in SPANS else "7d"
    drawn = charts(staff_of(request), span, timezone.now())
    spans = [(name, words, name == span) for name, (_, words) in SPANS.items()]
    return show(request, "backoffice/reports.html", "Reports", charts=drawn, spans=spans, words=SPANS[span][1])


def charts(staff: User, span: str, now: datetime) -> list[Chart]:
    """A chart for each figure that somebody may see."""
    money = staff.has_perm("billing.view_charge")
    names = [name for name in FIGURES if money or name not in MONEY]
    length = SPANS[span][0]
    if length <= DAY:
        first, step, read = figures.hour_of(now - length) + figures.HOUR, figures.HOUR, figures.hourly
    else:
        first, step, read = figures.hour_of(now - length).replace(hour=0) + DAY, DAY, figures.daily
    found = read(names, first)
    moments = list(_moments(first, step, now))
    return [_chart(name, [(at, found[name].get(at, 0)) for at in moments], step) for name in names]


def _moments(first: datetime, step: timedelta, now: datetime) -> Iterator[datetime]:
    while first <= now:
        yield first
        first += step


def _chart(name: str, numbers: list[tuple[datetime, int]], step: timedelta) -> Chart:
    figure, top = FIGURES[name], max(value for _, value in numbers)
    room = WIDTH / len(numbers)
    when = "%-d %b" if step == DAY else "%-d %b %H:00"
    bars = []
    for place, (at, value) in enumerate(numbers):
        tall = HEIGHT * value / top if top else 0
        told = dashboard.said(name, value)
        bars.append(Bar(place * room, HEIGHT - tall, max(room - GAP, 1), tall, f"{at:{when}}", told))
    total = numbers[-1][1] if figure.gauge else sum(value for _, value in numbers)
    return Chart(name, figure.title, dashboard.said(name, total), dashboard.said(name, top), bars)
