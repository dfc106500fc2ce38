"""The link in the activation mail: signed, for one plan, good for 30 days, and for a first sign-in only."""

from enrollment import links
from enrollment.models import Plan

PURPOSE = "welcome"


def sign(plan: Plan) -> str:
    """What stands for `plan` in its link."""
    return links.sign(PURPOSE, plan.pk)


def read(signed: str) -> Plan | None:
    """The plan of a link, with its user; None when the link is forged, cut short or too old, or the plan is gone."""
    try:
        plan_id = links.read(PURPOSE, signed)
    except links.LinkError:
        return None
    return Plan.objects.select_related("user", "model__series", "printer").filter(pk=plan_id).first()


def opens(plan: Plan) -> bool:
    """Its link may sign its owner in: nobody ever signed in to this account, so nothing of it is in use yet."""
    user = plan.user
    return user.is_active and user.last_login is None and not user.is_staff and not user.has_usable_password()
