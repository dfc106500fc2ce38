"""The orders that wait for a cartridge, to tick and to end together; what that does is shown first by `cancelling`."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ars.backoffice.cancelling import AT_ONCE
from ars.backoffice.pages import show, staff_page
from enrollment.acting import staff_of
from orders.models import Order, OrderLine
from orders.money import display_amount
from printers.models import Sku

PAGE = AT_ONCE // 4  # each of them a mail to be read before


@staff_page("orders.view_stockitem")
@require_safe
def backorders(request: HttpRequest, sku_id: int) -> HttpResponse:
    """Of one cartridge, 50 a page, the oldest first. Whoever may cancel has boxes to tick."""
    sku = get_object_or_404(Sku.objects.select_related("stock"), pk=sku_id)
    page = Paginator(_waiting(sku), PAGE).get_page(request.GET.get("page"))
    may_cancel = staff_of(request).has_perm("orders.change_order")
    rows = [(order, display_amount(order.total_cents, order.currency)) for order in page]
    known = {"sku": sku, "page": page, "rows": rows, "may_cancel": may_cancel}
    return show(request, "backoffice/backorders.html", f"Waiting for {sku.name}", **known)


def _waiting(sku: Sku) -> QuerySet[Order]:
    for_it = OrderLine.objects.filter(sku=sku).values("order")
    waiting = Order.objects.filter(status=Order.Status.BACKORDERED, pk__in=for_it).select_related("user", "wait")
    return waiting.prefetch_related("lines__sku").order_by("placed_at", "pk")
