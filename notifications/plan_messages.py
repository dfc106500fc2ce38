"""The catalogue of plans' mails: which step makes which mail, when it is true, and what its templates are told."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from enrollment import invitations, lifecycle, links, pairing, steps
from enrollment.models import Plan, PlanEvent, Purchase
from notifications import plan_notices
from notifications.messages import one_line
from notifications.models import HIDDEN
from orders import words
from printers import supplies
from printers.models import Series

Context = dict[str, Any]
Status = Plan.Status
CUSTOMER = "customer"
ACTIVATION, ACTIVATED = "activation", "activated"
LOOK_AGAIN = timedelta(minutes=5)
PATIENCE = timedelta(days=14)  # a printer that has said nothing by then is told of as a silent one


def kind_for(event: PlanEvent) -> str | None:
    """The mail a step makes; None when it makes none, or when the plan has gone on before anybody was told."""
    if notice := plan_notices.kind_for(event):
        return notice
    plan = event.plan
    if plan.status != event.status or event.note not in ("", lifecycle.AGREED):
        return None
    if event.status == Status.ACTIVE:
        return ACTIVATED if event.by == CUSTOMER and event.note == "" and has_spoken(plan) else None
    return ACTIVATION if _says_how_to_activate(event) else None


def not_before(event: PlanEvent, now: datetime) -> datetime | None:
    """When to look at a step again whose mail waits for the printer's first reading; None when it need not wait."""
    plan = event.plan
    begins = event.status == Status.ACTIVE == plan.status and event.by == CUSTOMER and event.note == ""
    waits = begins and not has_spoken(plan) and now < event.at + PATIENCE
    return now + LOOK_AGAIN if waits else None


def has_spoken(plan: Plan) -> bool:
    """Whether a reading has come since somebody last said yes to the printer."""
    printer = plan.printer
    if printer is None or printer.seen_at is None:
        return False
    yes = pairing.last_yes(plan)
    return yes is None or printer.seen_at >= yes


def context_for(event: PlanEvent, now: datetime) -> tuple[Context, str]:
    """All the templates may say, and the secret that stands in the mail only: the link that opens the account."""
    kind = kind_for(event)
    if kind in plan_notices.CONTEXTS:
        return plan_notices.context_for(kind, event, now), ""
    if kind == ACTIVATED:
        return _activated(event), ""
    return _activation(event), invitations.sign(event.plan)


def _says_how_to_activate(event: PlanEvent) -> bool:
    """Once a plan: as soon as somebody else began it, or once its owner, who sits before the pages, has agreed.

    Whose printer is connected needs no instructions how to connect it.
    """
    first = event.plan.events.first()
    begun_by_owner = first is None or first.by == CUSTOMER
    return event.plan.printer_id is None and begun_by_owner == (event.note == lifecycle.AGREED)


def _activation(event: PlanEvent) -> Context:
    plan = event.plan
    purchase = Purchase.objects.filter(plan=plan).select_related("partner").first()
    return {
        "name": one_line(plan.user.full_name).partition(" ")[0],
        "model": str(plan.model),
        "store": purchase.partner.name if purchase else "",
        "finished": steps.missing(plan) == ["printer"],
        "downloads": plan.model.series.enrollment_path == Series.EnrollmentPath.DOWNLOAD,
        "link": f"{settings.SITE_URL}/welcome/{HIDDEN}/",
        "download_url": f"{settings.SITE_URL}/download/",
        "instructions_url": f"{settings.SITE_URL}/instructions/",
        "activate_url": f"{settings.SITE_URL}/activate/",
        "days": links.GOOD_FOR.days,
    }


def _activated(event: PlanEvent) -> Context:
    """The first reading, supply by supply."""
    plan = event.plan
    assert plan.printer is not None  # it is active
    found = [(slot, supplies.state(plan.printer, slot.code)) for slot in plan.model.slots.filter(consumable=True)]
    return {
        "printer": one_line(plan.display_name),
        "readings": [(slot.name, _said(state)) for slot, state in found if state is not None],
        "low": [slot.name for slot, state in found if state is not None and state.low],
        "plan_url": f"{settings.SITE_URL}/account/replenishment/{plan.pk}/",
    }


def _said(state: supplies.SupplyState) -> str:
    """'64 %', 'low', '9 %, low'; or that there is some."""
    level = "" if state.level is None else words.percent(state.level)
    low = gettext("low") if state.low else ""
    return ", ".join(part for part in (level, low) if part) or gettext("some left")
