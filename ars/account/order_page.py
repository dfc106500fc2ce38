"""One order's page: where it is, what it costs, why it was made, and all that happened to it."""

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext

from ars.account.after import After
from ars.account.order_rows import OrderRow, supply_name
from ars.account.payment import Payment, charges_of
from ars.account.questions import Asked, is_it_in_open
from ars.timeline import story
from ars.timeline.entry import Entry, told
from ars.timeline.money import card_of, why_free
from billing.models import Charge
from enrollment.models import Plan
from orders import promotions, replenishment, words, words_after, words_tax, words_waiting
from orders.models import Order, OrderEvent, Replenishment
from orders.money import display_amount

Answer = Charge.Status
ENDED = (Order.Status.CANCELLED, Order.Status.RETURNED)


@dataclass(frozen=True)
class Cost:
    """A line of the cost table."""

    label: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True)
class OrderPage:
    """Everything the page of one order shows."""

    row: OrderRow

    @property
    def order(self) -> Order:
        return self.row.order

    @cached_property
    def charges(self) -> list[Charge]:
        return charges_of(self.order)

    @cached_property
    def events(self) -> list[OrderEvent]:
        return list(self.order.events.all())

    @cached_property
    def after(self) -> After:
        """What came after it left."""
        return After(self.order, self.row.clock, self.charges)

    @cached_property
    def questions(self) -> list[Asked]:
        """Whether what came is in the printer."""
        if not self.after.may_complain:
            return []
        return [Asked(each, self.row.now) for each in self.after.questions if is_it_in_open(each)]

    @property
    def price_story(self) -> str:
        return words_after.price_story(self.order)

    @property
    def sentence(self) -> str:
        if self.order.status == Order.Status.RETURNED and self.after.refunded:
            return " ".join(self.after.refunded)
        card = card_of(self.charges[-1]) if self.charges else ""
        return words.sentence(self.order, self.row.clock, card=card, failed_at=self.row.failed_at)

    @cached_property
    def to_pay(self) -> Payment | None:
        """What its owner must know to have it paid, while that is a question."""
        payment = Payment(self.row, self.charges)
        return payment if payment.concerns_order_page else None

    @property
    def cancel_until(self) -> str:
        """Until when its owner may cancel it; empty when they may not."""
        return self.row.cancel_until

    @property
    def too_late(self) -> str:
        """Why it cannot be cancelled, and what to do instead."""
        packed = [event.at for event in self.events if event.status == Order.Status.PACKED]
        return words.too_late(max(packed, default=None), self.row.clock)

    @property
    def cannot_be_stopped(self) -> str:
        """The same, while somebody may wish to."""
        under_way = words.state_name(self.order, self.row.clock) in (Order.Status.PACKED, Order.Status.SHIPPED)
        return self.too_late if under_way else ""

    @property
    def kept_waiting(self) -> str:
        at = self.order.kept_waiting_at
        return gettext("You asked us on %(day)s to keep it.") % {"day": self.row.clock.day(at)} if at else ""

    @property
    def answer_needed(self) -> str:
        """By when its owner is to say whether to keep it; empty when they need not."""
        return words_waiting.answer_needed(self.order, self.row.clock)

    @cached_property
    def may_be_ordered(self) -> bool:
        """Cancelled or sent back, its supply still low, and nothing ordered for it since."""
        free = self.order.kind == Order.Kind.REPLACEMENT
        if free or self.order.status not in ENDED or self.order.plan.status != Plan.Status.ACTIVE:
            return False
        needs = Replenishment.objects.filter(lines__order=self.order, closed_at=None)
        return needs.filter(decision__in=replenishment.ON_YOUR_WORD).exclude(lines__open=True).exists()

    @property
    def costs(self) -> list[Cost]:
        """From the lines to the total: only what is not nothing, and shipping, which always is."""
        order = self.order
        lines = self.row.lines
        rows = [Cost(supply_name(line), self._money(line.quantity * line.unit_price_cents)) for line in lines]
        for name, cents in promotions.named(lines).items():
            rows.append(Cost(gettext("Promotion “%(name)s”") % {"name": name}, self._money(-cents)))
        rows.append(Cost(gettext("Shipping"), self._money(order.shipping_cents)))
        if order.tax_cents:
            rows.append(Cost(words_tax.called(order), self._money(order.tax_cents)))
        return [*rows, Cost(gettext("Total"), self._money(order.total_cents), is_total=True)]

    @property
    def receipt_costs(self) -> list[Cost]:
        """The same on paper: tax stands there even where it is nothing."""
        if self.order.tax_cents:
            return self.costs
        return [*self.costs[:-1], Cost(words_tax.called(self.order), self._money(0)), self.costs[-1]]

    @property
    def payment(self) -> str:
        """Whether it is paid: 'Charged $26.76 to Visa 4242 on Wed 26 Nov.', or what will happen."""
        for charge in self.charges:
            if charge.status == Answer.PAID and charge.settled_at is not None:
                facts = {"amount": self._money(charge.amount_cents), "card": card_of(charge)}
                facts["day"] = self.row.clock.day(charge.settled_at)
                return gettext("Charged %(amount)s to %(card)s on %(day)s.") % facts
            if charge.status == Answer.WAIVED:
                return why_free(charge)
        if self.order.status == Order.Status.CANCELLED:
            return gettext("Nothing was charged.")
        if not self.order.total_cents:
            return gettext("Free of charge.")
        return gettext("Charged when it ships, and never more than this.")

    @cached_property
    def history(self) -> list[Entry]:
        """What happened and why, the newest first."""
        facts = story.OfOrders(self.charges, self.after.refunds, self.after.questions)
        return told(story.of_order(self.order, facts, self.row.clock))

    def _money(self, cents: int) -> str:
        return display_amount(cents, self.order.currency)
