"""Everything we keep about a customer as one JSON document, written piece by piece, so that no history is too long."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from billing.models import Card
from enrollment import watched
from enrollment.models import Address, CallerCheck, Claim, Consent, Look, Note, Plan, PlanEvent, User
from enrollment.watched import Window
from notifications.models import Message
from orders import pricing
from orders.models import Decision, Order
from orders.money import display_number
from printers.models import Printer, Reading

A_TIME = 200  # rows read at once
Json = dict[str, Any]


def pieces(user: User, now: datetime) -> Iterator[str]:
    """The document, in pieces: times as RFC 3339 in UTC, amounts in cents with their currency."""
    times = _times(user)
    sections: dict[str, Iterable[Json]] = {
        "addresses": map(_address, user.addresses.order_by("pk")),
        "plans": map(_plan, _plans(user).iterator(A_TIME)),
        "consents": map(_consent, Consent.objects.filter(plan__user=user).order_by("pk")),
        "claims": (_claim(claim, user) for claim in _claims(user)),
        "calls": map(_call, CallerCheck.objects.filter(user=user).order_by("pk")),
        "looks": map(_look, Look.objects.filter(user=user).order_by("pk")),
        "notes": map(_note, Note.objects.filter(user=user).order_by("pk")),
        "printers": (_printer(printer, times[printer.pk]) for printer in _printers(user)),
        "readings": map(_reading, _readings(times)),
        "decisions": map(_decision, _decisions(user).iterator(A_TIME)),
        "orders": map(_order, _orders(user).iterator(A_TIME)),
        "cards": map(_card, Card.objects.filter(user=user).order_by("pk")),
        "mails": map(_mail, Message.objects.filter(user=user).order_by("pk").defer("html").iterator(A_TIME)),
    }
    yield f'{{\n"exported_at": {_text(now)},\n"account": {_text(_account(user))}'
    for name, rows in sections.items():
        yield f',\n"{name}": ['
        for place, row in enumerate(rows):
            yield f"{',' if place else ''}\n{_text(row)}"
        yield "\n]"
    yield "\n}\n"


def _account(user: User) -> Json:
    fields = ("email", "full_name", "date_joined", "last_login")
    return {**_fields(user, *fields), "has_password": user.has_usable_password()}


def _address(address: Address) -> Json:
    return {"id": address.pk, **address.as_ship_to(), "created_at": address.created_at}


def _plans(user: User) -> "QuerySet[Plan]":
    related = Plan.objects.filter(user=user).select_related("model__series", "plan_card").order_by("pk")
    return related.prefetch_related("slots__slot", "events")


def _plan(plan: Plan) -> Json:
    times = ("payable_since", "paused_at", "paused_until", "created_at", "activated_at", "ended_at")
    card = getattr(plan, "plan_card", None)
    return {
        "id": plan.pk,
        "model": str(plan.model),
        "printer": plan.printer_id,
        "shipping_address": plan.shipping_address_id,
        "card": card.card_id if card else None,
        **_fields(plan, "nickname", "expected_serial", "status", "when_low", *times),
        "choices": [
            {"supply": each.slot.code, **_fields(each, "size", "spares", "skip_next")} for each in plan.slots.all()
        ],
        "events": [_event(event) for event in plan.events.all()],
    }


def _event(event: PlanEvent) -> Json:
    return _fields(event, "at", "status", "by", "note")


def _consent(consent: Consent) -> Json:
    prices = {code: {"amount_cents": cents, "currency": "usd"} for code, cents in consent.prices.items()}
    return {"plan": consent.plan_id, **_fields(consent, "text_version", "given_at", "ip_address"), "prices": prices}


def _claims(user: User) -> "QuerySet[Claim]":
    plans = list(user.plans.values_list("pk", flat=True))  # named, so that the claims on them are found by index
    return Claim.objects.filter(Q(plan__in=plans) | Q(by=user)).select_related("plan").order_by("pk")


def _claim(claim: Claim, user: User) -> Json:
    """By its own plan's side alone: who the other is stays theirs."""
    is_owner = claim.plan.user_id == user.pk
    plan = claim.plan_id if is_owner else claim.waiting_id
    return {"plan": plan, "as": "owner" if is_owner else "claimant", **_fields(claim, "at", "ends_at", "outcome")}


def _call(check: CallerCheck) -> Json:
    """How and when staff made sure whom they spoke with; no code is kept."""
    return _fields(check, "at", "how", "tries", "verified_at")


def _look(look: Look) -> Json:
    """When staff looked at their pages; who of the staff it was is not theirs to have."""
    return _fields(look, "at", "ends_at", "ended_at", "why")


def _note(note: Note) -> Json:
    """What staff wrote of them; who of the staff it was is not theirs to have."""
    return _fields(note, "at", "text", "pinned", "follow_up_on", "done_at")


def _printers(user: User) -> "QuerySet[Printer]":
    return Printer.objects.filter(plans__user=user).select_related("model__series").distinct().order_by("pk")


def _printer(printer: Printer, times: Sequence[Window]) -> Json:
    """As it was last heard in this customer's time."""
    seen_at = printer.seen_at if printer.seen_at and _is_own(printer.seen_at, times) else None
    heartbeat_at = printer.heartbeat_at if printer.heartbeat_at and _is_own(printer.heartbeat_at, times) else None
    reason = printer.unreachable_reason if heartbeat_at else ""
    heard = {"seen_at": seen_at, "heartbeat_at": heartbeat_at, "unreachable_reason": reason}
    supplies = {
        code: {name: state.get(name) for name in ("at", "level", "low", "genuine", "serial")}
        for code, state in printer.supplies.items()
        if _is_own(datetime.fromisoformat(state["at"]), times)
    }
    known = {"id": printer.pk, "model": str(printer.model), **_fields(printer, "serial_number", "uuid")}
    return {**known, **heard, "last_readings": supplies}


def _readings(times: Mapping[int, Sequence[Window]]) -> Iterator[Reading]:
    """Of each printer, in the time it was this customer's: what another owner used is not."""
    for printer_id, windows in times.items():
        own = Q()
        for since, until in windows:
            own |= Q(observed_at__gte=since) if until is None else Q(observed_at__range=(since, until))
        found = Reading.objects.filter(own, printer=printer_id).select_related("slot")
        yield from found.order_by("slot", "observed_at").iterator(A_TIME)


def _times(user: User) -> dict[int, list[Window]]:
    times: dict[int, list[Window]] = {}
    for printer_id, window in watched.windows(user):
        times.setdefault(printer_id, []).append(window)
    return times


def _is_own(at: datetime, times: Sequence[Window]) -> bool:
    return any(watched.is_within(at, window) for window in times)


def _reading(reading: Reading) -> Json:
    fields = ("observed_at", "level", "low", "genuine", "serial", "replaced")
    return {"printer": reading.printer_id, "supply": reading.slot.code, **_fields(reading, *fields)}


def _decisions(user: User) -> "QuerySet[Decision]":
    own = Decision.objects.filter(replenishment__plan__user=user)
    return own.select_related("signal__slot", "replenishment").order_by("pk")


def _decision(decision: Decision) -> Json:
    need = decision.replenishment
    fields = ("at", "kind", "reason", "evidence")
    return {"plan": need.plan_id if need else None, "supply": decision.signal.slot.code, **_fields(decision, *fields)}


# What came after a parcel left, by its name on the order.
AFTER = {
    "questions": ("kind", "asked_at", "answer", "answered_at"),
    "complaints": ("kind", "at", "sent_at", "declined_at", "answer"),
    "returns": ("number", "at", "send_by"),
}
LINE = (
    "quantity",
    "quoted_unit_price_cents",
    "quoted_unit_discount_cents",
    "unit_price_cents",
    "unit_discount_cents",
)
CHARGE = (
    *("attempt", "status", "receipt_number", "amount_cents", "refunded_cents", "currency"),
    *("outcome", "created_at", "settled_at"),
)
REFUND = ("amount_cents", "status", "created_at", "settled_at")


def _orders(user: User) -> "QuerySet[Order]":
    related = ("lines__sku", "lines__promotions", "lines__slot", "events", "charges__card", "charges__refunds", *AFTER)
    return Order.objects.filter(user=user).prefetch_related(*related).order_by("placed_at", "pk")


def _order(order: Order) -> Json:
    quoted = ("quoted_total_cents", "quoted_tax_cents", "moved_tax_cents")
    amounts = (*quoted, "discount_cents", "tax_rate", "tax_cents", "shipping_cents", "total_cents")
    times = ("placed_at", "shipped_at", "delivered_at", "lost_at")
    facts = ("kind", "carrier", "tracking_number", "parcels", "ship_to")
    return {
        "number": display_number(order.number),
        "plan": order.plan_id,
        **_fields(order, "status", "currency", *amounts, *times, *facts),
        "price_note": pricing.difference(order),
        "lines": [
            {
                "supply": line.slot.code if line.slot else None,
                "sku": line.sku.code,
                **_fields(line, *LINE),
                "promotions": [_fields(each, "name", "percent", "amount_cents") for each in line.promotions.all()],
                "currency": order.currency,
            }
            for line in order.lines.all()
        ],
        "events": [_fields(event, "at", "status", "by", "note") for event in order.events.all()],
        "charges": [
            {
                **_fields(each, *CHARGE),
                "card": str(each.card) if each.card else None,
                "refunds": [_fields(refund, *REFUND) for refund in each.refunds.all()],
            }
            for each in order.charges.all()
        ],
        **{name: [_fields(row, *fields) for row in getattr(order, name).all()] for name, fields in AFTER.items()},
    }


def _card(card: Card) -> Json:
    fields = ("brand", "last4", "exp_month", "exp_year", "created_at", "removed_at")
    return {"id": card.pk, **_fields(card, *fields)}


def _mail(mail: Message) -> Json:
    """As it is kept: what opened something is not in it."""
    return _fields(mail, "created_at", "sent_at", "kind", "to", "subject", "text")


def _fields(row: Model, *names: str) -> Json:
    return {name: getattr(row, name) for name in names}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
