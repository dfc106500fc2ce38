"""Whose a printer is: what its owner is asked when somebody claims it, and what became of that."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_noop

from ars.account.printer_rows import clock_of
from enrollment import claims
from enrollment.models import Claim, Plan
from enrollment.reasons import Reason
from orders import wishes
from orders.clock import Clock

MINE, GONE = "mine", "gone"
ASKED = gettext_noop("On %(asked)s somebody asked to connect this printer to another account.")
ENDS = gettext_noop("If you do not answer by %(ends)s, your plan for it ends then, and it is theirs to connect.")
GOES_ON = gettext_noop("Nothing ends by itself: your plan goes on.")
STILL_YOURS = gettext_noop("It is still yours, as we were told on %(day)s. Your plan goes on, and we do not ask again.")
ENDED = gettext_noop("Your plan for it ended on %(moment)s. Nothing more is ordered for it.")


@dataclass(frozen=True)
class Whose:
    """The question, or its answer."""

    claim: Claim
    now: datetime

    @property
    def plan(self) -> Plan:
        return self.claim.plan

    @property
    def clock(self) -> Clock:
        return clock_of(self.plan, self.now)

    @property
    def is_open(self) -> bool:
        return self.claim.outcome in Claim.UNSETTLED and self.plan.status == Plan.Status.ACTIVE

    @property
    def asked(self) -> str:
        return gettext(ASKED) % {"asked": self.clock.moment(self.claim.at)}

    @property
    def ends(self) -> str:
        ends_at = self.claim.ends_at
        if ends_at is None or self.claim.outcome != Claim.Outcome.OPEN:
            return gettext(GOES_ON)
        return gettext(ENDS) % {"ends": self.clock.moment(ends_at)}

    @property
    def outcome(self) -> str:
        """What it came to."""
        if self.plan.ended_at is not None:
            return gettext(ENDED) % {"moment": self.clock.moment(self.plan.ended_at)}
        return gettext(STILL_YOURS) % {"day": self.clock.day(self.claim.settled_at or self.now)}


def asked() -> QuerySet[Claim]:
    """Claims with all that is shown of them."""
    return Claim.objects.select_related("plan__model", "plan__printer", "plan__shipping_address")


def answer(whose: Whose, said: str) -> None:
    """What its owner says; of no effect once it is no question any more."""
    if not whose.is_open:
        return
    if said == MINE:
        claims.keep(whose.claim, whose.now, wishes.CUSTOMER)
    elif said == GONE:
        plan = whose.plan
        wishes.leave(plan, wishes.not_ready(plan), Reason.GONE, "", whose.now)
