"""What a plan needs before it can be active, and what of it is still to be done. Reads, and writes nothing."""

from django.utils.translation import gettext_noop

from enrollment.models import Plan

# In the order in which an activation that is refused names them.
STEPS = {
    "printer": gettext_noop("a connected printer"),
    "address": gettext_noop("a shipping address"),
    "card": gettext_noop("a card that can be charged"),
    "consent": gettext_noop("your agreement to the terms"),
}


def missing(plan: Plan) -> list[str]:
    """Which of STEPS are still to be done before the plan can be active."""
    connected = plan.printer is not None and plan.printer.tokens.filter(revoked_at=None).exists()
    return lacking(plan, connected=connected, agreed=plan.consents.exists())


def lacking(plan: Plan, *, connected: bool, agreed: bool) -> list[str]:
    """The same where it is known already whether a live token and a consent are there."""
    done = {
        "printer": connected,
        "address": plan.shipping_address_id is not None,
        "card": plan.payable_since is not None,
        "consent": agreed,
    }
    return [step for step in STEPS if not done[step]]
