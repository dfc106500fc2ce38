"""The link of the activation mail: says what it is about; a press of its button signs the buyer in, the first time."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollment import invitations
from enrollment.models import Plan, User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, signed: str) -> HttpResponse:
    """GET only shows, so that a mail scanner that opens links changes nothing; POST acts."""
    plan = invitations.read(signed)
    if plan is None:
        return render(request, "account/welcome_over.html", status=410)
    if request.method != "POST":
        return render(request, "account/welcome.html", {"plan": plan, "opens": invitations.opens(plan)})
    return _enter(request, plan)


def _enter(request: HttpRequest, plan: Plan) -> HttpResponse:
    """To where the plan is finished: at once, by this link, or by signing in."""
    address = reverse("plan_set_up", args=[plan.pk])
    if request.user == plan.user:
        return redirect(address)
    if not invitations.opens(plan):
        return redirect_to_login(address)
    _prove_address(plan.user)
    response: HttpResponse = perform_login(request, Login(user=plan.user, email=plan.user.email, redirect_url=address))
    return response


def _prove_address(user: User) -> None:
    """The link came by mail: whoever opens it reads that address."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
