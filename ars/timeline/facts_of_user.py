"""The facts of one customer's story: each kind a read of its own, all of one shape, so that one query has them all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, JSONObject, Lag
from django.utils import timezone

from billing.models import Charge, Dispute, Refund, RefundRequest
from enrollment.models import CallerCheck, Claim, Consent, Look, Note, PlanEvent, User
from notifications.models import Message
from orders.models import Complaint, Decision, Dispatch, Order, OrderEvent
from printers.models import LowSignal

SHAPE = ("fact_at", "fact_kind", "fact_pk", "fact")  # when, what, which row, and what is said of it
ORDERS, MONEY, MAIL, PRINTER, PEOPLE = CHIPS = ("orders", "money", "mail", "printer", "people")
Fact = tuple[datetime, str, int, Mapping[str, Any]]


@dataclass(frozen=True)
class Source:
    """A kind of fact: the chip it is under, what staff need to read it, its rows, their time and what they say."""

    kind: str
    chip: str
    right: str
    rows: Callable[[User], "QuerySet[Any]"]
    at: Any
    facts: Mapping[str, Any]

    def of(self, user: User, before: datetime | None, most: int) -> "QuerySet[Any, Any]":
        """The newest of them."""
        rows = self.rows(user).order_by().annotate(fact_at=self.at).exclude(fact_at=None)
        if before is not None:
            rows = rows.filter(fact_at__lt=before)
        shaped = rows.annotate(fact_kind=Value(self.kind), fact_pk=F("pk"), fact=JSONObject(**self.facts))
        found: QuerySet[Any, Any] = shaped.order_by("-fact_at").values_list(*SHAPE)[:most]
        return found


def newest(user: User, sources: Iterable[Source], before: datetime | None, most: int) -> list[Fact]:
    """The newest facts of these kinds, in one query; of one moment, in no order that means anything."""
    read = [source.of(user, before, most) for source in sources]
    if not read:
        return []
    together = read[0].union(*read[1:], all=True) if read[1:] else read[0]
    return list(together.order_by("-fact_at")[:most]) if read[1:] else list(together)


CARD = {"brand": "card__brand", "last4": "card__last4"}
OF_CARD = {"brand": "charge__card__brand", "last4": "charge__card__last4"}
PACKED = Dispatch.objects.filter(order=OuterRef("order"), at=OuterRef("at"), packed_by__isnull=False)
PACKER = Case(When(status=Order.Status.PACKED, then=Subquery(PACKED.values("packed_by__email")[:1])))
BEFORE = Window(Lag("status"), partition_by="order", order_by=["at", "pk"])
SOURCES = (
    Source(
        "step",
        ORDERS,
        "orders.view_order",
        lambda user: OrderEvent.objects.filter(order__user=user),
        F("at"),
        {"order": "order_id", "number": "order__number", "status": "status", "before": BEFORE, "by": "by"}
        | {"packed_by": PACKER}
        | {"note": "note", "carrier": "order__carrier", "tracking": "order__tracking_number"},
    ),
    Source(
        "complaint",
        ORDERS,
        "orders.view_order",
        lambda user: Complaint.objects.filter(order__user=user),
        F("at"),
        {"order": "order_id", "number": "order__number", "what": "kind", "sent": "sent_at"},
    ),
    Source(
        "charge",
        MONEY,
        "billing.view_charge",
        lambda user: Charge.objects.filter(order__user=user),
        Coalesce("settled_at", "created_at"),
        {"number": "order__number", "status": "status", "cents": "amount_cents", "currency": "currency"}
        | {"attempt": "attempt", "outcome": "outcome"}
        | CARD,
    ),
    Source(
        "refund",
        MONEY,
        "billing.view_refund",
        lambda user: Refund.objects.filter(charge__order__user=user),
        Coalesce("sent_back_at", "settled_at", "created_at"),
        {"number": "charge__order__number", "status": "status", "cents": "amount_cents", "by": "by", "note": "note"}
        | {"currency": "charge__currency"}
        | OF_CARD,
    ),
    Source(
        "refund request",
        MONEY,
        "billing.view_refundrequest",
        lambda user: RefundRequest.objects.filter(charge__order__user=user),
        F("asked_at"),
        {"number": "charge__order__number", "cents": "amount_cents", "currency": "charge__currency", "note": "note"}
        | {"by": "asked_by__email", "decided": "decided_at"},
    ),
    Source(
        "dispute",
        MONEY,
        "billing.view_dispute",
        lambda user: Dispute.objects.filter(charge__order__user=user),
        F("opened_at"),
        {"number": "charge__order__number", "cents": "amount_cents", "currency": "charge__currency"}
        | {"status": "status"},
    ),
    Source(
        "mail",
        MAIL,
        "notifications.view_message",
        lambda user: Message.objects.filter(user=user),
        F("created_at"),
        {"subject": "subject", "to": "to", "sent": "sent_at", "due": "due_at", "last_error": "last_error"},
    ),
    Source(
        "decision",
        PRINTER,
        "orders.view_decision",
        lambda user: Decision.objects.filter(replenishment__plan__user=user),
        F("at"),
        {"kind": "kind", "reason": "reason", "level": "signal__level", "mark": "signal__threshold"}
        | {"supply": "signal__slot__name", "printer": "replenishment__plan__nickname"},
    ),
    Source(
        "new cartridge",
        PRINTER,
        "printers.view_lowsignal",
        lambda user: LowSignal.objects.filter(replenishments__plan__user=user, closed_cause="replaced"),
        F("closed_at"),
        {"supply": "slot__name"},
    ),
    Source(
        "plan",
        PRINTER,
        "enrollment.view_planevent",
        lambda user: PlanEvent.objects.filter(plan__user=user),
        F("at"),
        {"plan": "plan_id", "printer": "plan__nickname", "model": "plan__model__name", "status": "status"}
        | {"by": "by", "note": "note"},
    ),
    Source(
        "consent",
        PEOPLE,
        "enrollment.view_consent",
        lambda user: Consent.objects.filter(plan__user=user),
        F("given_at"),
        {"terms": "text_version", "printer": "plan__nickname", "from": "ip_address"},
    ),
    Source(
        "claim",
        PEOPLE,
        "enrollment.view_claim",
        lambda user: Claim.objects.filter(plan__user=user),
        F("at"),
        {"printer": "plan__nickname", "outcome": "outcome", "settled_by": "settled_by"},
    ),
    Source(
        "note",
        PEOPLE,
        "enrollment.view_note",
        lambda user: Note.objects.filter(user=user),
        F("at"),
        {"text": "text", "by": "by__email", "follow_up_on": "follow_up_on", "done": "done_at"},
    ),
    Source(
        "call",
        PEOPLE,
        "enrollment.view_callercheck",
        lambda user: CallerCheck.objects.filter(user=user),
        F("at"),
        {"how": "how", "by": "by__email", "tries": "tries"},
    ),
    Source(
        "verified",
        PEOPLE,
        "enrollment.view_callercheck",
        lambda user: CallerCheck.objects.filter(user=user),
        F("verified_at"),
        {"how": "how", "by": "verified_by__email"},
    ),
    Source(
        "look",
        PEOPLE,
        "enrollment.view_look",
        lambda user: Look.objects.filter(user=user),
        F("at"),
        {"by": "by__email", "why": "why"},
    ),
    Source(
        "look over",
        PEOPLE,
        "enrollment.view_look",
        lambda user: Look.objects.annotate(over=Coalesce("ended_at", "ends_at")).filter(
            user=user, over__lte=timezone.now()
        ),
        F("over"),
        {"by": "by__email", "left": "ended_at"},
    ),
)
