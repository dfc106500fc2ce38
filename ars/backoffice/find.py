"""The one search box of the back office: straight to a customer, or to a list of those it may have meant."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from ars.backoffice import finding
from ars.backoffice.pages import show, staff_page
from enrollment.acting import staff_of


@staff_page("enrollment.view_user")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Whom the words of `q` find."""
    text = request.GET.get("q", "").strip()[:200]
    found = finding.people(text, staff_of(request))
    if len(found.people) == 1 and not found.more:
        return HttpResponseRedirect(reverse("backoffice:customer", args=[found.people[0].user.pk]))
    return show(request, "backoffice/find.html", "Find a customer", q=text, found=found, most=finding.AT_MOST)
