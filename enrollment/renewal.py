"""The way back: for 30 days an ended plan can begin again as it was (Start again)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from enrollment.lifecycle import create_plan, lock_plan
from enrollment.models import Plan, PlanSlot
from printers.facts import Refused

Status = Plan.Status
WAY_BACK = timedelta(days=30)  # how long an ended plan can be started again as it was


def renewed(ended: Plan) -> Plan | None:
    """The plan that goes on where this one ended, for the same person and printer."""
    if ended.printer_id is None:
        return None
    return Plan.objects.exclude(status=Status.CANCELLED).filter(user=ended.user_id, printer=ended.printer_id).first()


def may_renew(ended: Plan, now: datetime) -> bool:
    """Whether it can begin again as it was: lately ended, agreed to before, its printer still connected and free."""
    printer = ended.printer
    if ended.ended_at is None or now >= ended.ended_at + WAY_BACK or printer is None or not ended.model.eligible:
        return False
    taken = Plan.objects.exclude(status=Status.CANCELLED).filter(printer=printer)
    return ended.consents.exists() and printer.tokens.filter(revoked_at=None).exists() and not taken.exists()


def renew(ended: Plan, now: datetime, by: str) -> Plan:
    """A new pending plan like one that ended: its printer, name, address and choices. Refused unless `may_renew`."""
    with transaction.atomic():
        ended = lock_plan(ended.pk)
        if not may_renew(ended, now):
            text = gettext("This plan cannot be started again. Connect the printer as a new one.")
            raise Refused(text, "not_renewable")
        plan = create_plan(ended.user, ended.model, printer=ended.printer, now=now, by=by)
        kept = {name: getattr(ended, name) for name in ("nickname", "shipping_address_id", "when_low")}
        Plan.objects.filter(pk=plan.pk).update(**kept)
        PlanSlot.objects.bulk_create(
            PlanSlot(plan=plan, slot_id=row.slot_id, size=row.size, spares=row.spares) for row in ended.slots.all()
        )
    plan.refresh_from_db()
    return plan
