"""Brings charges forward at Stripe, no transaction open meanwhile: create, keep the id, confirm that id, settle.

A charge takes money through the PaymentIntent whose id its row keeps, and through no other. Whoever finds an id there
(after a crash, a lost answer, a lease that ran out) asks Stripe about it first. So killing the worker anywhere, or two
workers on one charge, ends in one payment at most; an intent made twice because an answer was lost is never confirmed.

What is done for a charge is a generator of the calls it needs (`Steps`), and knows not how they are made. Where several
are due their calls are made side by side, in threads that know no database: what they bring is written down here.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from functools import partial

from django.utils import timezone

from billing import confirming, gateway, intents, lifecycle
from billing.gateway import Outcome
from billing.leases import LEASE
from billing.models import Charge
from billing.steps import Call, Steps, conclude
from printers import tracing

log = logging.getLogger(__name__)

ABREAST = 8  # calls of one worker at a time: as many threads, and as many charges as a killed worker leaves behind


def advance(charge_id: int, now: datetime) -> None:
    """Ask Stripe for what is missing to an outcome, and settle it or come back later.

    `now` is when it starts. A call may last a minute, so what is written after one reads the clock again.
    """
    lifecycle.renew(charge_id, now)
    for charge in _read([charge_id]):
        with tracing.under(charge.order.trace):
            steps = _steps(charge, now)
            call = _next(steps, None)
            while call is not None:
                call = _next(steps, call())


def advance_all(take: Callable[[int], list[int]]) -> None:
    """Bring forward what `take` claims, up to so many at a time, until it finds no more. No charge waits for another's
    answer; one that fails is logged, and tried again after its lease."""
    waiting: dict[Future[Outcome], tuple[Charge, Steps]] = {}
    with ThreadPoolExecutor(ABREAST, thread_name_prefix="stripe") as hands:

        def go_on(charge: Charge, steps: Steps, answer: Future[Outcome] | None = None) -> None:
            with tracing.under(charge.order.trace), _logged(charge.pk):
                call = _next(steps, answer.result() if answer else None)
                if call is not None:
                    waiting[hands.submit(copy_context().run, call)] = charge, steps  # logs under the same id there

        while True:
            taken = take(ABREAST - len(waiting)) if len(waiting) <= ABREAST // 2 else []
            if len(taken) == 1 and not waiting:  # needs no thread
                with _logged(taken[0]):
                    advance(taken[0], timezone.now())
                continue
            for charge in _read(taken):
                go_on(charge, _steps(charge, timezone.now()))
            if not waiting:
                return
            for answer in wait(waiting, return_when=FIRST_COMPLETED).done:
                go_on(*waiting.pop(answer), answer)


@contextmanager
def _logged(charge_id: int) -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("charge %s could not be brought forward; it is tried again after its lease", charge_id)


def _read(charge_ids: Iterable[int]) -> list[Charge]:
    """Those of the charges that are due, with all that their calls need."""
    due = Charge.objects.filter(pk__in=list(charge_ids), due_at__isnull=False).order_by("pk")
    return list(due.select_related("order", "card__user__stripe_customer"))


def _next(steps: Steps, outcome: Outcome | None) -> Call | None:
    """The call after the one with this outcome, or the first; None when nothing is left to ask."""
    try:
        return next(steps) if outcome is None else steps.send(outcome)
    except StopIteration:
        return None


def _steps(charge: Charge, now: datetime) -> Steps:
    if charge.status != Charge.Status.PENDING:
        return _call_off(charge)
    return confirming.steps(charge, now) if charge.on_session else _take(charge)


def _take(charge: Charge) -> Steps:
    kept = charge.payment_intent_id
    outcome = yield from _retrieve(charge, kept) if kept else _create(charge)
    if outcome.kind == "unconfirmed" and outcome.payment_intent_id is not None:
        outcome = yield partial(gateway.confirm_intent, outcome.payment_intent_id, intents.key(charge, "confirm"))
    conclude(charge, outcome)


def _create(charge: Charge) -> Generator[Call, Outcome, Outcome]:
    """Make the intent of a charge, and keep its id; where another was kept meanwhile, that one counts."""
    made = yield partial(intents.make, charge)
    until = timezone.now() + LEASE
    if made.payment_intent_id is None or lifecycle.keep_intent(charge.pk, made.payment_intent_id, until):
        return made
    lifecycle.renew(charge.pk, timezone.now())
    kept = Charge.objects.values_list("payment_intent_id", flat=True).get(pk=charge.pk)
    return (yield from _retrieve(charge, str(kept)))


def _retrieve(charge: Charge, intent_id: str) -> Generator[Call, Outcome, Outcome]:
    """How it stands with an intent; the lease is renewed where it is to be confirmed next."""
    found = yield partial(gateway.retrieve_intent, intent_id)
    if found.kind == "unconfirmed":
        lifecycle.renew(charge.pk, timezone.now())
    return found


def _call_off(charge: Charge) -> Steps:
    """Take back the intent of a refused charge: no late yes may come for an order that is paid otherwise, or over."""
    outcome = yield partial(gateway.cancel_intent, str(charge.payment_intent_id), intents.key(charge, "cancel"))
    if outcome.kind == "paid":
        lifecycle.settle(charge.pk, outcome, timezone.now())
    if outcome.kind == "paid" or outcome.canceled:
        lifecycle.called_off(charge.pk)
    else:
        lifecycle.postpone(charge, outcome, timezone.now())
