"""What a customer wants for one slot of a printer: size, spares, the next one skipped, or one ordered now."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext

from ars.account.acting import own_button, own_form, say
from ars.account.forms_of_plan import CartridgeForm
from ars.account.plan_actions import data, edit, of_living_plan
from ars.account.printer_rows import PrinterRow
from enrollment import choices, lifecycle
from orders import pricing, replenishment
from orders.clock import Clock
from orders.models import OrderLine
from orders.money import display_amount
from orders.pricing import Quote
from printers.models import Slot, SlotSku


@own_form
@of_living_plan
def cartridge(request: HttpRequest, row: PrinterRow, slot_id: int) -> HttpResponse:
    """Which size, and how many spares."""
    slot = _slot(row, slot_id)
    chosen = choices.of(row.plan).get(slot.pk, choices.Choice())

    def save(typed: dict[str, Any]) -> Iterable[str]:
        if "size" in typed:
            lifecycle.choose_size(row.plan, slot, typed["size"])
        lifecycle.set_spares(row.plan, slot, typed["spares"])
        yield gettext("Saved. It holds from the next %(supply)s on.") % {"supply": slot.name}

    initial = {"size": chosen.size, "spares": chosen.spares}
    form = CartridgeForm(data(request), sizes=sizes(slot, row), initial=initial)
    return edit(request, row, form, save, heading=slot.name)


@own_button
@of_living_plan
def skip(request: HttpRequest, row: PrinterRow, slot_id: int) -> HttpResponse:
    """Order nothing the next time it is low, once."""
    slot = _slot(row, slot_id)
    lifecycle.skip_next(row.plan, slot)
    under_way = OrderLine.objects.filter(open=True, replenishment__plan=row.plan, replenishment__slot=slot)
    ordered = under_way.exclude(order__status="cancelled").exists()
    if not ordered:
        text = gettext("The next %(supply)s is skipped, once.")
    elif "ordered" in request.POST:  # the page said so already
        text = gettext("%(supply)s is on order. Skip applies to the one after it.")
    else:
        text = gettext("While this page was open, %(supply)s was ordered. Skip now applies to the one after it.")
    say(request, text % {"supply": slot.name})
    return redirect("plan", row.plan.pk)


@own_button
@of_living_plan
def unskip(request: HttpRequest, row: PrinterRow, slot_id: int) -> HttpResponse:
    """Take the skip back."""
    slot = _slot(row, slot_id)
    lifecycle.skip_next(row.plan, slot, skip=False)
    say(request, gettext("The next %(supply)s is ordered as always.") % {"supply": slot.name})
    return redirect("plan", row.plan.pk)


@own_button
@of_living_plan
def order_now(request: HttpRequest, row: PrinterRow, slot_id: int) -> HttpResponse:
    """Order what is low after all. Sent twice, it is ordered once."""
    slot = _slot(row, slot_id)
    replenishment.order_now(row.plan, slot.pk, row.now)
    say(request, gettext("We order %(supply)s now.") % {"supply": slot.name})
    return redirect("plan", row.plan.pk)


@own_button
@of_living_plan
def spare(request: HttpRequest, row: PrinterRow, slot_id: int) -> HttpResponse:
    """A spare is at hand for what is low at the very start: nothing is ordered for it. Sent twice, it is one spare."""
    slot = _slot(row, slot_id)
    known = choices.of(row.plan).get(slot.pk, choices.Choice()).spares
    lifecycle.set_spares(row.plan, slot, max(known, 1))
    say(request, gettext("Put your spare %(supply)s in. We order the next time it is low.") % {"supply": slot.name})
    return redirect("activate_connecting" if row.plan.printer_id else "plan", row.plan.pk)


def sizes(slot: Slot, row: PrinterRow) -> list[tuple[str, str]]:
    """Each size a slot takes, in words: which cartridge, its price today, and how much more than the cheapest."""
    fits = list(SlotSku.objects.filter(slot=slot).select_related("sku").order_by("-size"))
    quotes = pricing.quotes([fit.sku_id for fit in fits], row.now)
    least = min((quote.cents for quote in quotes.values()), default=0)
    return [(fit.size, _described(fit, quotes.get(fit.sku_id), least, row.clock)) for fit in fits]


def _described(fit: SlotSku, quote: Quote | None, least: int, clock: Clock) -> str:
    facts = {"size": fit.get_size_display(), "sku": fit.sku.name}
    if quote is None:
        return gettext("%(size)s: %(sku)s, no price yet") % facts
    facts |= {"price": quote.in_words(clock), "more": display_amount(quote.cents - least)}
    if quote.cents == least:
        return gettext("%(size)s: %(sku)s, %(price)s") % facts
    return gettext("%(size)s: %(sku)s, %(price)s, %(more)s more") % facts


def _slot(row: PrinterRow, slot_id: int) -> Slot:
    return get_object_or_404(Slot, pk=slot_id, model=row.plan.model_id, consumable=True)
