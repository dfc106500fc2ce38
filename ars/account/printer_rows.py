"""A customer's plans: the rows to read, and each printer as a row of a list."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db import models
from django.db.models import Exists, Expression, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop

from ars.account import tanks
from ars.account.compiled import Compiled
from ars.account.order_rows import OrderRow
from ars.account.set_up import SetUp
from ars.account.tanks import Supply
from billing.models import Card
from enrollment import choices, steps, watched
from enrollment.models import Claim, Consent, Plan, User
from notifications import mail_links
from orders import words
from orders.clock import Clock
from printers import silence
from printers.models import DeviceToken, Printer
from printers.silence import Silence


def of(user: "User | Expression") -> "QuerySet[Plan]":
    """A user's plans with all that a row shows, in no order."""
    return _whole().filter(user=user)


OF = Compiled(of, models.BigAutoField())


def all_of(user: User) -> list[Plan]:
    """The same, read, the oldest first."""
    return sorted(OF.read(user.pk), key=lambda plan: plan.pk)


@cache
def _whole() -> "QuerySet[Plan]":
    """Everybody's, never read: what stands here is put together once a process, which takes longer than to read it."""
    related = ("model__series", "printer", "shipping_address", "plan_card__card")
    tokens = DeviceToken.objects.filter(printer=OuterRef("printer")).values("printer")
    plans = watched.annotated(Plan.objects.all()).annotate(
        connected=Subquery(tokens.annotate(live=BoolOr(Q(revoked_at=None))).values("live")),  # NULL: it never was
        agreed=Exists(Consent.objects.filter(plan=OuterRef("pk"))),
        claim=_claim(plan=OuterRef("pk")),
        awaited=_claim(waiting=OuterRef("pk")),
    )
    return plans.select_related(*related).prefetch_related("model__slots")


def _claim(**which: Any) -> Subquery:
    """The newest that nobody has settled, as JSON: one look for all that is said of it."""
    found = Claim.objects.filter(outcome__in=Claim.UNSETTLED, **which).order_by("-at")
    return Subquery(found.values(said=JSONObject(pk="pk", outcome="outcome", ends_at="ends_at"))[:1])


def _ends(claim: dict[str, Any]) -> datetime | None:
    """Until when the owner may answer; None where a person decides."""
    ends_at: str | None = claim["ends_at"] if claim["outcome"] == Claim.Outcome.OPEN else None
    return datetime.fromisoformat(ends_at) if ends_at else None


def clock_of(plan: Plan, now: datetime) -> Clock:
    """The clock of the place a plan's ink is sent to."""
    return Clock(now, plan.shipping_address.state if plan.shipping_address else "")


FIRST_READING_WITHIN = timedelta(minutes=30)
WORST_FIRST = ("stop", "wait", "move", "ok", "idle")
STANDING = {
    words.PAUSED: gettext_noop("Paused. We watch, but order nothing."),
    words.NO_READING: gettext_noop("Connected. Waiting for the first reading; it usually comes within five minutes."),
    words.PRINTER_OFF: gettext_noop("Switched off is fine; we just cannot see its ink until it is on."),
    words.HELPER_STOPPED: gettext_noop(
        "We hear neither the printer nor the helper on your computer. Switched off is fine; we just cannot see its ink "
        "until that computer and the printer are on."
    ),
    words.NEVER_HEARD: gettext_noop(
        "It is connected, but has never told us its ink. Wake the printer, leave the computer with the helper on, or "
        "connect it once more."
    ),
    words.NOT_CONNECTED: gettext_noop("It no longer tells us its ink, so nothing is ordered for it. Connect it again."),
}
SILENT = {
    Silence.PRINTER_OFF: words.PRINTER_OFF,
    Silence.HELPER_STOPPED: words.HELPER_STOPPED,
    Silence.NEVER_HEARD: words.NEVER_HEARD,
}


@dataclass(frozen=True)
class PrinterRow:
    """One printer, as lists show it."""

    plan: Plan
    now: datetime
    under_way: tuple[OrderRow, ...] = ()

    @cached_property
    def clock(self) -> Clock:
        return clock_of(self.plan, self.now)

    @cached_property
    def supplies(self) -> list[Supply]:
        """What the plan is about; waste containers are not."""
        return [supply for supply in self.all_supplies if supply.slot.consumable]

    @cached_property
    def printer(self) -> Printer | None:
        """The printer as its owner knows it: what was heard in somebody else's time is not theirs to see."""
        return watched.as_known(self.plan)

    @cached_property
    def all_supplies(self) -> list[Supply]:
        return tanks.of(self.printer, list(self.plan.model.slots.all()), self.clock)

    @property
    def seen_at(self) -> datetime | None:
        return self.printer.seen_at if self.printer else None

    @property
    def serial_ends(self) -> str:
        return self.plan.printer.serial_number[-4:] if self.plan.printer else ""

    @property
    def silence(self) -> Silence | None:
        return silence.of(self.printer, self.now) if self.printer else None

    @property
    def is_late(self) -> bool:
        """Whether the first reading should have come by now."""
        printer = self.printer
        return printer is not None and printer.seen_at is None and self.now - printer.created_at > FIRST_READING_WITHIN

    @property
    def _claim(self) -> dict[str, Any] | None:
        """Somebody else's, on its printer."""
        return getattr(self.plan, "claim", None)

    @property
    def whose(self) -> str:
        """Where its owner says whose it is, while somebody claims it; empty otherwise."""
        return mail_links.link(mail_links.CLAIM, self._claim["pk"]) if self._claim else ""

    @property
    def asked_for(self) -> str:
        """That somebody claims it, and until when its owner may answer."""
        ends = _ends(self._claim) if self._claim else None
        facts = {"printer": self.plan.display_name, "ends": self.clock.moment(ends) if ends else ""}
        if ends is None:
            return gettext("Somebody asked to connect %(printer)s to another account.") % facts
        text = gettext(
            "Somebody connects %(printer)s to another account. Answer by %(ends)s, or your plan for it ends."
        )
        return text % facts

    def waits_until(self, free_at: datetime | None) -> str:
        """From when on the printer that this plan waits for is free; None where a person decides."""
        if free_at is None:
            return gettext(
                "This printer is active in another account. A person looks at whose it is, and we write to you."
            )
        text = gettext(
            "This printer is active in another account, and we have written to its owner. Unless they say that it is "
            "still theirs, it is free on %(moment)s: we mail you then, and you connect it once more."
        )
        return text % {"moment": self.clock.moment(free_at)}

    @property
    def since(self) -> dict[int, datetime]:
        """From when on its printer's readings are this customer's to see: what a former owner used is not."""
        since = watched.since(self.plan)
        return {self.plan.printer_id: since} if self.plan.printer_id and since else {}

    @property
    def disconnected(self) -> bool:
        """Whether its token was given back or taken away, and no other has come since."""
        return getattr(self.plan, "connected", None) is False

    @cached_property
    def set_up(self) -> SetUp:
        """What of its set-up is done."""
        connected, agreed = (bool(getattr(self.plan, known, False)) for known in ("connected", "agreed"))
        waits = self.plan.printer is not None and not connected and not self.disconnected
        return SetUp(self.plan, tuple(steps.lacking(self.plan, connected=connected, agreed=agreed)), waits)

    @property
    def paused(self) -> bool:
        return choices.is_paused(self.plan, self.now)

    @cached_property
    def last_reading(self) -> str:
        """When it was last heard, date first; nothing about a printer nobody waits for."""
        if self.seen_at is None:
            return gettext("No reading yet.") if self.plan.status == Plan.Status.ACTIVE else ""
        return gettext("Last reading %(when)s") % {"when": self.clock.since(self.seen_at)}

    @cached_property
    def standing(self) -> str:
        """What the pill means, where that needs saying."""
        plan, day = self.plan, self.clock.day
        if plan.printer_id is None and (claim := getattr(plan, "awaited", None)):
            return self.waits_until(_ends(claim))
        if plan.ended_at is not None:
            text = gettext("Ended on %(day)s. Nothing more is ordered. Your printer keeps working with any ink.")
            return text % {"day": day(plan.ended_at)}
        if self.paused and plan.paused_until is not None:
            text = gettext("Paused until %(day)s. We watch, but order nothing.")
            return text % {"day": day(plan.paused_until)}
        if self.pill == words.NO_READING and self.is_late:
            return gettext("Still no reading. The printer may be asleep: wake it or print any page.")
        return gettext(STANDING[self.pill]) if self.pill in STANDING else ""

    @cached_property
    def pill(self) -> words.State:
        """The one thing to know of it."""
        unfit = self._not_watched()
        if unfit:
            return unfit
        low = [supply for supply in self.supplies if supply.low]
        if not low:
            return words.ALL_WELL
        return self._order_state() if all(supply.on_order for supply in low) else words.LOW

    def _order_state(self) -> words.State:
        """How its orders stand, the worst of them."""
        states = [row.state for row in self.under_way if row.order.plan_id == self.plan.pk]
        return min(states, key=lambda state: WORST_FIRST.index(state.tone), default=words.ON_ORDER)

    def _not_watched(self) -> words.State | None:
        reasons = (
            (self.plan.status == Plan.Status.CANCELLED, words.ENDED),
            (self.plan.status == Plan.Status.PENDING, words.UNFINISHED),
            (self.paused, words.PAUSED),
            (self.disconnected, words.NOT_CONNECTED),
        )
        return next((pill for applies, pill in reasons if applies), self._unheard())

    def _unheard(self) -> words.State | None:
        if self.silence is not None:
            return SILENT[self.silence]
        return words.NO_READING if self.seen_at is None else None

    @property
    def card(self) -> Card | None:
        """The card that pays for it, unless it was removed."""
        plan_card = getattr(self.plan, "plan_card", None)
        return plan_card.card if plan_card and plan_card.card.removed_at is None else None

    @property
    def paid_by(self) -> str:
        """What pays for it, and when; or why nothing can."""
        if self.card is None:
            return gettext("None yet")
        if self.card.has_expired(self.clock.today):
            return gettext("%(card)s, expired: what is ordered waits for a new one") % {"card": self.card}
        return gettext("%(card)s, charged when ink ships") % {"card": self.card}
