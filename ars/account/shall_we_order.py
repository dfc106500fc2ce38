"""The question of a plan that asks each time, as its page behind the mail shows it: open, or what became of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext

from ars.account.printer_rows import clock_of
from enrollment.models import Plan
from orders import looking, pricing, words
from orders.models import OrderLine, Replenishment

Kind = Replenishment.Kind


def needs() -> QuerySet[Replenishment]:
    """Needs with all that the question speaks of."""
    related = ("plan__model", "plan__printer", "plan__shipping_address", "slot", "signal__slot")
    return Replenishment.objects.select_related(*related)


@dataclass(frozen=True)
class Question:
    """Shall we order this supply for this printer?"""

    need: Replenishment
    now: datetime

    @property
    def facts(self) -> dict[str, str]:
        return {"supply": self.need.slot.name, "printer": self.need.plan.display_name}

    @property
    def is_open(self) -> bool:
        """Whether an answer is still waited for."""
        active = self.need.plan.status == Plan.Status.ACTIVE
        return active and self.need.closed_at is None and self.need.decision == Kind.ASKING

    @property
    def heading(self) -> str:
        if self.is_open:
            return gettext("Shall we order %(supply)s for %(printer)s?") % self.facts
        return gettext("%(supply)s for %(printer)s") % self.facts

    @property
    def seen(self) -> str:
        """What the printer showed."""
        return words.seen(self.need.signal)

    @property
    def offer(self) -> str:
        """What would be sent, and its price today; empty while it has none."""
        sku = looking.sku_for(self.need.plan, self.need.slot_id)
        quote = pricing.quotes([sku.pk], self.now).get(sku.pk) if sku else None
        if sku is None or quote is None:
            return ""
        facts = {"sku": sku.name, "price": pricing.with_tax(quote, clock_of(self.need.plan, self.now))}
        return gettext("We would send one %(sku)s: %(price)s, charged when it ships.") % facts

    @property
    def outcome(self) -> str:
        """What became of it."""
        need = self.need
        if need.plan.status != Plan.Status.ACTIVE:
            return gettext("The plan for %(printer)s has ended, so nothing is ordered.") % self.facts
        if need.closed_at is not None:
            return gettext("%(supply)s was replaced meanwhile, so nothing needs to be ordered.") % self.facts
        if self._line is not None:
            number = self._line.order.display_number
            return gettext("We ordered it: order %(number)s.") % {"number": number}
        if need.decision == Kind.UNDECIDED and need.wanted_at is not None:
            return gettext("You said yes. We order it now, and write when it is done.")
        if need.decision == Kind.ORDERED:
            return words.order_ended(need.signal)
        at = need.decisions.latest("at", "pk").at
        return words.decision(need.decision, need.signal, at, clock_of(need.plan, self.now))

    @cached_property
    def _line(self) -> OrderLine | None:
        return self.need.lines.filter(open=True).select_related("order").first()
