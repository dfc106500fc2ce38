"""An order that could not be charged: what its owner reads, how the last try stands, and what they can do now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop

from ars.account.order_rows import OrderRow
from billing import confirming, declines, lifecycle
from billing.models import Charge
from orders import unpaid, words
from orders.models import Order
from orders.money import display_amount

Status = Order.Status
Unsettled = Literal["asking", "unknown", "confirming", "to_confirm", "failed", "no_card"]
Standing = Unsettled | Literal["to_ship", "paid", "paid_before", "free", "ended"]

NEWS = timedelta(minutes=10)  # so long a payment is told as what just happened
LOOK_EVERY, LOOK_SELDOM = 2, 15  # seconds

HEADINGS: dict[Standing, str] = {
    "asking": gettext_noop("Asking your bank"),
    "unknown": gettext_noop("We do not know yet"),
    "confirming": gettext_noop("Confirm your payment"),
    "to_confirm": gettext_noop("Confirm your payment"),
    "failed": gettext_noop("Your card did not go through"),
    "no_card": gettext_noop("There is no card for this printer"),
    "to_ship": gettext_noop("Nothing to pay now"),
    "paid": gettext_noop("Paid: %(amount)s, %(card)s"),
    "paid_before": gettext_noop("Nothing to pay"),
    "free": gettext_noop("Nothing to pay"),
    "ended": gettext_noop("This order has ended"),
}
SENTENCES: dict[Standing, str] = {
    "asking": gettext_noop("We asked for %(amount)s from %(card)s. The answer usually comes within seconds."),
    "unknown": gettext_noop(
        "We do not know yet whether this went through. Please do not pay twice; we write to you within the hour."
    ),
    "confirming": gettext_noop(
        "Your bank has not told us yet that you confirmed %(amount)s from %(card)s. Confirm it, or pay another way: it "
        "is never charged twice."
    ),
    "to_confirm": gettext_noop("Your ink is set aside until %(until)s. Your printer is not affected."),
    "failed": gettext_noop("Your ink is set aside until %(until)s. Your printer is not affected."),
    "no_card": gettext_noop("Your ink is set aside. Name a card, and we pack it; nothing is charged before it ships."),
    "to_ship": gettext_noop("A card is named for this printer. It is charged when your ink ships, not before."),
    "paid": gettext_noop("Your parcel leaves today or on the next working day."),
    "paid_before": gettext_noop("This order was paid on %(day)s."),
    "free": gettext_noop("Nothing was charged for this order."),
    "ended": gettext_noop("The ink was put back and nothing was charged."),
}


def charges_of(order: Order) -> list[Charge]:
    """Every attempt, the first one first."""
    return list(order.charges.select_related("card").order_by("attempt"))


@dataclass(frozen=True)
class Payment:
    """What one order's owner must know to have it paid."""

    row: OrderRow
    charges: Sequence[Charge]

    @property
    def order(self) -> Order:
        return self.row.order

    @property
    def last(self) -> Charge | None:
        return self.charges[-1] if self.charges else None

    @cached_property
    def standing(self) -> Standing:
        """How it stands with the order's payment, now."""
        status = self.order.status
        if status == Status.PAYMENT_FAILED:
            return self._unpaid()
        if status == Status.PACKED:
            return self._under_way()
        if status == Status.CANCELLED:
            return "ended"
        return "to_ship" if status in (Status.PLACED, Status.BACKORDERED, Status.RELEASED) else self._paid()

    def _under_way(self) -> Standing:
        if self.last is not None and confirming.is_open(self.last):
            return "confirming"
        asked_at = (self.last.answered_at if self.last else None) or self.order.updated_at
        return "asking" if self.row.now - asked_at < words.ANSWER_AT_ONCE else "unknown"

    def _unpaid(self) -> Standing:
        if unpaid.is_packed(self.order):
            return "to_confirm" if self.last and confirming.may_confirm(self.last, self.row.now) else "failed"
        return "no_card" if self.order.plan.payable_since is None else "to_ship"

    def _paid(self) -> Standing:
        if self.last is None or self.last.status != Charge.Status.PAID or self.last.settled_at is None:
            return "free"
        return "paid" if self.row.now - self.last.settled_at < NEWS else "paid_before"

    @property
    def is_needed(self) -> bool:
        """Whether a card is asked for."""
        return self.standing in ("to_confirm", "failed", "no_card")

    @property
    def waits_for_owner(self) -> bool:
        """Whether its owner can do something about it: name a card, or answer their bank."""
        return self.is_needed or self.standing == "confirming"

    @property
    def concerns_order_page(self) -> bool:
        """Whether the order's own page shows it too: what needs a card, and the answer to one tried by hand."""
        return self.is_needed or (self.order.status == Status.PACKED and len(self.charges) > 1)

    @property
    def look_every(self) -> int:
        """Seconds until the page looks again; 0 when there is nothing to wait for."""
        return {"asking": LOOK_EVERY, "unknown": LOOK_SELDOM}.get(self.standing, 0)

    @property
    def heading(self) -> str:
        has_no_card = self.standing == "failed" and not self.card
        return gettext(HEADINGS["no_card" if has_no_card else self.standing]) % self._facts

    @property
    def sentence(self) -> str:
        return gettext(SENTENCES[self.standing]) % self._facts

    @property
    def amount(self) -> str:
        return display_amount(self.order.total_cents, self.order.currency)

    @property
    def card(self) -> str:
        """'Visa 4242': the card tried last."""
        return str(self.last.card) if self.last and self.last.card else ""

    @property
    def tried(self) -> str:
        """When the card was tried last."""
        return self.row.clock.moment(self.last.settled_at or self.last.created_at) if self.last else ""

    @property
    def meaning(self) -> str:
        """What the bank's answer means, by class; never its own words."""
        if self.standing not in ("to_confirm", "failed") or self.last is None:
            return ""
        if self.last.status == Charge.Status.NEEDS_AUTHENTICATION:
            return self._question(self.last)
        if self.last.card is None:
            return gettext(declines.NO_CARD)
        again = gettext("This card was refused too. Nothing was charged.") if self._refused_before else ""
        return f"{again} {declines.sentence(self.last.outcome, self.last.advice)}".strip()

    def _question(self, charge: Charge) -> str:
        if charge.outcome in declines.UNANSWERED_CODES and self.confirm:
            return f"{declines.question(charge.outcome)} {gettext('Try again when you have your phone at hand.')}"
        return f"{declines.question(charge.outcome)} {gettext('Another card may work at once.')}"

    @property
    def _refused_before(self) -> bool:
        return any(charge.card_id for charge in self.charges[:-1])

    @property
    def confirm(self) -> str:
        """'Confirm $26.76 with Visa 4242', where the bank wants to hear it from the card's owner."""
        if self.standing not in ("to_confirm", "confirming"):
            return ""
        return gettext("Confirm %(amount)s with %(card)s") % self._facts

    @property
    def button(self) -> str:
        """What the button below the card field does."""
        if self.standing == "no_card":
            return gettext("Use this card")
        return gettext("Pay %(amount)s with this card") % self._facts

    @property
    def again(self) -> str:
        """'Try Visa 4242 again', where the bank may be asked once more."""
        if self.standing != "failed" or self.last is None or not lifecycle.may_try_again(self.last, self.row.now):
            return ""
        return gettext("Try %(card)s again") % self._facts

    @property
    def _facts(self) -> dict[str, str]:
        settled_at = (self.last.settled_at if self.last else None) or self.order.updated_at
        return {
            "amount": self.amount,
            "card": self.card or gettext("your card"),
            "day": self.row.clock.day(settled_at),
            "until": words.set_aside_until(self.row.failed_at or self.order.updated_at, self.row.clock),
        }
