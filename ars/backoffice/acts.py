"""What staff do for a caller on a page of its own: asked, shown with the mail as it will go out, then done, once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from ars.backoffice.call_forms import WhyForm
from ars.backoffice.pages import show
from enrollment import callers, notes
from enrollment.acting import staff_of
from enrollment.models import User
from enrollment.notes import Written
from notifications.models import Message
from printers.facts import Refused

DONE_BEFORE = "That was done before."
Typed = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Effect:
    """What will happen, sentence by sentence; the mail as it will go out, if one does; what the button says."""

    will: Sequence[str]
    button: str
    mail: Message | None = None
    no_mail: str = "No mail goes out."


@dataclass(frozen=True)
class Act:
    """Something staff do for `user`. `effect` and `do` get what was typed, and refuse what may not be.

    `do` runs in one transaction with the note `noted` says, which colleagues read; it returns what staff are told.
    """

    title: str
    user: User
    form: Callable[..., WhyForm]
    effect: Callable[[Typed, datetime], Effect]
    do: Callable[[Typed, datetime, User], str]
    noted: str


def answer(request: HttpRequest, act: Act) -> HttpResponse:
    """GET asks, and shows at once what will happen where there is nothing to choose; `act` in a POST does it."""
    staff, now, sent = staff_of(request), timezone.now(), request.method == "POST"
    if refusal := callers.refusal(staff, act.user, now):
        return _page(request, act, refusal=refusal)
    form = act.form(request.POST) if sent else act.form(initial={"key": uuid4()})
    if sent and form.is_valid() and "act" in request.POST:
        return _do(request, act, form, staff, now)
    chosen = form.is_valid() if sent else not form.asks
    try:
        effect = act.effect(form.cleaned_data if sent else {}, now) if chosen else None
    except Refused as refused:
        return _page(request, act, refusal=str(refused))
    return _page(request, act, form=form, effect=effect)


def dry(step: Callable[[], T]) -> T:
    """What a step would come to, by the rules themselves: it is taken, read, and taken back."""
    with transaction.atomic():
        found = step()
        transaction.set_rollback(True)
    return found


def _do(request: HttpRequest, act: Act, form: WhyForm, staff: User, now: datetime) -> HttpResponse:
    typed = form.cleaned_data
    try:
        with transaction.atomic():
            callers.let_act(staff, act.user, now)
            new = notes.add(act.user, Written(f"{act.noted}: {typed['why']}", typed["key"]), staff, now)
            said = act.do(typed, now, staff) if new else DONE_BEFORE
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("backoffice:customer", args=[act.user.pk]))


def _page(request: HttpRequest, act: Act, **context: object) -> HttpResponse:
    return show(request, "backoffice/act.html", act.title, customer=act.user, **context)
