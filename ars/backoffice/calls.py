"""The call: a code mailed and read out, or two facts that are compared; and what staff write down of it. POST alone."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from ars.backoffice.call_forms import CodeForm, FactsForm, NoteForm
from ars.backoffice.pages import View, staff_page
from billing.models import Charge
from enrollment import callers, notes
from enrollment.acting import staff_of
from enrollment.models import Note, User
from enrollment.notes import Written
from notifications import outbox
from notifications.models import HIDDEN
from orders.models import Order
from printers.facts import Refused

MAIL = "caller_code"
VERIFIED = "The caller is verified, for half an hour and for all colleagues."


def _button(right: str) -> Callable[[Callable[..., str]], View]:
    """A button on a customer's page: does something once, and says what, or why not, on that page."""

    def made(act: Callable[..., str]) -> View:
        @staff_page(right)
        @require_POST
        @wraps(act)
        def view(request: HttpRequest, user_id: int, **named: int) -> HttpResponse:
            user = get_object_or_404(User, pk=user_id)
            try:
                messages.success(request, act(request, user, staff_of(request), timezone.now(), **named))
            except Refused as refused:
                messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("backoffice:customer", args=[user_id]))

        return view

    return made


@_button("enrollment.add_callercheck")
def send_code(request: HttpRequest, user: User, staff: User, now: datetime) -> str:
    """Mail a code to the account's address. The mail that is kept has none in it."""
    with transaction.atomic():
        code = callers.begin(user, staff, now)
        outbox.send_soon(outbox.compose(MAIL, {"code": HIDDEN}, now, to=user.email, user=user, secret=code))
    return f"A code is on its way to {user.email}. Ask the caller to read it out."


@_button("enrollment.add_callercheck")
def read_code(request: HttpRequest, user: User, staff: User, now: datetime) -> str:
    """What the caller read out."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        raise Refused("Type the six digits the caller reads out.", "no_code")
    callers.read_out(user, form.cleaned_data["code"], staff, now)
    return VERIFIED


@_button("enrollment.add_callercheck")
def hear_facts(request: HttpRequest, user: User, staff: User, now: datetime) -> str:
    """What the caller says of the account, compared by us with what we know."""
    form = FactsForm(request.POST)
    if not form.is_valid():
        raise Refused("Type an order number of nine digits, and an amount such as 24.99.", "no_facts")
    callers.knows_facts(user, staff, now, right=_are_right(user, **form.facts))
    return VERIFIED


def _are_right(user: User, number: str, cents: int) -> bool:
    """Whether an order of that number is theirs, and their last charge was of that amount."""
    charges = Charge.objects.took_money().filter(order__user=user).order_by("-settled_at", "-pk")
    last = charges.values_list("amount_cents", flat=True).first()
    return last == cents and Order.objects.filter(user=user, number=number).exists()


@_button("enrollment.add_note")
def add_note(request: HttpRequest, user: User, staff: User, now: datetime) -> str:
    """Keep a note; sent twice, it is one."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Refused(f"The note was not kept. {_first_error(form)}", "no_note")
    new = notes.add(user, Written(**form.cleaned_data), staff, now)
    return "The note is kept." if new else "That note was kept before."


def _first_error(form: NoteForm) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)


@_button("enrollment.add_note")
def follow_up(request: HttpRequest, user: User, staff: User, now: datetime, note_id: int) -> str:
    """Its follow-up is done."""
    note = get_object_or_404(Note, pk=note_id, user=user)
    return "Done." if notes.followed_up(note, staff, now) else "That was done before."
