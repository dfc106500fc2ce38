"""Messages to partners: kept when a step is read, signed and sent until they are taken, given up after three days."""

import logging
import random
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, F, Prefetch, QuerySet, prefetch_related_objects
from standardwebhooks.webhooks import Webhook

from enrollment.models import PlanEvent, Purchase
from notifications.models import PING, Delivery, Endpoint
from notifications.webhooks import catalogue, endpoints, wire
from notifications.webhooks.wire import Answer
from orders.models import Order, OrderEvent, OrderLine
from printers import facts, tracing
from printers.facts import Refused

log = logging.getLogger(__name__)

# Longer than a try can take: ten seconds, and before them as long as a resolver asks its servers.
SENDING = timedelta(minutes=2)
PAUSES = (
    timedelta(seconds=5),
    *(timedelta(minutes=minutes) for minutes in (1, 5, 30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 12, 12, 12, 12, 6)),
)  # together three days
JITTER = 0.1  # of a pause: what failed together does not come back together
REST = timedelta(minutes=1)  # an endpoint that does not answer holds a worker up for ten seconds, then not for these
LONGEST_WAIT = timedelta(hours=24)  # whatever a busy server asks for
KEPT = timedelta(days=90)
BUSY = {None, 429, 503}  # no answer, or one that asks for a rest: not about this message


# Keeping: in the transaction that reads the step


def keep_order_steps(events: list[OrderEvent], now: datetime) -> None:
    """Keep what these steps tell warehouses; read again, they make nothing new."""
    if not (wanting := catalogue.listening(catalogue.ORDERS)):
        return
    lines = Prefetch("lines", OrderLine.objects.select_related("sku").order_by("pk"))
    prefetch_related_objects([event.order for event in events], lines)
    made = []
    for event in events:
        _forget_unannounced(event, now)
        type_, due_at = catalogue.order_type(event), _seen_from(event, now)
        if type_ is not None and due_at is not None:
            to = [endpoint for endpoint in wanting if type_ in endpoint.types]
            body = catalogue.order_body(event, type_)
            made += [_new(endpoint, type_, body, now, due_at=due_at, order_event=event) for endpoint in to]
    _keep(made)


def keep_plan_steps(events: list[PlanEvent], now: datetime) -> None:
    """Keep what these steps tell the stores that sold the printers."""
    wanting = catalogue.listening(catalogue.ENROLLMENTS)
    sold = Purchase.objects.filter(plan__in=[event.plan_id for event in events]) if wanting else []
    bought = {purchase.plan_id: purchase for purchase in sold}
    made = []
    for event in events:
        purchase = bought.get(event.plan_id)
        if purchase is not None and (type_ := catalogue.plan_type(event)) is not None:
            to = [each for each in wanting if each.partner_id == purchase.partner_id and type_ in each.types]
            body = catalogue.plan_body(event, purchase, type_)
            made += [_new(endpoint, type_, body, now, due_at=now, plan_event=event) for endpoint in to]
    _keep(made)


def ping(endpoint: Endpoint, now: datetime) -> Delivery:
    """A trial message, tried once, also while the endpoint is paused."""
    message = _new(endpoint, PING, catalogue.envelope(PING, now, {}), now, due_at=now)
    message.save(force_insert=True)
    facts.nudge("delivery")
    return message


def _new(endpoint: Endpoint, type_: str, body: str, now: datetime, **fields: object) -> Delivery:
    name = f"msg_{uuid4().hex}"
    return Delivery(endpoint=endpoint, webhook_id=name, type=type_, body=body, created_at=now, **fields)


def _keep(made: list[Delivery]) -> None:
    if made:
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        facts.nudge("delivery")


def _seen_from(event: OrderEvent, now: datetime) -> datetime | None:
    """When a warehouse may hear of a step: as the fulfilment API shows the order. None: never.

    A test printer's order is never shown. One in its grace period is shown when that is over, and if it ended before,
    only its end is told.
    """
    order = event.order
    if order.is_test:
        return None
    if order.listed_at > now and order.status == Order.Status.RELEASED:
        return order.listed_at
    ended = order.listed_at > now and order.status == Order.Status.CANCELLED
    return None if ended and event.status != Order.Status.CANCELLED else now


def _forget_unannounced(event: OrderEvent, now: datetime) -> None:
    """An order that ends in its grace period is not announced after its end."""
    order = event.order
    if event.status == Order.Status.CANCELLED and order.listed_at > now:
        Delivery.objects.filter(order_event__order=order, due_at=order.listed_at, attempts=0).delete()


# Sending: one at a time, with nothing open in the database while it waits


def send_next(now: datetime) -> bool:
    """Send the message that is due longest; False when none is due."""
    claimed = facts.claim(Delivery, now=now, lease=SENDING, limit=1)
    if not claimed:
        return False
    about = ("endpoint__partner", "order_event__order")
    delivery = Delivery.objects.select_related(*about).filter(pk=claimed[0]).first()
    if delivery is not None and not _waits_for_its_endpoint(delivery):
        with tracing.under(delivery.order_event.order.trace if delivery.order_event else ""):
            _send(delivery, now)
    return True


def _send(delivery: Delivery, now: datetime) -> None:
    try:
        answer = wire.post(delivery.endpoint.url, _headers(delivery, now), delivery.body.encode(), now)
    except (*wire.NO_ANSWER, Refused) as error:
        _failed(delivery, None, f"{type(error).__name__}: {error}", now)
        return
    if answer.taken:
        _taken(delivery, answer, now)
    else:
        _failed(delivery, answer, f"{answer.status}: {answer.text}", now)


def _waits_for_its_endpoint(delivery: Delivery) -> bool:
    """Whether its endpoint is paused: then it is not due, and resuming makes it due again."""
    with transaction.atomic():
        paused = endpoints.lock(delivery.endpoint_id).paused_at is not None and delivery.type != PING
        if paused:
            _untaken(delivery).update(due_at=None)
    return paused


def _headers(delivery: Delivery, now: datetime) -> dict[str, str]:
    """Standard Webhooks, version 1: signed anew for each try, by each secret that is good."""
    named, body = delivery.webhook_id, delivery.body
    signatures = [Webhook(secret).sign(named, now, body) for secret in delivery.endpoint.secrets(now)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "ARS-Webhooks/1",
        "webhook-id": named,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _taken(delivery: Delivery, answer: Answer, now: datetime) -> None:
    with transaction.atomic():
        endpoints.lock(delivery.endpoint_id)
        endpoints.note_success(delivery.endpoint)
        done = {
            "delivered_at": now,
            "given_up_at": None,
            "due_at": None,
            "last_status": answer.status,
            "last_error": "",
        }
        _untaken(delivery).update(attempts=F("attempts") + 1, **done)
    log.info("webhook %s taken: %s", delivery.webhook_id, delivery.type)


def _failed(delivery: Delivery, answer: Answer | None, why: str, now: datetime) -> None:
    """Keep why, and try later. Who does not answer, or asks for a rest, is given one; who is gone is paused."""
    why = " ".join("".join(sign if sign.isprintable() else " " for sign in why).split())[:300]
    status = answer.status if answer else None
    wait = _wait(delivery, answer)
    ends = {"due_at": None, "given_up_at": now} if wait is None else {"due_at": now + wait}
    with transaction.atomic():
        endpoint = endpoints.lock(delivery.endpoint_id)
        going_on = _untaken(delivery).filter(given_up_at=None)
        going_on.update(attempts=F("attempts") + 1, last_status=status, last_error=why, **ends)
        if delivery.type != PING:
            _tell_endpoint(endpoint, status, why, now, rest=max(REST, _asked(answer)))
    log.warning("webhook %s not taken, %s: %s", delivery.webhook_id, "given up" if wait is None else "tried later", why)


def _tell_endpoint(locked: Endpoint, status: int | None, why: str, now: datetime, *, rest: timedelta) -> None:
    if status == 410:
        endpoints.pause(locked, endpoints.GONE, now)
    elif not endpoints.note_failure(locked, why, now) and status in BUSY:
        Delivery.objects.filter(endpoint=locked, due_at__lte=now).update(due_at=now + rest)


def _wait(delivery: Delivery, answer: Answer | None) -> timedelta | None:
    """How long until the next try, never shorter than a busy server asks for; None when there is none."""
    if delivery.type == PING or delivery.attempts >= len(PAUSES):
        return None
    spread = random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads the load, guards nothing
    return max(PAUSES[delivery.attempts] * (1 + spread), _asked(answer))


def _asked(answer: Answer | None) -> timedelta:
    asked = answer.retry_after if answer else None
    return min(asked or timedelta(0), LONGEST_WAIT)


def _untaken(delivery: Delivery) -> "QuerySet[Delivery]":
    """The row, unless another sender was quicker."""
    return Delivery.objects.filter(pk=delivery.pk, delivered_at=None)


# Again, and no longer


def replay(rows: "QuerySet[Delivery]", now: datetime) -> int:
    """Send these again under their own ids, taken or not; how many. What waits for its first try goes on waiting."""
    waiting = Delivery.objects.filter(due_at__gt=now, attempts=0)
    chosen = Delivery.objects.filter(pk__in=rows.values("pk")).exclude(pk__in=waiting.values("pk"))
    sent = chosen.update(delivered_at=None, given_up_at=None, due_at=now, attempts=0)
    facts.nudge("delivery")
    return sent


def failed(since: datetime, endpoint: Endpoint | None = None) -> "QuerySet[Delivery]":
    """Messages of `since` or later that were tried and not taken, of one endpoint or of all."""
    found = Delivery.objects.filter(created_at__gte=since, delivered_at=None, attempts__gt=0)
    return found if endpoint is None else found.filter(endpoint=endpoint)


def counted(rows: "QuerySet[Delivery]") -> list[tuple[str, int]]:
    """How many of these each endpoint has, by its address."""
    return list(rows.order_by("endpoint__url").values_list("endpoint__url").annotate(Count("pk")))


def forget(now: datetime) -> int:
    """Delete messages of 90 days ago, and secrets that sign no more; how many messages."""
    Endpoint.objects.filter(old_secret_until__lte=now).update(old_secret="", old_secret_until=None)
    return Delivery.objects.filter(created_at__lt=now - KEPT).delete()[0]
