"""The mail to staff about our books and Stripe's, where they differ or could not be compared."""

from datetime import datetime

from django.conf import settings

from billing.models import Reconciliation
from notifications import outbox


def tell(reconciliation_ids: list[int], now: datetime) -> None:
    """One mail a comparison, to the service's own address."""
    for run in Reconciliation.objects.filter(pk__in=reconciliation_ids).prefetch_related("differences"):
        context = {
            "day": f"{run.until:%d %b %Y}",
            "failure": run.failure,
            "differences": [(each.get_kind_display(), each.stripe_id) for each in run.differences.all()],
            "link": f"{settings.SITE_URL}/admin/billing/difference/?reconciliation__id__exact={run.pk}",
        }
        mail = outbox.compose("books_differ", context, now, to=settings.SUPPORT_EMAIL, key=str(run.pk))
        outbox.send_soon(mail)
