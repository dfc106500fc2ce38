"""One comparison with Stripe: its lists are read first, no transaction open, and the differences kept together."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from billing import gateway
from billing.gateway import GivenBack, Taken, UnavailableError
from billing.models import Charge, Difference, Reconciliation, Refund
from billing.reconciliation import comparing
from printers.facts import nudge

log = logging.getLogger(__name__)

NIGHTLY = timedelta(days=7)  # how far back: a webhook may come days late, a refund be made long after its charge
CLOCK = "nightly"
# Our row is settled after Stripe took the money, by up to a lost answer and an outage: Stripe's list begins earlier.
EARLIER = timedelta(days=3)
# What Stripe did a moment ago may still be on its way to us.
UNDER_WAY = timedelta(hours=1)


def reconcile(since: datetime, until: datetime, now: datetime, *, by: str = CLOCK) -> Reconciliation:
    """Compare [since, until), but not the last hour; a span of Stripe's that could not be read is kept as a failure."""
    until = min(until, now - UNDER_WAY)
    run = Reconciliation.objects.create(since=since, until=until, began_at=now, by=by)
    try:
        taken = list(gateway.payments(since - EARLIER, now))
        given = list(gateway.refunds(since - EARLIER, now))
    except UnavailableError as error:
        Reconciliation.objects.filter(pk=run.pk).update(failure=str(error)[:200], due_at=now)
        nudge("reconciliation")
        log.error("the books could not be compared: %s", error)
        return run
    with transaction.atomic():
        found = [*_payments(run, taken), *_refunds(run, given)]
        for difference in found:
            difference.reconciliation = run
        Difference.objects.bulk_create(found)
        run.payments, run.refunds, run.finished_at, run.due_at = len(taken), len(given), now, now if found else None
        run.save(update_fields=["payments", "refunds", "finished_at", "due_at"])
    if found:
        nudge("reconciliation")
        log.error("%s differences between our books and Stripe's, %s", len(found), run)
    return run


def _payments(run: Reconciliation, taken: list[Taken]) -> list[Difference]:
    ids = [each.payment_intent_id for each in taken]
    ours = Charge.objects.filter(payment_intent_id__in=ids).select_related("order")
    settled = Charge.objects.took_money() | Charge.objects.asked_about()
    unsettled = ours.exclude(pk__in=settled.values("pk"))
    expected = Charge.objects.took_money().filter(settled_at__gte=run.since, settled_at__lt=run.until)
    found = comparing.payments(ours, unsettled, expected.select_related("order"), taken)
    return [each for each in found if _is_news(each)]


def _refunds(run: Reconciliation, given: list[GivenBack]) -> list[Difference]:
    ours = Refund.objects.filter(stripe_id__in=[each.refund_id for each in given]).select_related("charge")
    expected = Refund.objects.filter(
        status=Refund.Status.MADE, settled_at__gte=run.since, settled_at__lt=run.until
    ).select_related("charge")
    return [each for each in comparing.refunds(ours, expected, given) if _is_news(each)]


def _is_news(difference: Difference) -> bool:
    """Not kept unrepaired before: each night would say it again."""
    same = Q(kind=difference.kind, charge=difference.charge, refund=difference.refund, stripe_id=difference.stripe_id)
    return not Difference.objects.filter(same, applied_at=None).exists()
