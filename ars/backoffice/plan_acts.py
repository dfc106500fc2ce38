"""A plan changed for a caller: its printer disconnected, the plan paused, resumed, ended; each shown before it is done.

The rules, and the words for what became of them, are those of the customer's own pages.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial, wraps

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.account.forms_of_plan import PauseForm
from ars.account.printer_rows import clock_of
from ars.backoffice.acts import Act, Effect, Typed, answer, dry
from ars.backoffice.call_forms import WhyForm
from ars.backoffice.pages import View, staff_page
from ars.timeline.proof import preview_of_plan
from enrollment import lifecycle, owned_printers
from enrollment.models import Plan, User
from enrollment.reasons import Reason
from notifications.models import Message
from orders import wishes, words
from orders.clock import Clock
from orders.models import Order
from orders.wishes import Left
from printers.facts import Refused
from printers.models import DeviceToken

CAUSE = "disconnected by staff for its owner"


class PauseWhyForm(PauseForm, WhyForm):
    """Until when, and why."""


class EndForm(WhyForm):
    """Why the customer leaves, as they say, and a word for colleagues."""

    reason = forms.ChoiceField(choices=Reason.choices, initial=Reason.UNSAID, label="What they say")

    field_order = ("reason", "why")


def _page(right: str) -> Callable[[Callable[[Plan, datetime], Act]], View]:
    """A page that acts on a plan of a customer."""

    def made(act_on: Callable[[Plan, datetime], Act]) -> View:
        @staff_page(right)
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(act_on)
        def view(request: HttpRequest, user_id: int, plan_id: int) -> HttpResponse:
            related = Plan.objects.select_related("user__closure", "model__series", "printer", "shipping_address")
            plan = get_object_or_404(related, pk=plan_id, user=user_id)
            return answer(request, act_on(plan, timezone.now()))

        return view

    return made


@_page("printers.change_devicetoken")
def disconnect(plan: Plan, now: datetime) -> Act:
    """Its printer can report no more; the plan stays."""

    def do(typed: Typed, now: datetime, staff: User) -> str:
        done = owned_printers.disconnect(plan, CAUSE, now)
        return f"{plan.display_name} is disconnected." if done else f"{plan.display_name} was not connected any more."

    return Act(
        title=f"Disconnect {plan.display_name}",
        user=plan.user,
        form=WhyForm,
        effect=lambda typed, now: _disconnected(plan, now),
        do=do,
        noted=f"{plan.display_name} disconnected",
    )


def _disconnected(plan: Plan, now: datetime) -> Effect:
    if not dry(partial(owned_printers.disconnect, plan, CAUSE, now)):
        raise Refused(f"{plan.display_name} is not connected: there is nothing to disconnect.", "not_connected")
    will = [
        f"{plan.display_name} can tell us its ink no more, so nothing is ordered for it. It prints on, with any ink.",
        "The plan stays. To go on, its owner connects the printer again; to end it, end the plan.",
        *_stay(plan, clock_of(plan, now)),
    ]
    return Effect(will, f"Disconnect {plan.display_name}", no_mail="No mail goes out: they asked for it.")


@_page("enrollment.change_plan")
def pause(plan: Plan, now: datetime) -> Act:
    """Nothing is ordered until a day, or until resumed."""

    def take(until: object, now: datetime, by: str) -> bool:
        fresh = Plan.objects.get(pk=plan.pk)
        with transaction.atomic():
            changed = lifecycle.pause(fresh, until, now)  # type: ignore[arg-type]  # what PauseForm made of it
            if changed:
                lifecycle.note(fresh, lifecycle.PAUSED, now, by)
        return changed

    def do(typed: Typed, now: datetime, staff: User) -> str:
        changed = take(typed["until"], now, staff.get_username())
        return f"{plan.display_name} is paused." if changed else f"{plan.display_name} was paused so before."

    def effect(typed: Typed, now: datetime) -> Effect:
        mail = _mail_of(plan, partial(take, typed["until"], now, ""), now)
        clock, until = clock_of(plan, now), typed["until"]
        ends = f"until {clock.day(until)}; on that day it goes on by itself" if until else "until it is resumed"
        will = [f"Nothing is ordered for {plan.display_name} {ends}. It is watched all the same.", *_stay(plan, clock)]
        button = f"Pause until {clock.day(until)}" if until else "Pause until it is resumed"
        return Effect(will, f"{button}, and mail them", mail)

    form = partial(PauseWhyForm, today=now.date())
    return Act(f"Pause {plan.display_name}", plan.user, form, effect, do, f"{plan.display_name} paused")


@_page("enrollment.change_plan")
def resume(plan: Plan, now: datetime) -> Act:
    """A pause ends."""

    def take(now: datetime, by: str) -> bool:
        fresh = Plan.objects.get(pk=plan.pk)
        with transaction.atomic():
            if changed := lifecycle.resume(fresh, now):
                lifecycle.note(fresh, lifecycle.RESUMED, now, by)
        return changed

    def do(typed: Typed, now: datetime, staff: User) -> str:
        return "It goes on. What is low is ordered now." if take(now, staff.get_username()) else "It was not paused."

    def effect(typed: Typed, now: datetime) -> Effect:
        if plan.paused_at is None:
            raise Refused(f"{plan.display_name} is not paused.", "not_paused")
        mail = _mail_of(plan, partial(take, now, ""), now)
        return Effect([f"What is low in {plan.display_name} is ordered at once."], "Go on, and mail them", mail)

    return Act(f"Resume {plan.display_name}", plan.user, WhyForm, effect, do, f"{plan.display_name} resumed")


@_page("enrollment.change_plan")
def end(plan: Plan, now: datetime) -> Act:
    """The plan ends at its owner's wish, as their own Cancel Plan has it."""

    def take(typed: Typed, now: datetime, by: str) -> Left:
        with transaction.atomic():
            fresh = lifecycle.lock_plan(plan.pk)
            return wishes.leave(fresh, wishes.not_ready(fresh), typed["reason"], "", now, by)

    def do(typed: Typed, now: datetime, staff: User) -> str:
        ended = take(typed, now, staff.get_username()).ended
        return f"The plan for {plan.display_name} has ended." if ended else "It had ended before."

    def effect(typed: Typed, now: datetime) -> Effect:
        if plan.status == Plan.Status.CANCELLED:
            raise Refused("This plan has ended already.", "plan_ended")
        will, mail = dry(lambda: _ended(plan, take(typed, now, "staff"), typed["reason"], now))
        return Effect(will, "End the plan, and mail them", mail)

    return Act(f"End the plan for {plan.display_name}", plan.user, EndForm, effect, do, f"{plan.display_name} ended")


def _ended(plan: Plan, left: Left, reason: str, now: datetime) -> tuple[list[str], Message | None]:
    """What became of it, read while it is done."""
    will = ["Nothing more is ordered from this moment. The printer prints on, with any ink; leaving costs nothing."]
    will += [f"Order {order.display_number} is cancelled; nothing was charged for it." for order in left.cancelled]
    will += list(_stay(plan, clock_of(plan, now)))
    if reason == Reason.GONE and DeviceToken.objects.filter(printer=plan.printer_id, revoked_at=now).exists():
        will.append("The printer is disconnected, free for its next owner.")
    return will, _last_mail(plan, now)


def _stay(plan: Plan, clock: Clock) -> Iterator[str]:
    """The orders that come all the same."""
    for order in Order.objects.filter(plan=plan, status__in=wishes.UNDER_WAY).order_by("placed_at", "pk"):
        yield f"Order {order.display_number} ({words.state(order, clock).label.lower()}) comes all the same."


def _mail_of(plan: Plan, step: Callable[[], object], now: datetime) -> Message | None:
    """The mail a step makes, without taking it."""

    def taken() -> Message | None:
        return _last_mail(plan, now) if step() else None

    return dry(taken)


def _last_mail(plan: Plan, now: datetime) -> Message | None:
    related = ("plan__user__closure", "plan__model__series", "plan__printer", "plan__shipping_address")
    step = plan.events.select_related(*related).order_by("pk").last()
    return preview_of_plan(step, now) if step else None
