"""Claims: somebody asks for a printer that is active in another account. Its owner answers, or 72 hours do.

A serial number that was typed ends nothing: its owner is told. Who pairs the printer, and so has it in hand, begins
the time; where the owner's own device still reports it, a person looks instead. See docs/decisions/0015-claims.md.
"""

from datetime import datetime, timedelta

from django.db import transaction

from enrollment import lifecycle
from enrollment.models import Claim, Plan, User
from printers import tokens

Outcome = Claim.Outcome

ANSWER_WITHIN = timedelta(hours=72)
ASK_AGAIN_AFTER = timedelta(days=3)  # whoever types it every minute does not make us write every minute
MOST_AT_ONCE = 3  # of one claimant, that end by themselves
BY = "claim"
NEW_OWNER = "new_owner"  # why the plan ended, and why its printer's tokens did

# Steps of plans; mails know them by these very words.
CLAIMED = "Somebody asked to connect this printer to another account."
FREED = "The printer it waits for is free now."
KEPT = "The printer it waits for stays with its owner."
LOOKED_AT = "A person looks at whose printer it is."


def note(plan: Plan, by: User, now: datetime, *, waiting: Plan | None = None, in_hand: bool = False) -> Claim | None:
    """Somebody else wants the printer of this plan, `in_hand` where they pair it; its owner is told where it is news.

    The unsettled claim there is now; None where there is none. Once an owner has said that it is still theirs, nobody
    asks them again, and nothing ends by itself: who has it in hand is looked at by a person, as is who claims many.
    """
    with transaction.atomic():
        locked = lifecycle.lock_plan(plan.pk)
        standing = unsettled(locked)
        if locked.status != Plan.Status.ACTIVE or (standing is not None and not _is_news(standing, now, in_hand)):
            return standing
        refused = standing is None and locked.claims.filter(outcome=Outcome.KEPT).exists()
        if refused and not in_hand:
            return None
        doubtful = in_hand and (refused or _claims_many(by))
        ends_at = now + ANSWER_WITHIN if in_hand and not doubtful else None
        outcome = Outcome.DOUBTFUL if doubtful else Outcome.OPEN
        asked = {"by": by, "waiting": waiting, "at": now, "outcome": outcome, "ends_at": ends_at, "due_at": ends_at}
        claim = Claim.objects.update_or_create(plan=locked, outcome__in=Claim.UNSETTLED, defaults=asked)[0]
        if not refused:
            lifecycle.note(locked, CLAIMED, now, BY)
    return claim


def unsettled(plan: Plan) -> Claim | None:
    """The claim on a plan's printer that nobody has answered."""
    return Claim.objects.filter(plan=plan, outcome__in=Claim.UNSETTLED).first()


def look(claim_ids: list[int], now: datetime) -> None:
    """Settle those whose time is over, or whose plan has ended; read twice, it is done once."""
    for claim in Claim.objects.filter(pk__in=claim_ids).order_by("plan_id"):
        with transaction.atomic():
            plan = lifecycle.lock_plan(claim.plan_id)
            claim.refresh_from_db()
            _look(claim, plan, now)


def keep(claim: Claim, now: datetime, by: str) -> bool:
    """It stays with its owner. False where that is no question any more."""
    with transaction.atomic():
        lifecycle.lock_plan(claim.plan_id)
        return _settle(claim, Outcome.KEPT, now, by)


def end(claim: Claim, now: datetime, by: str) -> bool:
    """It has a new owner: the old plan ends, and its device reports no more. False where that is no question."""
    with transaction.atomic():
        plan = lifecycle.lock_plan(claim.plan_id)
        if not _settle(claim, Outcome.UNANSWERED if by == BY else Outcome.FREE, now, by):
            return False
        lifecycle.cancel(plan, NEW_OWNER, now, by)
        assert plan.printer is not None  # it was active
        tokens.revoke_all(plan.printer, NEW_OWNER, now)
    return True


def is_still_reported(claim: Claim) -> bool:
    """Whether a device of the old owner has read the printer since: nobody else has a token for it."""
    printer = claim.plan.printer
    if printer is None:
        return False
    answered = None if printer.unreachable_reason else printer.heartbeat_at
    return any(heard is not None and heard >= claim.at for heard in (printer.seen_at, answered))


def _is_news(standing: Claim, now: datetime, in_hand: bool) -> bool:
    """Nothing is once the time runs or a person looks."""
    asked_only = standing.outcome == Outcome.OPEN and standing.ends_at is None
    return asked_only and (in_hand or now - standing.at >= ASK_AGAIN_AFTER)


def _claims_many(by: User) -> bool:
    return Claim.objects.filter(by=by, outcome__in=Claim.UNSETTLED, ends_at__isnull=False).count() >= MOST_AT_ONCE


def _look(claim: Claim, plan: Plan, now: datetime) -> None:
    if plan.status == Plan.Status.CANCELLED:
        _settle(claim, Outcome.FREE, now, BY)
    elif claim.outcome != Outcome.OPEN or claim.ends_at is None:
        Claim.objects.filter(pk=claim.pk).update(due_at=None)
    elif claim.ends_at > now:
        Claim.objects.filter(pk=claim.pk).update(due_at=claim.ends_at)
    elif is_still_reported(claim):
        Claim.objects.filter(pk=claim.pk).update(outcome=Outcome.DOUBTFUL, due_at=None)
        _tell(claim, LOOKED_AT, now)
    else:
        end(claim, now, BY)


def _settle(claim: Claim, outcome: Claim.Outcome, now: datetime, by: str) -> bool:
    """Guard and write in one UPDATE; whoever waits for the printer is told once."""
    rows = Claim.objects.filter(pk=claim.pk, outcome__in=Claim.UNSETTLED)
    if not rows.update(outcome=outcome, due_at=None, settled_at=now, settled_by=by):
        return False
    claim.refresh_from_db()
    _tell(claim, KEPT if outcome == Outcome.KEPT else FREED, now)
    return True


def _tell(claim: Claim, what: str, now: datetime) -> None:
    """The next owner, unless their plan has ended meanwhile."""
    if claim.waiting is not None and claim.waiting.status == Plan.Status.PENDING:
        lifecycle.note(claim.waiting, what, now, BY)
