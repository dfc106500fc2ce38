"""Whether the first order has come all the way, and if not, at which step it hangs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from ars.demo.home import Home
from ars.supervisor import tail
from orders.models import Order, Replenishment
from printers.models import LowSignal

MAILS_OF_A_SMOOTH_ORDER = 2
SENT = Count("messages", filter=Q(messages__sent_at__isnull=False))

# What is missing while an order stands in a status, and whose log tells why.
NEXT_STEP = {
    Order.Status.PLACED: ("was placed, but never released", "worker"),
    Order.Status.BACKORDERED: ("waits for stock", "worker"),
    Order.Status.RELEASED: ("was released, but the warehouse did not pack it", "warehouse"),
    Order.Status.PACKED: ("was packed, but its card was not charged", "worker"),
    Order.Status.PAYMENT_FAILED: ("was packed, but its card was refused", "stripe"),
    Order.Status.SHIPPED: ("was shipped, but the carrier did not deliver it", "carrier"),
    Order.Status.DELIVERED: ("was delivered, but not mailed about", "worker"),
}


@dataclass(frozen=True)
class FirstOrder:
    """The orders placed since the demo started."""

    since: datetime

    def is_done(self) -> bool:
        """One of them is delivered, and both its mails are written."""
        done = Order.objects.filter(placed_at__gte=self.since, status=Order.Status.DELIVERED)
        return done.annotate(sent=SENT).filter(sent__gte=MAILS_OF_A_SMOOTH_ORDER).exists()

    def what_is_missing(self, home: Home) -> str:
        """The step that did not happen, with the end of the log that may tell why."""
        what, log = self._missing_step()
        path = home.log / f"{log}.log"
        told = tail(path) if path.exists() else ""
        return f"{what}; the end of {path}:\n{told}"

    def _missing_step(self) -> tuple[str, str]:
        order = Order.objects.filter(placed_at__gte=self.since).order_by("placed_at").first()
        if order:
            what, log = NEXT_STEP.get(Order.Status(order.status), (f"ended as {order.status}", "worker"))
            return f"order {order.display_number} {what}", log
        if not LowSignal.objects.filter(received_at__gte=self.since).exists():
            return "no printer reported low ink", "fleet"
        if not Replenishment.objects.filter(opened_at__gte=self.since).exists():
            return "low ink was reported, but nothing was decided about it", "worker"
        return "low ink was decided about, but no order was placed", "worker"
