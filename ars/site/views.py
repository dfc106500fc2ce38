"""The pages for anybody. They read; nothing here changes anything."""

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from ars.site import agent, model_page, price_chart, printer_list, specimens
from ars.site.caching import public_page
from enrollment import terms
from printers.models import PrinterModel, Series


@public_page
def landing(request: HttpRequest) -> HttpResponse:
    """What the service is."""
    eligible = (
        Series.objects.annotate(count=Count("models", filter=Q(models__eligible=True)))
        .filter(count__gt=0)
        .order_by("position")
    )
    return render(request, "pages/landing.html", {"series": list(eligible)})


@public_page
def printers(request: HttpRequest) -> HttpResponse:
    """Printers that can be enrolled, by series (promise P1)."""
    context = {"list": printer_list.read(request.GET.get("q", "")), "tab": "printers"}
    return render(request, "pages/printers.html", context)


@public_page
def printer(request: HttpRequest, slug: str) -> HttpResponse:
    """One model; an address that is none is taken for a search."""
    page = model_page.read(slug, request.user, timezone.now())
    if page is None:
        context = {"list": printer_list.read(slug), "missing": True, "tab": "printers"}
        return render(request, "pages/printers.html", context, status=404)
    return render(request, "pages/printer.html", {"page": page, "model": page.model, "tab": "printers"})


@public_page
def prices(request: HttpRequest) -> HttpResponse:
    """The price chart (promise P8)."""
    chart = price_chart.read(request.GET.get("printer", ""), timezone.now())
    return render(request, "pages/prices.html", {"chart": chart, "tab": "prices"})


@public_page
def download(request: HttpRequest) -> HttpResponse:
    """The helper program that connects a printer (promise P2, Start Enrollment)."""
    return render(request, "pages/download.html", agent.steps())


@public_page
def instructions(request: HttpRequest) -> HttpResponse:
    """How a printer is connected that needs no program (promise P2, View Instructions)."""
    return render(request, "pages/instructions.html", agent.steps())


@public_page
def help_page(request: HttpRequest) -> HttpResponse:
    """Answers to what people ask."""
    return render(request, "pages/help.html", {"tab": "help"})


@public_page
def terms_page(request: HttpRequest) -> HttpResponse:
    """What a customer agrees to."""
    return render(request, "pages/terms.html", {"version": terms.VERSION})


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, and what for."""
    return render(request, "pages/privacy.html", {"version": terms.VERSION})


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers need not look at."""
    return render(request, "pages/robots.txt", {"SITE_URL": settings.SITE_URL}, content_type="text/plain")


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page there is."""
    slugs = PrinterModel.objects.filter(eligible=True).order_by("slug").values_list("slug", flat=True)
    context = {"SITE_URL": settings.SITE_URL, "slugs": list(slugs)}
    return render(request, "pages/sitemap.xml", context, content_type="application/xml")


@public_page
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages; in production it does not exist."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "pages/styleguide.html", {"show": specimens.Specimens(timezone.now())})
