"""The story of one customer for staff: everything of all their orders, printers, mails and calls, the newest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from ars.timeline import facts_of_user as facts
from ars.timeline import mails, money, needs, steps
from ars.timeline.entry import Entry, Kind, Place, detailed
from billing.models import Card
from enrollment.models import CallerCheck, Plan, User
from orders import words, words_after
from orders.clock import Clock
from orders.models import Complaint, Order
from orders.money import display_amount, display_number
from printers.models import LowSignal, Slot

A_PAGE = 100
Known = Mapping[str, Any]
Said = tuple[Kind, Place, str, str, str]  # what sort of fact, its place, what to say, what staff read, its page


@dataclass(frozen=True)
class Page:
    """So much of it, and the moment before which older entries come; None at its beginning."""

    entries: list[Entry]
    older: datetime | None


def read(user: User, staff: User, clock: Clock, chip: str = "", before: datetime | None = None) -> Page:
    """About the newest hundred before a moment, of one chip or of all, as far as `staff` may read. One query."""
    sources = [each for each in facts.SOURCES if chip in ("", each.chip) and staff.has_perm(each.right)]
    rows = facts.newest(user, sources, before, A_PAGE + 1)
    older = None
    if len(rows) > A_PAGE:
        last = rows[A_PAGE][0]  # a moment is not torn: what else was at that one is on the next page
        rows = [row for row in rows if row[0] > last] or rows[:A_PAGE]
        older = rows[-1][0]
    rights = {each.kind: each.right for each in sources}
    entries = [_entry(*row, rights[row[1]], clock) for row in rows]
    return Page(sorted(entries, key=lambda entry: (entry.at, entry.place), reverse=True), older)


def _entry(at: datetime, kind: str, pk: int, known: Known, right: str, clock: Clock) -> Entry:
    sort, place, text, staff, page = SAYS[kind](known, pk, at, clock)
    shown = {name: value for name, value in known.items() if name not in NOT_SHOWN}
    if "number" in known:
        shown["order"] = display_number(known["number"])
    return Entry(
        at=at,
        place=place,
        kind=sort,
        when=clock.moment(at),
        text=text,
        ref=f"{kind} {pk}",
        permission=right,
        details=detailed(shown),
        staff=staff,
        page=page,
    )


NOT_SHOWN = frozenset({"number", "before", "cents", "currency", "due", "text", "subject"})


def _amount(known: Known) -> str:
    return display_amount(known["cents"], known["currency"])


def _card(known: Known) -> str:
    return str(Card(brand=known["brand"], last4=known["last4"])) if known["last4"] else "the card"


def _step(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    kind, place = steps.KINDS[known["status"]]
    text = steps.words_of(known["status"], known["note"], changed=known["status"] != known["before"])
    if known["status"] == Order.Status.SHIPPED and known["tracking"]:
        text = f"{text} {known['carrier']}, tracking number {known['tracking']}.".strip()
    page = reverse("admin:orders_order_change", args=[known["order"]])
    return kind, place, text, f"{known['note']} ({known['by']})", page


def _complaint(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    text = words_after.complaint(Complaint(kind=known["what"], at=at, sent_at=known["sent"]), clock)
    return Kind.PARCEL, Place.TOLD, text, "", reverse("admin:orders_order_change", args=[known["order"]])


def _charge(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    said = money.ANSWERS.get(known["status"], "")
    text = said % {"amount": _amount(known), "card": _card(known)}
    staff = f"{_amount(known)}: {known['status'].replace('_', ' ')}."
    return Kind.CHARGE, Place.CHARGED, text, staff, reverse("admin:billing_charge_change", args=[pk])


def _refund(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    made = words_after.went_back(_amount(known), _card(known), clock.day(at)) if known["status"] == "made" else ""
    staff = f"{_amount(known)} to {_card(known)}: {known['status']}."
    return Kind.CHARGE, Place.MOVED, made, staff, reverse("admin:billing_refund_change", args=[pk])


def _request(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    stands = "" if known["decided"] else " It waits for a second person."
    staff = f"{known['by']} asked to give {_amount(known)} back: “{known['note']}”.{stands}"
    return Kind.CHARGE, Place.CHARGED, "", staff, reverse("admin:billing_refundrequest_change", args=[pk])


def _dispute(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    staff = f"The customer's bank asked {_amount(known)} back: {known['status']}."
    return Kind.CHARGE, Place.MOVED, "", staff, reverse("admin:billing_dispute_change", args=[pk])


def _mail(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    given_up = known["sent"] is None and known["due"] is None
    text = (mails.NOT_SENT if given_up else mails.MAILED) % {"subject": known["subject"]}
    return Kind.MAIL, Place.TOLD, text, "", reverse("admin:notifications_message_change", args=[pk])


def _decision(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    signal = LowSignal(level=known["level"], threshold=known["mark"], slot=Slot(name=known["supply"]))
    text = words.decision(known["kind"], signal, at, clock) if words.is_shown(known["kind"]) else ""
    return Kind.DECISION, Place.DECIDED, text, "", reverse("admin:orders_decision_change", args=[pk])


def _cartridge(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    return Kind.SIGNAL, Place.SEEN, needs.REPLACED % {"supply": known["supply"]}, "", ""


def _plan(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    stands = Plan.Status(known["status"]).label.lower()
    staff = f"Plan for {known['printer'] or known['model']}: {stands} ({known['by']}). {known['note']}".strip()
    return Kind.PLAN, Place.DECIDED, "", staff, reverse("admin:enrollment_plan_change", args=[known["plan"]])


def _consent(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    staff = f"Agreed to the terms of {known['terms']}."
    return Kind.PEOPLE, Place.DECIDED, "", staff, reverse("admin:enrollment_consent_change", args=[pk])


def _claim(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    staff = f"Somebody asked to connect {known['printer'] or 'a printer of theirs'} to another account."
    return Kind.PEOPLE, Place.SEEN, "", staff, reverse("admin:enrollment_claim_change", args=[pk])


def _note(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    staff = f"{known['by']} wrote: “{known['text']}”"
    return Kind.PEOPLE, Place.TOLD, "", staff, reverse("admin:enrollment_note_change", args=[pk])


def _call(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    by_code = known["how"] == CallerCheck.How.CODE
    staff = f"{known['by']} {'sent a code to the account’s address' if by_code else 'asked the caller for two facts'}."
    return Kind.PEOPLE, Place.DECIDED, "", staff, ""


def _verified(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    how = CallerCheck.How(known["how"]).label
    return Kind.PEOPLE, Place.TOLD, "", f"The caller was verified {how} ({known['by']}).", ""


def _look(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    why = f": “{known['why']}”" if known["why"] else "."
    return Kind.PEOPLE, Place.DECIDED, "", f"{known['by']} looked at their pages, read-only{why}", ""


def _look_over(known: Known, pk: int, at: datetime, clock: Clock) -> Said:
    how = "left their pages" if known["left"] else "saw their pages no more: the time was over"
    return Kind.PEOPLE, Place.TOLD, "", f"{known['by']} {how}.", ""


SAYS: dict[str, Callable[[Known, int, datetime, Clock], Said]] = {
    "step": _step,
    "complaint": _complaint,
    "charge": _charge,
    "refund": _refund,
    "refund request": _request,
    "dispute": _dispute,
    "mail": _mail,
    "decision": _decision,
    "new cartridge": _cartridge,
    "plan": _plan,
    "consent": _consent,
    "claim": _claim,
    "note": _note,
    "call": _call,
    "verified": _verified,
    "look": _look,
    "look over": _look_over,
}
