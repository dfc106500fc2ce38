"""A plan's life: the table of moves, `move()`, and the verbs. The only writer of a plan's status.

Every verb locks the plan's row first: whatever decides for a plan holds the same lock, so that nothing is decided on
a plan that has changed meanwhile. A change that may change a decision makes the plan due, for orders to look at it;
every step is an event that is due until its mail is kept.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_noop

from enrollment import terms
from enrollment.models import Address, Claim, Consent, Plan, PlanEvent, PlanSlot, User
from enrollment.steps import STEPS, missing
from printers import facts
from printers.facts import Refused
from printers.models import Printer, PrinterModel, Slot

log = logging.getLogger(__name__)
Status = Plan.Status

MOVES: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.ACTIVE, Status.CANCELLED}),
    Status.ACTIVE: frozenset({Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}
TAKEN = gettext_noop(
    "This printer has an active plan already. If you bought it used, its former owner must end theirs first. "
    "Or call us with the serial number at hand."
)
CLOSED = gettext_noop("We do not take new plans for %(model)s now, so nothing was changed.")
AGREED = "Agreed to the terms."
ADDRESS_CHANGED = "Ink goes to another address."
CARD_CHANGED = "Another card pays for it."
PAUSED, RESUMED = "Nothing is ordered for a while.", "It goes on after a pause."  # told where staff did it
MOST_SPARES = 99
LONGEST_NICKNAME = 60
LONGEST_REASON = 200


def lock_plan(plan_id: int) -> Plan:
    """The plan as it is now, locked until the transaction ends; whoever locks several does so in pk order.

    Rows that only refer to it, such as its orders, may be written: whoever writes them may hold what we wait for next.
    """
    return Plan.objects.select_for_update(no_key=True).get(pk=plan_id)


def lock_plans(plan_ids: Iterable[int]) -> list[Plan]:
    """The same for many, in pk order."""
    return list(Plan.objects.filter(pk__in=list(plan_ids)).order_by("pk").select_for_update(no_key=True))


def move(plan: Plan, seen: str, to: Status, *, now: datetime, by: str, note: str = "", **fields: Any) -> bool:
    """Take `plan` from `seen` to `to`: guard and lock in one UPDATE, True only for the winner, who writes the event."""
    if to not in MOVES[seen]:
        text = gettext("This plan is %(status)s.")
        raise Refused(text % {"status": Status(seen).label.lower()}, f"not_{to}")
    with transaction.atomic():
        if not Plan.objects.filter(pk=plan.pk, status=seen).update(status=to, **fields):
            return False
        _tell(plan, to, now=now, by=by, note=note)
    plan.refresh_from_db(fields=["status", *fields])
    return True


def create_plan(
    user: User, model: PrinterModel, *, printer: Printer | None = None, serial: str = "", now: datetime, by: str
) -> Plan:
    """A pending plan of `user` for a printer of `model`, connected or not yet. Refused for models not on the list.

    `serial`: the number its owner read off a printer that is still to be connected.
    """
    if not model.eligible:
        raise Refused(gettext(CLOSED) % {"model": model}, "model_not_eligible")
    if printer is not None and printer.model_id != model.pk:
        raise Refused(gettext("This printer is not a %(model)s.") % {"model": model}, "another_model")
    with transaction.atomic():
        plan = Plan.objects.create(user=user, model=model, printer=printer, expected_serial=serial)
        _tell(plan, plan.status, now=now, by=by)
    return plan


def told(event_ids: Iterable[int]) -> None:
    """Notifications have read these events."""
    PlanEvent.objects.filter(pk__in=list(event_ids)).update(due_at=None)


def tell_later(events: dict[int, datetime]) -> None:
    """These events, by id, are to be looked at again, each at its time: what they tell of is not there yet."""
    for event_id, at in events.items():
        PlanEvent.objects.filter(pk=event_id).update(due_at=at)


def agree(plan: Plan, prices: dict[str, int], ip_address: str | None, now: datetime) -> bool:
    """Keep the proof that its owner agreed to the terms in force, having seen `prices` (SKU to cents), from where.

    The plan begins if that was what it lacked. False, and nothing is kept, if it was agreed to before.
    """
    with transaction.atomic():
        _lock_living(plan)
        if plan.consents.exists():
            return False
        facts_seen = {"text_version": terms.VERSION, "prices": prices, "ip_address": ip_address}
        Consent.objects.create(plan=plan, given_at=now, **facts_seen)
        _tell(plan, plan.status, now=now, by="customer", note=AGREED)
        begin(plan, now)
    return True


def begin(plan: Plan, now: datetime) -> bool:
    """Activate a pending plan whose last step was just done, whichever that is; False while something is in the way."""
    if plan.status != Status.PENDING or missing(plan):
        return False
    try:
        return activate(plan, now, "customer")
    except Refused as refused:  # somebody else's plan of this printer began first: the page of the set-up says so
        log.info("plan %s lacks nothing and is not active: %s", plan.pk, refused)
        return False


def activate(plan: Plan, now: datetime, by: str) -> bool:
    """Let orders begin; False if it is active already. Refused naming what is missing, or when the printer is taken."""
    with transaction.atomic():
        _lock(plan)
        if plan.status == Status.ACTIVE:
            return False
        if plan.status == Status.PENDING and (steps := missing(plan)):
            still = get_text_list([gettext(STEPS[step]) for step in steps], gettext("and"))
            raise Refused(gettext("Still missing: %(steps)s.") % {"steps": still}, "plan_incomplete")
        try:
            with transaction.atomic():
                moved = move(plan, plan.status, Status.ACTIVE, now=now, by=by, activated_at=now, due_at=now)
        except IntegrityError as error:
            if "one_active_plan_a_printer" not in str(error):
                raise
            raise Refused(gettext(TAKEN), "printer_taken") from error
        facts.nudge("plan")
    return moved


def connect(plan: Plan, printer: Printer) -> None:
    """The printer a living plan is for, from now on. Refused where the plan has another, or is for another model."""
    with transaction.atomic():
        _lock_living(plan)
        if plan.printer_id not in (None, printer.pk):
            raise Refused(gettext("This plan has a printer already."), "plan_has_printer")
        if plan.model_id != printer.model_id:
            raise Refused(gettext("This plan is for a %(model)s.") % {"model": plan.model}, "another_model")
        Plan.objects.filter(pk=plan.pk).update(printer=printer)
        plan.printer = printer


def note(plan: Plan, what: str, now: datetime, by: str) -> None:
    """Keep a step that changes no status, one its owner is to be told of."""
    _tell(plan, plan.status, now=now, by=by, note=what)


def cancel(plan: Plan, reason: str, now: datetime, by: str) -> bool:
    """No new orders from this moment; what is released still ships (promise P16). False if it had ended already."""
    with transaction.atomic():
        _lock(plan)
        if plan.status == Status.CANCELLED:
            return False
        why = reason.strip()[:LONGEST_REASON]
        moved = move(plan, plan.status, Status.CANCELLED, now=now, by=by, note=why, ended_at=now, due_at=now)
        facts.nudge("plan")
        if plan.claims.filter(outcome__in=Claim.UNSETTLED).update(due_at=now):  # who waits for its printer is told
            facts.nudge("claim")
    return moved


def change_address(plan: Plan, address: Address, now: datetime, by: str = "customer") -> bool:
    """Send from now on to `address`, one of the plan's owner; False if it goes there already.

    Another address than before is told to the owner; the first one is not news.
    """
    with transaction.atomic():
        _lock_living(plan)
        if address.user_id != plan.user_id:
            raise Refused(gettext("This address belongs to another account."), "not_your_address")
        if plan.shipping_address_id not in (None, address.pk):
            _tell(plan, plan.status, now=now, by=by, note=ADDRESS_CHANGED)
        changed = _change(plan, now, shipping_address_id=address.pk)
        begin(plan, now)
    return changed


def rename(plan: Plan, nickname: str) -> None:
    """Call the printer so on pages, in mails and on packing slips; empty for its model and serial number."""
    with transaction.atomic():
        _lock_living(plan)
        _change(plan, None, nickname=" ".join(nickname.split())[:LONGEST_NICKNAME])


def choose_when_low(plan: Plan, when_low: str, now: datetime) -> bool:
    """What is to happen when ink is low from now on; False if that was chosen before."""
    if when_low not in Plan.WhenLow.values:
        raise Refused(gettext("Choose one of the three."), "no_such_choice")
    with transaction.atomic():
        _lock_living(plan)
        return _change(plan, now, when_low=when_low)


def set_payable(plan_id: int, since: datetime | None, *, tell: bool = False) -> bool:
    """Billing says since when a card can pay, or None that none can. False if that was known. `tell`: another card."""
    with transaction.atomic():
        plan = lock_plan(plan_id)
        if tell and since is not None and plan.status != Status.CANCELLED:
            _tell(plan, plan.status, now=since, by="customer", note=CARD_CHANGED)
        changed = _change(plan, since, payable_since=since)
        if since is not None:
            begin(plan, since)
    return changed


def pause(plan: Plan, until: date | None, now: datetime) -> bool:
    """Order nothing before `until` (UTC), or until resumed; the printer is watched all the same."""
    with transaction.atomic():
        _lock_living(plan)
        if plan.status != Status.ACTIVE:
            raise Refused(gettext("Only an active plan can be paused."), "plan_not_active")
        if until is not None and until <= now.date():
            raise Refused(gettext("Choose a day after today."), "not_a_later_day")
        return _change(plan, now, paused_at=plan.paused_at or now, paused_until=until)


def resume(plan: Plan, now: datetime) -> bool:
    """End a pause; False if there is none."""
    with transaction.atomic():
        _lock_living(plan)
        return _change(plan, now, paused_at=None, paused_until=None)


def choose_size(plan: Plan, slot: Slot, size: str) -> None:
    """From the next order on send this size for `slot`. Refused when no such cartridge is made."""
    if not slot.fits.filter(size=size).exists():
        raise Refused(gettext("%(supply)s does not come in this size.") % {"supply": slot.name}, "no_such_size")
    _choose(plan, slot, size=size)


def set_spares(plan: Plan, slot: Slot, spares: int) -> None:
    """The customer has so many spare cartridges for `slot`: they go in before anything is ordered."""
    if not 0 <= spares <= MOST_SPARES:
        text = gettext("Give a number from 0 to %(most)d.")
        raise Refused(text % {"most": MOST_SPARES}, "not_a_number_of_spares")
    _choose(plan, slot, spares=spares)


def skip_next(plan: Plan, slot: Slot, *, skip: bool = True) -> None:
    """Order nothing the next time `slot` is low, once; `skip=False` takes that back."""
    _choose(plan, slot, skip_next=skip)


def _tell(plan: Plan, status: str, *, now: datetime, by: str, note: str = "") -> None:
    """Keep the step; notifications are to read it."""
    PlanEvent.objects.create(plan=plan, status=status, at=now, by=by, note=note, due_at=now)
    facts.nudge("plan_event")


def _lock(plan: Plan) -> None:
    """Lock the plan's row and bring the caller's object up to date with it."""
    plan.refresh_from_db(from_queryset=Plan.objects.select_for_update(no_key=True))


def _lock_living(plan: Plan) -> None:
    _lock(plan)
    if plan.status == Status.CANCELLED:
        raise Refused(gettext("This plan has ended, so it cannot be changed."), "plan_ended")


def _change(locked: Plan, due_at: datetime | None, **fields: Any) -> bool:
    """Write `fields` of a locked plan and have orders look at it; one that never was active concerns no order."""
    if all(getattr(locked, name) == value for name, value in fields.items()):
        return False
    if due_at is not None and locked.status != Status.PENDING:
        fields["due_at"] = due_at
        facts.nudge("plan")
    Plan.objects.filter(pk=locked.pk).update(**fields)
    locked.refresh_from_db(fields=fields)
    return True


def _choose(plan: Plan, slot: Slot, **wish: Any) -> None:
    with transaction.atomic():
        _lock_living(plan)
        if slot.model_id != plan.model_id:
            raise Refused(gettext("This printer has no %(supply)s.") % {"supply": slot.name}, "no_such_slot")
        PlanSlot.objects.update_or_create(plan=plan, slot=slot, defaults=wish)
