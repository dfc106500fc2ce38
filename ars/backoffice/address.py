"""Where a customer's ink goes, changed for them on the phone: typed, then what will change, and a POST of that acts."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.account.address_form import AddressForm
from ars.account.moved import moved
from ars.account.printer_rows import clock_of
from ars.backoffice.call_forms import WhyForm
from ars.backoffice.pages import show, staff_page
from enrollment import callers, notes
from enrollment.acting import staff_of
from enrollment.models import Plan
from enrollment.notes import Written
from orders import lifecycle, wishes
from orders.clock import Clock
from orders.models import Order
from printers.facts import Refused

Address = dict[str, str]


@staff_page("enrollment.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, user_id: int, plan_id: int) -> HttpResponse:
    """GET asks where to; POST shows what will change, and only that page's button does it."""
    related = Plan.objects.select_related("user", "model", "printer", "shipping_address")
    plan, staff, now = get_object_or_404(related, pk=plan_id, user=user_id), staff_of(request), timezone.now()
    if refusal := callers.refusal(staff, plan.user, now):
        return _page(request, plan, refusal=refusal)
    given = request.POST if request.method == "POST" else None
    form = AddressForm(given, initial=AddressForm.of(plan.shipping_address))
    why = WhyForm(given, initial={"key": uuid4()})
    if not (form.is_valid() and why.is_valid()):
        return _page(request, plan, form=form, why=why)
    if form.must_ask:
        form.ask()
        return _page(request, plan, form=form, why=why)
    where = _whole(plan, form.cleaned_data)
    if "save" in request.POST:
        return _save(request, plan, where, why, now)
    will = list(_will(plan, where, clock_of(plan, now)))
    return _page(request, plan, form=AddressForm(initial=form.cleaned_data), why=why, will=will, where=where)


def _whole(plan: Plan, typed: Address) -> Address:
    """What was typed, with what the form does not ask for."""
    known = plan.shipping_address
    address_fields = {name: typed[name] for name in typed if name != "spelling"}
    return {"phone": known.phone if known else "", "country": "US", **address_fields}


def _will(plan: Plan, where: Address, clock: Clock) -> Iterator[str]:
    """What changes, order by order, before it does."""
    yield f"From the next order on, ink for {plan.display_name} goes to {where['line1']}, {where['city']}."
    for order in Order.objects.filter(plan=plan, status__in=wishes.UNDER_WAY).order_by("placed_at", "pk"):
        if order.status in lifecycle.NOT_PACKED:
            yield f"Order {order.display_number} goes there too, under a new label."
        else:
            yield f"Order {order.display_number} is packed and goes to the old address: it cannot be turned round."
    yield f"We write to {plan.user} that the address was changed."


def _save(request: HttpRequest, plan: Plan, where: Address, why: WhyForm, now: datetime) -> HttpResponse:
    staff, typed = staff_of(request), why.cleaned_data
    text = f"Address for {plan.display_name} changed to {where['line1']}, {where['city']}: {typed['why']}"
    try:
        with transaction.atomic():
            callers.let_act(staff, plan.user, now)
            if notes.add(plan.user, Written(text, typed["key"]), staff, now):
                wishes.readdress(plan, where, now, staff.get_username())
        for sentence in moved(plan, where, clock_of(plan, now)):
            messages.success(request, sentence)
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("backoffice:customer", args=[plan.user_id]))


def _page(request: HttpRequest, plan: Plan, **context: object) -> HttpResponse:
    title = f"Where ink for {plan.display_name} goes"
    return show(request, "backoffice/address.html", title, plan=plan, customer=plan.user, **context)
