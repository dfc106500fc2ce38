"""Links of mails that do their one job without signing in: the addresses behind which `ars` shows the fact."""

from django.conf import settings

from enrollment import links
from orders.models import Order

# What each is for; the pages of `ars/account/by_mail.py` accept no other.
ORDER, CANCEL, WAITING, ASKED, CLAIM = "order", "cancel", "waiting", "asked", "claim"


def link(purpose: str, pk: int) -> str:
    """The whole address, good for 30 days from now."""
    return f"{settings.SITE_URL}/mail/{purpose}/{links.sign(purpose_of(purpose), pk)}/"


def receipt(order: Order) -> str:
    """Where its owner, signed in, prints an order's receipt; empty for one who has no account any more."""
    closed = hasattr(order.user, "closure")
    return "" if closed else f"{settings.SITE_URL}/account/orders/{order.display_number}/receipt/"


def purpose_of(name: str) -> str:
    """What its signature is for: no link of another page opens one of these."""
    return f"mail-{name}"
