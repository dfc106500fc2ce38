"""Connecting a printer: type the code, say whether it is yours, and watch until its first reading comes."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ars.account import printer_rows
from ars.account.connection import Connection
from ars.account.printer_rows import PrinterRow
from ars.account.question import CodeForm, Question
from ars.account.views import own_page
from enrollment import guesses, network, pairing
from enrollment.models import Claim, User
from enrollment.pairing import PrinterTaken
from printers.facts import Refused

Step = Callable[[HttpRequest, User, str], HttpResponse]


def code_page(view: Step) -> Callable[[HttpRequest], HttpResponse]:
    """A page about one code, which outlives signing in, and a limit on how many wrong ones are looked at."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        sent = request.POST if request.method == "POST" else request.GET
        typed = sent.get("user_code", "")
        if not isinstance(request.user, User):
            return redirect_to_login(address(typed))
        if not typed.strip():
            return ask_for_code(request, {"user_code": ""} if request.method == "POST" else None)
        try:
            return view(request, request.user, typed)
        except guesses.TooManyTries:
            return too_many_tries(request)
        except PrinterTaken as taken:
            return _claimed(request, request.user, taken)
        except Refused as refused:
            done = pairing.connected_by(typed, request.user)
            if done is not None:
                return redirect("activate_connecting", done.pk)
            return ask_for_code(request, {"user_code": typed[:40].replace("\x00", "")}, str(refused))

    return never_cache(page)


@require_http_methods(["GET", "HEAD", "POST"])
@code_page
def activate(request: HttpRequest, user: User, typed: str) -> HttpResponse:
    """The field for the code, and where a code is known, the question it leads to."""
    question = asked(request, user, typed)
    if request.method == "POST":
        return redirect(address(question.request.display_code))
    return ask(request, question)


@require_http_methods(["POST"])
@code_page
def answer(request: HttpRequest, user: User, typed: str) -> HttpResponse:
    """Yes or no. Nothing else, no link and no code alone, connects a printer."""
    question = asked(request, user, typed)
    if request.POST.get("answer") == "no":
        pairing.deny(question.request, user, question.now)
        messages.info(request, gettext("Nothing was connected. If somebody sent you that code, you did well."))
        return redirect("activate")
    target = question.choose(request.POST.get("choice", ""))
    if request.POST.get("answer") != "yes" or (target is None and question.must_choose):
        return ask(request, question, request.POST)
    if target is None:
        raise Refused(gettext(pairing.NOT_CARRIED), "model_unknown")
    plan = pairing.approve(question.request, user, target.model, target.plan, question.now)
    return redirect("activate_connecting", plan.pk)


@own_page
def connecting(request: HttpRequest, user: User, now: datetime, plan_id: int) -> HttpResponse:
    """Waiting for the first reading; then the tanks, and what is still to do."""
    plan = get_object_or_404(printer_rows.of(user), pk=plan_id, printer__isnull=False)
    connection = Connection(PrinterRow(plan, now))
    return render(request, "activate/connecting.html", {"connection": connection, "row": connection.row})


def _claimed(request: HttpRequest, user: User, taken: PrinterTaken) -> HttpResponse:
    """On to the plan that waits for the printer, whose page says from when on it is free."""
    assert taken.waiting is not None  # made with the claim
    if taken.claim is None or taken.claim.waiting_id != taken.waiting.pk:  # somebody else asked first
        row = PrinterRow(get_object_or_404(printer_rows.of(user), pk=taken.waiting.pk), timezone.now())
        free_at = taken.claim.ends_at if taken.claim and taken.claim.outcome == Claim.Outcome.OPEN else None
        messages.warning(request, row.waits_until(free_at))
    return redirect("plan", taken.waiting.pk)


def asked(request: HttpRequest, user: User, typed: str) -> Question:
    """The question behind a code; see `guesses.look_up` for what it raises."""
    now, seen_from = timezone.now(), network.address_of(request)
    return Question(guesses.look_up(typed, user, seen_from, now), user, seen_from, now)


def ask_for_code(request: HttpRequest, sent: dict[str, str] | None = None, problem: str = "") -> HttpResponse:
    """The field for the code; with what was sent and why it led nowhere."""
    form = CodeForm(sent)
    if problem and form.is_valid():
        form.add_error("user_code", problem)
    return render(request, "activate/code.html", {"form": form})


def ask(request: HttpRequest, question: Question, data: QueryDict | None = None) -> HttpResponse:
    """The question."""
    form = question.form(data) if question.must_choose else None
    return render(request, "activate/question.html", {"question": question, "form": form})


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """429."""
    minutes = guesses.WAIT_SECONDS // 60
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(guesses.WAIT_SECONDS)
    return response


def address(typed: str) -> str:
    """Where a code is asked about."""
    page = reverse("activate")
    return f"{page}?{urlencode({'user_code': typed})}" if typed else page
