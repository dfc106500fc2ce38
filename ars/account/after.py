"""What came after a parcel left, on its order's page: what its owner said, what was sent for it, what went back."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext

from ars.timeline.money import refunded
from billing.models import Charge, Refund
from orders import aftercare, words, words_after
from orders.clock import Clock
from orders.models import ComplaintLine, Order, Question, Return

Status = Order.Status
LEFT_US = (*aftercare.LEFT_US, Status.RETURNED)


@dataclass(frozen=True)
class Related:
    """A sentence, and the page it leads to."""

    text: str
    link: str
    url: str


@dataclass(frozen=True)
class After:
    """All that may follow a parcel. Asks the database nothing for an order that has not left."""

    order: Order
    clock: Clock
    charges: list[Charge]

    @property
    def may_complain(self) -> bool:
        """Whether to offer "Something is wrong"."""
        return self.order.status in aftercare.LEFT_US

    @property
    def has_receipt(self) -> bool:
        """It left us, or money was taken for it."""
        return self.order.status in LEFT_US or any(charge.receipt_number for charge in self.charges)

    @property
    def is_late(self) -> bool:
        """Whether its owner is asked if it has come."""
        return words.state_name(self.order, self.clock) == words.HAS_IT_COME

    @cached_property
    def told(self) -> list[str]:
        """What is wrong with it, as its owner said."""
        complaints = {line.complaint_id: line.complaint for line in self._complained}
        return [words_after.complaint(each, self.clock) for each in complaints.values()]

    @cached_property
    def related(self) -> list[Related]:
        """The order it replaces, those that replace it, and what goes back."""
        found = []
        if self.order.replaces:
            old = self.order.replaces
            text = gettext("It replaces what was wrong with another order, free of charge.")
            found.append(_to_order(text, old))
        if self._left:
            sent = (line.replaced_by.order for line in self._complained if line.replaced_by is not None)
            for new in sorted(set(sent), key=lambda order: (order.placed_at, order.pk)):
                text = gettext("We send a new one, free of charge: %(state)s.")
                found.append(_to_order(text % {"state": words.state(new, self.clock).label.lower()}, new))
            for back in Return.objects.filter(order=self.order).order_by("at", "pk"):
                facts = {"number": back.display_number, "day": self.clock.day(back.send_by)}
                text = gettext("Return %(number)s: send it by %(day)s.") % facts
                found.append(
                    Related(text, gettext("Slip and address"), reverse("order_return", args=[self.order.number]))
                )
        return found

    @cached_property
    def refunds(self) -> list[Refund]:
        """Money that went back, or is about to; the first first."""
        if not any(charge.refunded_cents for charge in self.charges):
            return []
        refunds = Refund.objects.filter(charge__order=self.order).exclude(status=Refund.Status.FAILED)
        return list(refunds.select_related("charge__card").order_by("created_at", "pk"))

    @cached_property
    def questions(self) -> list[Question]:
        """Whatever its owner was asked of it."""
        if not self._left:
            return []
        related = ("line__slot", "line__replenishment", "order__plan__model", "order__plan__printer")
        return list(Question.objects.filter(order=self.order).select_related(*related).order_by("asked_at", "pk"))

    @property
    def refunded(self) -> list[str]:
        """Each refund in a sentence."""
        return [refunded(each, self.clock) for each in self.refunds]

    @cached_property
    def _complained(self) -> list[ComplaintLine]:
        """Each piece that was complained of, with its complaint and the order it came anew with."""
        if not self._left:
            return []
        pieces = ComplaintLine.objects.filter(complaint__order=self.order)
        return list(
            pieces.select_related("complaint", "replaced_by__order").order_by("complaint__at", "complaint", "pk")
        )

    @property
    def _left(self) -> bool:
        return self.order.status in LEFT_US


def _to_order(text: str, order: Order) -> Related:
    link = gettext("Order %(number)s") % {"number": order.display_number}
    return Related(text, link, reverse("order", args=[order.number]))
