"""For which orders staff who speak with customers must know who calls."""

from datetime import datetime

from enrollment import callers
from enrollment.models import User
from orders.models import Order


def refusal(staff: User, order: Order, now: datetime) -> str:
    """Why `staff` may not stop or end it now; empty where they may: what only waits for stock, for whoever calls."""
    return "" if order.status == Order.Status.BACKORDERED else callers.refusal(staff, order.user, now)
