"""Has it come, is it in: what only the customer can tell, asked on their pages and by the link of a mail."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ars.account import order_rows
from ars.account.acting import own_button, say
from enrollment import links
from enrollment.models import User
from orders import questions, words_after
from orders.clock import Clock
from orders.models import Complaint, Order, Question
from printers.facts import Refused

Answer, Kind = Question.Answer, Question.Kind
# The answers that say that something is wrong, as the page about that names it.
PROBLEM = {Answer.NEVER_CAME: Complaint.Kind.NOT_COME, Answer.DOES_NOT_WORK: Complaint.Kind.DOES_NOT_WORK}


@dataclass(frozen=True)
class Asked:
    """An open question: its words, its answers, and where they go."""

    question: Question
    now: datetime

    @property
    def clock(self) -> Clock:
        return Clock(self.now, str(self.question.order.ship_to.get("state", "")))

    @property
    def text(self) -> str:
        return words_after.question(self.question, self.clock)

    @property
    def about(self) -> str:
        """Which order it is about."""
        order = self.question.order
        facts = {"number": order.display_number, "printer": order.plan.display_name}
        if order.delivered_at:
            text = gettext("Order %(number)s for %(printer)s was delivered on %(day)s, and the printer still says low.")
            return text % {**facts, "day": self.clock.day(order.delivered_at)}
        text = gettext("Order %(number)s for %(printer)s should be there, and the printer still says low.")
        return text % facts

    @property
    def answers(self) -> list[tuple[str, str]]:
        return [(answer, gettext(label)) for answer, label in words_after.ANSWERS.items()]

    @property
    def url(self) -> str:
        return reverse("order_is_it_in", args=[self.question.order.number])


def is_it_in_of(now: datetime, **whose: Model) -> list[Asked]:
    """The cartridges of a customer, plan or order that are asked about, the oldest question first."""
    related = ("line__slot", "order__plan__model", "order__plan__printer")
    asked = list(Question.objects.open_is_it_in().filter(**whose).values_list("pk", flat=True))
    if not asked:  # nearly always, and a short question
        return []
    found = Question.objects.filter(pk__in=asked).select_related(*related).order_by("asked_at", "pk")
    return [Asked(question, now) for question in found]


def is_it_in_open(question: Question) -> bool:
    """The same of one question that was read with its line and need (`Question.objects.open()`)."""
    line = question.line
    waits = line is not None and line.open and line.replenishment is not None and line.replenishment.closed_at is None
    return question.kind == Kind.IS_IT_IN and waits and question.asked_at is not None and question.answer == ""


@own_button
def is_it_in(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """One of the four answers; the first counts. "Never came" and "does not work" go on to what is done about it."""
    order = get_object_or_404(order_rows.of(user), number=number)
    asked = order.questions.filter(kind=Kind.IS_IT_IN).select_related("line", "order")
    question = next((each for each in asked if str(each.pk) == request.POST.get("question")), None)
    if question is None:
        return redirect("order", number)
    return _answer(request, question, request.POST.get("answer", ""), now) or redirect("order", number)


@own_button
def has_it_come(request: HttpRequest, user: User, now: datetime, number: str) -> HttpResponse:
    """Yes: it is there. No: then it is to be replaced."""
    order = get_object_or_404(order_rows.of(user), number=number)
    return _come(request, order, request.POST.get("answer", ""), now) or redirect("order", number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, kind: str, signed: str) -> HttpResponse:
    """The question of a mail, without signing in: GET shows it, POST answers it. Nothing else is shown."""
    try:
        pk = links.read(kind, signed)
    except links.LinkError:
        return render(request, "account/question_over.html", status=410)
    related = ("order__plan__model", "order__plan__printer", "line__slot")
    question = get_object_or_404(Question.objects.select_related(*related), pk=pk)
    if request.method == "POST":
        answer, now = request.POST.get("answer", ""), timezone.now()
        ask_more = _come(request, question.order, answer, now) if kind == Kind.HAS_IT_COME else None
        if kind == Kind.IS_IT_IN:
            ask_more = _answer(request, question, answer, now)
        return ask_more or redirect(request.path)
    is_open = Question.objects.open().filter(pk=pk).exists()
    context = {"asked": Asked(question, timezone.now()), "is_open": is_open, "told": _told(question)}
    return render(request, "account/question.html", context)


def _answer(request: HttpRequest, question: Question, answer: str, now: datetime) -> HttpResponse | None:
    """Act on an answer; the page that asks for more, if one does."""
    if answer in PROBLEM:
        return _to_problem(question.order, PROBLEM[Answer(answer)])
    if answer == Answer.YES and questions.is_in(question, now):
        say(request, gettext("Thank you. The next time it is low, we order another."))
    if answer == Answer.NOT_YET and questions.not_yet(question, now):
        say(request, gettext("Fine. We ask again in two weeks."))
    return None


def _come(request: HttpRequest, order: Order, answer: str, now: datetime) -> HttpResponse | None:
    if answer == "no":
        return _to_problem(order, Complaint.Kind.NOT_COME)
    try:
        if answer == Answer.YES and questions.has_come(order, now):
            say(request, gettext("Thank you. Put it in when the printer asks for it."))
    except Refused as refused:  # it went back, or never left: the page says how it stands
        say(request, str(refused))
    return None


def _to_problem(order: Order, what: str) -> HttpResponse:
    return redirect(f"{reverse('order_problem', args=[order.number])}?what={what}")


def _told(question: Question) -> str:
    """What was answered; or that there is nothing to ask any more."""
    if question.kind == Kind.HAS_IT_COME and question.answer == Answer.YES:
        return gettext(words_after.IT_HAS_COME)
    if question.answer:
        return gettext(words_after.TOLD[Answer(question.answer)])
    return gettext("There is nothing to answer any more.")
