"""What came back, piece by piece: how it looks, what goes back to the card, and a button that books it once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ars.backoffice.pack import PACKS
from ars.backoffice.pack_order import find, page_of
from ars.backoffice.pages import show, staff_page
from billing.models import Charge
from billing.refunds import pieces as paid
from orders import aftercare, packing, returns
from orders.models import Order, OrderLine, Return, ReturnReceipt
from orders.money import display_amount, parse_number
from printers.facts import Refused

AS_NEW, OPENED, DAMAGED, NOT_OURS, ABSENT = "as_new", "opened", "damaged", "not_ours", "absent"
CONDITIONS = [
    (AS_NEW, "As new"),
    (OPENED, "Opened"),
    (DAMAGED, "Damaged"),
    (NOT_OURS, "Not ours"),
    (ABSENT, "Not in the parcel"),
]
ACCEPTED = {AS_NEW}  # what is refunded by this; for the rest staff may give money back
CAME = (AS_NEW, OPENED, DAMAGED)
NOTHING = "Nothing of this order is in the parcel, so nothing is booked. Put it aside, and tell Support."


class ReturnForm(forms.Form):
    """How each piece looks that may come back. Its key is made with the page: sent twice, it is booked once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    undeliverable = forms.BooleanField(required=False, label="The carrier could not deliver it and brought it back")

    def __init__(self, order: Order, announced: Return | None, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._lines: dict[str, OrderLine] = {}
        expected = _expected(announced)
        for line, place in _pieces(order):
            name = f"piece_{line.pk}_{place}"
            self._lines[name] = line
            first = ABSENT if announced and expected[line.pk] <= 0 else None
            expected[line.pk] -= 1
            self.fields[name] = forms.ChoiceField(
                choices=CONDITIONS,
                widget=forms.RadioSelect,
                label=line.sku.name,
                help_text=line.sku.code,
                initial=first,
            )

    @property
    def pieces(self) -> list[forms.BoundField]:
        """A choice for each piece."""
        return [self[name] for name in self._lines]

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What came back, as `returns.receive` takes it, with how it looked."""
        came: Counter[tuple[str, str]] = Counter()
        for name, line in self._lines.items():
            if (condition := self.cleaned_data[name]) in CAME:
                came[line.sku.code, condition] += 1
        return [
            {"sku": sku, "quantity": count, "accepted": condition in ACCEPTED, "condition": condition}
            for (sku, condition), count in came.items()
        ]


@dataclass(frozen=True)
class Outcome:
    """What will be booked, as the page says it before it is."""

    order: Order
    back: list[returns.CameBack]
    cents: int

    @property
    def amount(self) -> str:
        """$24.99."""
        return display_amount(self.cents, self.order.currency)

    @property
    def seen(self) -> str:
        """What a page showed, to be compared before it is done."""
        return f"{self.cents}:" + ",".join(f"{each.line.pk}x{each.quantity}{each.accepted:d}" for each in self.back)

    @property
    def was_paid_back(self) -> bool:
        """Whether it is as it should be, and yet nothing is left to give back for it."""
        return not self.cents and any(each.accepted for each in self.back)

    @property
    def not_refunded(self) -> int:
        """How many pieces come back without money going back by this."""
        return sum(each.quantity for each in self.back if not each.accepted)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(PACKS)
def came_back(request: HttpRequest, number: str) -> HttpResponse:
    """GET asks how each piece looks; POST shows what will be booked, and only that page's button books it."""
    order = find(number)
    announced = Return.objects.filter(order=order, number=parse_number(request.GET.get("of", ""))).first()
    given = request.POST if request.method == "POST" else None
    form = ReturnForm(order, announced, given, initial={"key": uuid4()})
    outcome = refusal = None
    if given is not None and (known := _known(order, given.get("key", ""))):
        return _done(request, known, new=False)
    if order.status not in (*aftercare.LEFT_US, Order.Status.RETURNED):
        refusal = f"Order {order.display_number} is {order.get_status_display().lower()}: nothing of it can come back."
    elif form.is_valid() and "change" not in request.POST:
        try:
            outcome = _outcome(order, form.sent)
        except Refused as refused:
            messages.error(request, str(refused))
    if outcome and "book" in request.POST:
        if form.cleaned_data["seen"] == outcome.seen:
            return _book(request, order, form)
        messages.warning(request, "Something came back or was refunded meanwhile: look once more.")
    return show(
        request,
        "backoffice/pack_return.html",
        f"Return of order {order.display_number}",
        order=order,
        announced=announced,
        form=form,
        outcome=outcome,
        refusal=refusal,
    )


def _outcome(order: Order, sent: list[dict[str, Any]]) -> Outcome:
    """Refused `nothing_came`, or as `returns.reckon`."""
    if not sent:
        raise Refused(NOTHING, "nothing_came")
    back = returns.reckon(order, sent)
    charge = Charge.objects.filter(order=order, status=Charge.Status.PAID).first()
    return Outcome(order, back, paid.would_owe(charge, back) if charge else 0)


def _book(request: HttpRequest, order: Order, form: ReturnForm) -> HttpResponse:
    return_id = _return_id(order, form.cleaned_data["key"])
    try:
        receipt, new = returns.receive(
            packing.station(),
            order,
            return_id,
            form.sent,
            timezone.now(),
            undeliverable=form.cleaned_data["undeliverable"],
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(request.get_full_path())
    return _done(request, receipt, new=new)


def _done(request: HttpRequest, receipt: ReturnReceipt, *, new: bool) -> HttpResponse:
    if new:
        said = (
            f"Booked: what came back of {receipt.order}. Nothing goes back on the shelf by itself: enter what you put"
        )
        messages.success(request, f"{said} there.")
    else:
        messages.warning(request, "This page was sent before; nothing is booked twice.")
    return redirect(page_of(receipt.order))


def _pieces(order: Order) -> Iterator[tuple[OrderLine, int]]:
    """Each piece that was not in the warehouse's hands again yet, with its place in its line."""
    for each in aftercare.pieces(order).values():
        for place in range(each.came_back, each.line.quantity):
            yield each.line, place


def _expected(announced: Return | None) -> Counter[int]:
    """Line id to the pieces a customer said they would send."""
    return Counter({each.line_id: each.quantity for each in announced.lines.all()} if announced else {})


def _known(order: Order, key: str) -> ReturnReceipt | None:
    """What was booked from this very page before."""
    try:
        sent = UUID(key)
    except ValueError:
        return None
    own = ReturnReceipt.objects.filter(order=order, partner__name=packing.STATION, return_id=_return_id(order, sent))
    return own.select_related("order").first()


def _return_id(order: Order, key: UUID) -> str:
    return f"{order.number}-{key}"
