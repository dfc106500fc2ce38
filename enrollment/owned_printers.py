"""A printer somebody has already (promise P4): the one pending plan its serial number leads to; disconnecting it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from enrollment import claims, lifecycle
from enrollment.limits import Limit
from enrollment.models import Plan, User
from enrollment.pairing import PrinterTaken, normalise_serial
from printers import tokens
from printers.facts import Refused
from printers.models import PrinterModel

WAIT_SECONDS = 600
TAKEN_ONES = Limit("serial-taken", 5, WAIT_SECONDS)  # who tries serial numbers learns little, and makes us write little


class TooManyTries(Exception):
    """So many serial numbers of other people's printers that none is looked at for WAIT_SECONDS."""


def begin(user: User, model: PrinterModel, serial: str, now: datetime) -> tuple[Plan, bool]:
    """The living plan of `user` for this very printer, and whether it is new: one, however often it is asked for.

    Without a serial number it is the one they began without. Refused for a model that takes no new plans, and for a
    printer that is active in another account (`PrinterTaken`), whose owner is told. May raise TooManyTries.
    """
    serial = normalise_serial(serial)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two tabs make one plan
        if (known := _known(user, model, serial)) is not None:
            return known, False
        taken = _taken(user, model, serial)
        if taken is None:
            return lifecycle.create_plan(user, model, serial=serial, now=now, by="customer"), True
    if TAKEN_ONES.is_reached(user.pk):
        raise TooManyTries
    TAKEN_ONES.count(user.pk)
    claims.note(taken, user, now)
    raise PrinterTaken(taken)


def begun(user: User, model: PrinterModel) -> list[Plan]:
    """The living plans a user has for printers of this model, the oldest first."""
    living = Plan.objects.exclude(status=Plan.Status.CANCELLED).filter(user=user, model=model)
    return list(living.select_related("model__series", "printer").order_by("pk"))


def disconnect(plan: Plan, cause: str, now: datetime) -> bool:
    """The printer of a plan can report no more until it is connected again; the plan stays. False: it could not before.

    Refused `anothers_printer` where it reports for somebody else's plan by now. `cause` has 40 signs at most.
    """
    with transaction.atomic():
        locked = lifecycle.lock_plan(plan.pk)
        if locked.printer is None:
            return False
        others = Plan.objects.filter(printer=locked.printer_id).exclude(user=locked.user_id)
        if locked.status != Plan.Status.ACTIVE and others.exclude(status=Plan.Status.CANCELLED).exists():
            raise Refused(gettext("This printer is connected to another account by now."), "anothers_printer")
        return tokens.revoke_all(locked.printer, cause, now) > 0


def _known(user: User, model: PrinterModel, serial: str) -> Plan | None:
    for plan in begun(user, model):
        if serial and serial == normalise_serial(plan.printer.serial_number if plan.printer else plan.expected_serial):
            return plan
        if not serial and plan.printer is None and not plan.expected_serial:
            return plan
    return None


def _taken(user: User, model: PrinterModel, serial: str) -> Plan | None:
    """Somebody else's active plan of this printer."""
    if not serial:
        return None
    active = Plan.objects.filter(status=Plan.Status.ACTIVE, printer__model=model).exclude(user=user)
    return active.filter(printer__serial_number__iexact=serial).first()
