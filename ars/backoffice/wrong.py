"""What is wrong with a customer right now: what they read themselves under "Needs you", and what waits for staff."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.urls import reverse

from ars.account.order_rows import OrderRow
from ars.account.overview import Need, Overview
from billing.models import Dispute, RefundRequest
from enrollment import doubts
from enrollment.models import Claim, User
from notifications.models import Message
from orders import words, words_after
from orders.clock import Clock
from orders.models import Complaint, Replenishment
from orders.money import display_amount, display_number
from printers.models import LowSignal, Slot

LATELY = timedelta(days=30)
Known = Mapping[str, Any]
Kind = Replenishment.Kind


@dataclass(frozen=True)
class Wrong:
    """One thing: what it is, what to say, and where it is worked on; `tone` is "stop" where the customer waits."""

    what: str
    say: str
    url: str = ""
    button: str = ""
    tone: str = "wait"


def of(overview: Overview, staff: User, clock: Clock) -> list[Wrong]:
    """The worst first: what only the customer can mend, orders that staff hold, and what waits for staff."""
    found = [*map(_need, overview.all_needs), *_held(overview.under_way)] if staff.has_perm("orders.view_order") else []
    return sorted([*found, *_waiting(overview.user, staff, clock)], key=lambda wrong: wrong.tone != "stop")


def _need(need: Need) -> Wrong:
    what = f"They read it too, above “{need.button}”." if need.button else "They are asked on their page."
    return Wrong(what, need.text, tone=need.tone)


def _held(rows: list[OrderRow]) -> Iterator[Wrong]:
    for row in rows:
        if row.order.held_at is not None:
            what = f"Order {row.order.display_number} is held: {row.order.held_for}"
            page = reverse("admin:orders_order_change", args=[row.order.pk])
            yield Wrong(what, row.sentence, page, "Look at the order")


@dataclass(frozen=True)
class Queue:
    """Rows of one kind that wait for staff: who may read them, which they are, and how each is said."""

    right: str
    rows: Callable[[User, Clock], "QuerySet[Any]"]
    facts: Mapping[str, str]
    said: Callable[[Known, Clock], Wrong]
    opens: str = ""  # the right its page asks for, where that is another


def _waiting(user: User, staff: User, clock: Clock) -> Iterator[Wrong]:
    """All of them in one query."""
    read = {name: queue for name, queue in QUEUES.items() if staff.has_perm(queue.right)}
    rows = [
        queue.rows(user, clock).order_by().annotate(queue=Value(name), known=JSONObject(pk=F("pk"), **queue.facts))
        for name, queue in read.items()
    ]
    shaped = [each.values_list("queue", "known") for each in rows]
    if shaped:
        for name, known in shaped[0].union(*shaped[1:], all=True):
            wrong, queue = read[name].said(known, clock), read[name]
            yield wrong if staff.has_perm(queue.opens or queue.right) else replace(wrong, url="")


def _undecided(known: Known, clock: Clock) -> Wrong:
    signal = LowSignal(level=known["level"], threshold=known["mark"], slot=Slot(name=known["supply"]))
    say = words.decision(known["decision"], signal, clock.now, clock)
    page = reverse("admin:orders_replenishment_change", args=[known["pk"]])
    return Wrong(f"{known['supply']} is low and nothing is ordered yet.", say, page, "See what is known")


def _disputed(known: Known, clock: Clock) -> Wrong:
    amount, order = display_amount(known["cents"]), display_number(known["number"])
    what = f"Their bank asks {amount} of order {order} back; nothing is refunded meanwhile."
    say = f"Your bank asked us about the {amount} of order {order}. Until it has decided, we can give nothing back."
    return Wrong(what, say, reverse("admin:billing_dispute_change", args=[known["pk"]]), "See the dispute", "stop")


def _asked(known: Known, clock: Clock) -> Wrong:
    amount, order = display_amount(known["cents"]), display_number(known["number"])
    page = reverse("admin:billing_refundrequest_change", args=[known["pk"]])
    what = f"{amount} of order {order} waits for a second person to agree, asked by {known['by']}."
    return Wrong(what, f"A colleague looks at giving {amount} back to you. We write to you.", page, "See the request")


def _complained(known: Known, clock: Clock) -> Wrong:
    say = words_after.complaint(Complaint(kind=known["kind"], at=datetime.fromisoformat(known["at"])), clock)
    page = reverse("admin:orders_order_change", args=[known["order"]])
    order = display_number(known["number"])
    return Wrong(f"Something is wrong with order {order}, and a person must decide.", say, page, "Look at it", "stop")


def _claimed(known: Known, clock: Clock) -> Wrong:
    page = reverse("admin:enrollment_claim_change", args=[known["pk"]])
    say = "Two accounts ask for this printer. A person looks at whose it is, and we write to you."
    return Wrong("It is in doubt whose a printer is: a person settles it.", say, page, "Settle the claim", "stop")


def _unsent(known: Known, clock: Clock) -> Wrong:
    page = reverse("admin:notifications_message_change", args=[known["pk"]])
    what = f"A mail did not reach them: “{known['subject']}” to {known['to']}."
    return Wrong(what, "Our mail did not reach you. Is this still your address?", page, "Read the mail")


def _came_back(known: Known, clock: Clock) -> Wrong:
    where = f"{known['line1']}, {known['city']}"
    page = reverse("backoffice:doubt", args=[known["user"], known["pk"]])
    say = f"A parcel came back from {where}: the carrier could not deliver it. Is that where ink should go?"
    return Wrong("An address is in doubt: parcels come back from it.", say, page, "Look at the address", "stop")


UNDECIDED = (Kind.UNDECIDED, Kind.TO_CONFIRM, Kind.UNKNOWN_SUPPLY)
QUEUES = {
    "undecided": Queue(
        "orders.view_replenishment",
        lambda user, clock: Replenishment.objects.filter(plan__user=user, closed_at=None, decision__in=UNDECIDED),
        {"decision": "decision", "level": "signal__level", "mark": "signal__threshold", "supply": "slot__name"},
        _undecided,
    ),
    "dispute": Queue(
        "billing.view_charge",
        lambda user, clock: Dispute.objects.filter(charge__order__user=user, status=Dispute.Status.OPEN),
        {"cents": "amount_cents", "number": "charge__order__number"},
        _disputed,
        opens="billing.view_dispute",
    ),
    "request": Queue(
        "billing.view_refundrequest",
        lambda user, clock: RefundRequest.objects.waiting().filter(charge__order__user=user),
        {"cents": "amount_cents", "number": "charge__order__number", "by": "asked_by__email"},
        _asked,
    ),
    "complaint": Queue(
        "orders.view_order",
        lambda user, clock: Complaint.objects.waiting().filter(order__user=user),
        {"kind": "kind", "at": "at", "order": "order_id", "number": "order__number"},
        _complained,
    ),
    "claim": Queue(
        "enrollment.view_claim",
        lambda user, clock: Claim.objects.filter(Q(plan__user=user) | Q(by=user), outcome=Claim.Outcome.DOUBTFUL),
        {"outcome": "outcome"},
        _claimed,
    ),
    "address": Queue(
        "enrollment.view_address",
        lambda user, clock: doubts.waiting().filter(user=user, doubt=doubts.Doubt.CAME_BACK),
        {"line1": "line1", "city": "city", "user": "user_id"},
        _came_back,
        opens="enrollment.change_plan",
    ),
    "mail": Queue(
        "notifications.view_message",
        lambda user, clock: Message.objects.filter(
            user=user, sent_at=None, due_at=None, created_at__gt=clock.now - LATELY
        ),
        {"subject": "subject", "to": "to"},
        _unsent,
    ),
}
