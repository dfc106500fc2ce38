"""Pairing by RFC 8628: a device asks, a person types its code and answers, and the device fetches its token once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils.translation import gettext, gettext_noop

from enrollment import claims, lifecycle
from enrollment.models import Claim, PairingRequest, Plan, User
from printers import tokens
from printers.facts import Refused
from printers.models import Printer, PrinterModel

Outcome = PairingRequest.Outcome

LIFETIME = timedelta(minutes=15)
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628, section 6.1: no vowel, so no word; no digit, so no 0 or 1
CODE_LENGTH = 8
SLOW_DOWN_BY = 5  # seconds, for good (section 3.5)
SLOWEST = 900
JITTER = timedelta(seconds=1)  # a poll that the network brought a little early is on time
FORGOTTEN_AFTER = timedelta(days=1)
REPLACED = "paired again"

UNKNOWN = gettext_noop("No printer is waiting with that code. Check the letters; there are no vowels and no numbers.")
EXPIRED = gettext_noop(
    "That code has run out. Ask for a new one: run the helper again, or wait until the printer shows one."
)
USED = gettext_noop("That code has done its work already.")
NOT_CARRIED = gettext_noop("We do not carry ink for this model yet, so nothing was connected.")
TAKEN = gettext_noop(
    "This printer is active in another account. If you bought it used, its former owner must let it go; we have just "
    "written to them. Run the helper beside the printer to ask for it, or call us with the serial number at hand."
)


@dataclass(frozen=True)
class Asker:
    """What a device says of the printer it asks for, and where it asked from."""

    make_and_model: str = ""
    serial_number: str = ""
    printer_uuid: UUID | None = None
    asked_from: str | None = None


class NoToken(Exception):
    """The device gets no token; `error` is the code of RFC 6749 section 5.2 or RFC 8628 section 3.5."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


def begin(asker: Asker, now: datetime) -> tuple[PairingRequest, str]:
    """A new request, and its device code in the clear: the only time it can be read."""
    device_code = secrets.token_urlsafe(32)
    while True:
        try:
            with transaction.atomic():
                made = PairingRequest.objects.create(
                    device_code_hash=tokens.digest(device_code),
                    user_code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
                    created_at=now,
                    expires_at=now + LIFETIME,
                    **vars(asker),
                )
        except IntegrityError as error:
            if "one_waiting_pairing_a_code" not in str(error):
                raise
        else:
            return made, device_code


def normalise(typed: str) -> str:
    """A code as it is stored, whatever case, dashes and blanks it was typed with; empty when it can be none."""
    code = "".join(filter(str.isalnum, typed[:100])).upper()
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def find(typed: str) -> PairingRequest | None:
    """The latest request with the code that was typed, whatever has become of it."""
    code = normalise(typed)
    return PairingRequest.objects.filter(user_code=code).order_by("-created_at").first() if code else None


def check_open(request: PairingRequest, now: datetime) -> None:
    """Refused when nobody can answer the request any more."""
    if request.outcome != Outcome.WAITING:
        raise Refused(gettext(USED), "code_used")
    if request.expires_at <= now:
        raise Refused(gettext(EXPIRED), "code_expired")


def approve(request: PairingRequest, user: User, model: PrinterModel, chosen: Plan | None, now: datetime) -> Plan:
    """Connect the printer to `user`: to the pending plan that was chosen, else to the one that has it, or to a new one.

    Refused, with nothing changed, when the code is used or has run out, for a model we carry no ink for, and for a
    printer that is active in another account (`PrinterTaken`): that is a claim, and a pending plan waits for it.
    """
    try:
        with transaction.atomic():
            _answer(request, Outcome.APPROVED, user, now)
            printer = _printer(model, request)
            _check_free(printer, user)
            plan = _plan(user, printer, chosen, now)
            PairingRequest.objects.filter(pk=request.pk).update(plan=plan)
    except PrinterTaken as taken:
        taken.waiting = _waiting(request, user, model, chosen, now)
        taken.claim = claims.note(taken.plan, user, now, waiting=taken.waiting, in_hand=True)
        raise
    return plan


class PrinterTaken(Refused):
    """The printer has an active plan of somebody else: `claim` is on it, and the asker's plan is `waiting` for it."""

    waiting: Plan | None = None
    claim: Claim | None = None

    def __init__(self, plan: Plan) -> None:
        super().__init__(gettext(TAKEN), "printer_taken")
        self.plan = plan


def deny(request: PairingRequest, user: User, now: datetime) -> None:
    """Not mine: the device is told, and gets nothing. Refused as in `check_open`."""
    _answer(request, Outcome.DENIED, user, now)


def redeem(device_code: str, now: datetime) -> str:
    """The token, in the clear, to whoever holds the device code of an approved request: once, ever. Else NoToken."""
    found = PairingRequest.objects.filter(device_code_hash=tokens.digest(device_code)).first()
    if found is None or found.outcome == Outcome.REDEEMED:
        raise NoToken("invalid_grant", "This device code is unknown, or its token was fetched already.")
    if found.expires_at <= now:
        raise NoToken("expired_token", "This device code has run out. Ask for a new one.")
    if found.outcome == Outcome.DENIED:
        raise NoToken("access_denied", "The person said no.")
    if found.outcome == Outcome.WAITING:
        _poll(found, now)
    return _hand_over(found, now)


def forget(now: datetime) -> int:
    """Delete requests nobody answered in time; how many. The answered ones stay: they say who let which printer in."""
    unanswered = PairingRequest.objects.filter(outcome=Outcome.WAITING, expires_at__lt=now - FORGOTTEN_AFTER)
    return unanswered.delete()[0]


def fitting(user: User, models: list[PrinterModel], serial: str = "") -> list[Plan]:
    """The user's pending plans that wait for a printer of one of these models; the one alone that waits for `serial`.

    A plan that waits for another serial number is among them all the same: people mistype what they read off a label.
    """
    pending = Plan.objects.filter(user=user, status=Plan.Status.PENDING, printer=None, model__in=models)
    plans = list(pending.select_related("model__series").order_by("pk"))
    expecting = [plan for plan in plans if serial and is_serial(plan.expected_serial, serial)]
    return expecting or plans


def is_serial(one: str, other: str) -> bool:
    """Whether both are the same serial number, however they are written."""
    return normalise_serial(one) == normalise_serial(other)


def normalise_serial(typed: str) -> str:
    """A serial number as printers say theirs: capitals, without blanks and dashes."""
    return "".join(typed.replace("-", "").split()).upper()


def connected_by(typed: str, user: User) -> Plan | None:
    """The plan that this very user connected with the code: who sends the same yes twice sees what it did."""
    found = find(typed)
    return found.plan if found is not None and found.answered_by_id == user.pk else None


def last_yes(plan: Plan) -> datetime | None:
    """When its printer was last said yes to; None for one that was never paired here."""
    latest = plan.pairings.exclude(answered_at=None).order_by("-answered_at").first()
    return latest.answered_at if latest else None


def living_plan(request: PairingRequest, user: User) -> Plan | None:
    """The plan the user has for this very printer: it is connected again, not anew."""
    same = Q(printer__serial_number=request.serial_number) & ~Q(printer__serial_number="")
    if request.printer_uuid and not request.serial_number:
        same = Q(printer__uuid=request.printer_uuid)
    living = Plan.objects.exclude(status=Plan.Status.CANCELLED).filter(same, user=user)
    return living.select_related("model__series").order_by("status", "pk").first()


def _answer(request: PairingRequest, outcome: Outcome, user: User, now: datetime) -> None:
    """Guard and lock in one UPDATE; whoever comes second, or too late, is told why."""
    waiting = PairingRequest.objects.filter(pk=request.pk, outcome=Outcome.WAITING, expires_at__gt=now)
    if not waiting.update(outcome=outcome, answered_by=user, answered_at=now):
        request.refresh_from_db()
        check_open(request, now)


def _printer(model: PrinterModel, request: PairingRequest) -> Printer:
    """The printer with this serial number, or with this UUID; a new one where there is none to be found."""
    serial, uuid = request.serial_number, request.printer_uuid
    if serial:
        return Printer.objects.get_or_create(model=model, serial_number=serial, defaults={"uuid": uuid})[0]
    if uuid is None:
        return Printer.objects.create(model=model)
    known = Printer.objects.filter(model=model, uuid=uuid).order_by("pk").first()
    return known or Printer.objects.get_or_create(model=model, uuid=uuid, serial_number="")[0]


def _check_free(printer: Printer, user: User) -> None:
    taken = Plan.objects.filter(printer=printer, status=Plan.Status.ACTIVE).exclude(user=user).first()
    if taken is not None:
        raise PrinterTaken(taken)


def _waiting(request: PairingRequest, user: User, model: PrinterModel, chosen: Plan | None, now: datetime) -> Plan:
    """The pending plan that is to have the printer once it is free: the chosen one, the one there is, or a new one."""
    if chosen is not None and chosen.user_id == user.pk and chosen.printer_id is None:
        return chosen
    pending = Plan.objects.filter(user=user, model=model, status=Plan.Status.PENDING, printer=None)
    known = pending.filter(expected_serial=request.serial_number).order_by("pk").first()
    if known is not None:
        return known
    return lifecycle.create_plan(user, model, serial=request.serial_number, now=now, by="customer")


def _plan(user: User, printer: Printer, chosen: Plan | None, now: datetime) -> Plan:
    """The user's living plan of that very printer, else the chosen pending one, else a new one."""
    living = Plan.objects.exclude(status=Plan.Status.CANCELLED).filter(user=user, printer=printer)
    plan = living.order_by("status", "pk").first() or chosen
    if plan is not None and plan.user_id != user.pk:
        raise Refused(gettext("This plan belongs to another account."), "not_your_plan")
    if plan is None:
        if not printer.model.eligible:
            raise Refused(gettext(NOT_CARRIED), "model_not_eligible")
        return lifecycle.create_plan(user, printer.model, printer=printer, now=now, by="customer")
    lifecycle.connect(plan, printer)
    return plan


def _poll(waiting: PairingRequest, now: datetime) -> None:
    """Nobody has answered yet: say so, or that the device asks too often. Two polls at once are too often."""
    rows = PairingRequest.objects.filter(pk=waiting.pk)
    early = waiting.polled_at and now < waiting.polled_at + timedelta(seconds=waiting.interval) - JITTER
    if early or not rows.filter(polled_at=waiting.polled_at).update(polled_at=now):
        rows.update(polled_at=now, interval=Least(F("interval") + SLOW_DOWN_BY, SLOWEST))
        raise NoToken("slow_down", f"Wait {SLOW_DOWN_BY} seconds longer between polls from now on.")
    raise NoToken("authorization_pending", "Nobody has answered yet.")


def _hand_over(approved: PairingRequest, now: datetime) -> str:
    """Guard and lock in one UPDATE: the winner gets the printer's one live token; the plan begins if nothing lacks."""
    with transaction.atomic():
        if not PairingRequest.objects.filter(pk=approved.pk, outcome=Outcome.APPROVED).update(outcome=Outcome.REDEEMED):
            raise NoToken("invalid_grant", "This device code's token was fetched already.")
        plan = _still_theirs(approved)
        assert plan.printer is not None  # found with it
        tokens.revoke_all(plan.printer, REPLACED, now)
        token = tokens.issue(plan.printer)
    lifecycle.begin(plan, now)  # what is missing may follow any time; the printer is connected either way
    return token


def _still_theirs(approved: PairingRequest) -> Plan:
    """The plan that was said yes to, locked with all others of its printer; NoToken if it ended or lost it."""
    of_its_printer = Plan.objects.filter(printer__plans__pairings=approved).order_by("pk")
    plans = {plan.pk: plan for plan in of_its_printer.select_for_update(of=("self",), no_key=True)}
    plan = plans.get(approved.plan_id or 0)
    if plan is None or plan.status == Plan.Status.CANCELLED:
        raise NoToken("access_denied", "The plan this printer was connected to has ended.")
    if any(each.status == Plan.Status.ACTIVE and each.user_id != plan.user_id for each in plans.values()):
        raise NoToken("access_denied", "This printer is active in another account.")
    return plan
