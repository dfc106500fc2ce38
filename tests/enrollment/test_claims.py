"""Claims: who may end another's plan, after how long, and what stops them."""

from datetime import datetime, timedelta
from functools import partial

import pytest
import time_machine

from enrollment import claims, lifecycle
from enrollment.models import Claim, Plan, User
from enrollment.tasks import sweep_claims
from printers.models import DeviceToken, Printer
from tests.enrollment.plans import history, stored
from tests.factories import NOW, ClaimFactory, DeviceTokenFactory, PlanFactory, UserFactory
from tests.races.threads import errors, race

IN_TIME, OVER = NOW + timedelta(hours=71, minutes=59), NOW + timedelta(hours=72)
STARTED = ("pending", "customer", "")


@pytest.fixture
def anas(db: None) -> Plan:
    """Ana's plan, whose printer reports."""
    plan = PlanFactory.create()
    DeviceTokenFactory.create(printer=plan.printer)
    return plan


@pytest.fixture
def ben(db: None) -> User:
    return UserFactory.create()


def wait_for(anas: Plan, ben: User) -> Plan:
    return lifecycle.create_plan(ben, anas.model, serial="X1", now=NOW, by="customer")


def claim(anas: Plan, ben: User, *, waiting: Plan | None = None, in_hand: bool = True) -> Claim:
    made = claims.note(anas, ben, NOW, waiting=waiting, in_hand=in_hand)
    assert made is not None
    return made


def sweep(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        sweep_claims()


def outcome(claim: Claim) -> tuple[str, str]:
    """Of the claim, and what its plan is by now."""
    claim.refresh_from_db()
    return claim.outcome, stored(claim.plan).status


def test_without_an_answer_the_old_plan_ends_after_72_hours(anas: Plan, ben: User) -> None:
    waiting = wait_for(anas, ben)
    made = claim(anas, ben, waiting=waiting)
    sweep(IN_TIME)
    assert outcome(made) == ("open", "active")
    sweep(OVER)
    assert outcome(made) == ("unanswered", "cancelled")
    assert history(anas) == [("active", "claim", claims.CLAIMED), ("cancelled", "claim", "new_owner")]
    assert history(waiting) == [STARTED, ("pending", "claim", claims.FREED)]
    assert DeviceToken.objects.get().revoked_cause == "new_owner"
    sweep(OVER)
    assert len(history(waiting)) == 2


def test_a_serial_number_alone_ends_nothing(anas: Plan, ben: User) -> None:
    made = claim(anas, ben, in_hand=False)
    sweep(NOW + timedelta(days=365))
    assert (outcome(made), made.ends_at) == (("open", "active"), None)
    assert DeviceToken.objects.get().revoked_at is None


def test_who_has_it_in_hand_begins_the_time_once(anas: Plan, ben: User) -> None:
    claim(anas, ben, in_hand=False)
    made = claim(anas, ben)
    later = claims.note(anas, UserFactory.create(), NOW + timedelta(days=2), in_hand=True)
    assert (later, made.ends_at, Claim.objects.count()) == (made, OVER, 1)
    assert len(history(anas)) == 2


@pytest.mark.parametrize(
    "said",
    [{"seen_at": NOW + timedelta(hours=1)}, {"heartbeat_at": NOW + timedelta(hours=1)}],
    ids=["a report", "a helper that reaches it"],
)
def test_a_printer_its_owner_still_reads_is_looked_at_by_a_person(
    anas: Plan, ben: User, said: dict[str, object]
) -> None:
    waiting = wait_for(anas, ben)
    made = claim(anas, ben, waiting=waiting)
    Printer.objects.update(**said)
    sweep(OVER)
    assert outcome(made) == ("doubtful", "active")
    assert history(waiting) == [STARTED, ("pending", "claim", claims.LOOKED_AT)]
    assert claims.end(made, OVER, "staff@example.com")
    assert outcome(made) == ("free", "cancelled")
    assert history(waiting)[-1] == ("pending", "claim", claims.FREED)


def test_a_helper_that_no_longer_reaches_it_proves_nothing(anas: Plan, ben: User) -> None:
    made = claim(anas, ben)
    Printer.objects.update(heartbeat_at=NOW + timedelta(hours=1), unreachable_reason="no_answer")
    sweep(OVER)
    assert outcome(made) == ("unanswered", "cancelled")


def test_once_it_is_said_to_be_theirs_only_a_person_ends_it(anas: Plan, ben: User) -> None:
    waiting = wait_for(anas, ben)
    made = claim(anas, ben, waiting=waiting)
    assert (claims.keep(made, NOW, "customer"), claims.keep(made, NOW, "customer")) == (True, False)
    assert (outcome(made), made.settled_by) == (("kept", "active"), "customer")
    assert history(waiting) == [STARTED, ("pending", "claim", claims.KEPT)]
    assert claims.note(anas, ben, NOW) is None
    again = claim(anas, ben, waiting=waiting)
    sweep(OVER)
    assert (outcome(again), len(history(anas))) == (("doubtful", "active"), 1)


def test_who_claims_many_is_looked_at(anas: Plan, ben: User) -> None:
    ClaimFactory.create_batch(claims.MOST_AT_ONCE, by=ben)
    assert (claim(anas, ben).outcome, claim(PlanFactory.create(), UserFactory.create()).outcome) == ("doubtful", "open")


def test_a_plan_that_ends_by_itself_frees_its_printer_at_once(anas: Plan, ben: User) -> None:
    waiting = wait_for(anas, ben)
    made = claim(anas, ben, waiting=waiting)
    lifecycle.cancel(anas, "gone", NOW, "customer")
    sweep(NOW)
    assert outcome(made) == ("free", "cancelled")
    assert history(waiting)[-1] == ("pending", "claim", claims.FREED)
    assert not claims.end(made, OVER, claims.BY)


def test_who_gave_up_waiting_is_told_nothing(anas: Plan, ben: User) -> None:
    waiting = wait_for(anas, ben)
    claim(anas, ben, waiting=waiting)
    lifecycle.cancel(waiting, "", NOW, "customer")
    sweep(OVER)
    assert history(waiting) == [STARTED, ("cancelled", "customer", "")]


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_the_end_of_the_time_have_one_winner() -> None:
    plan = PlanFactory.create()
    made = claim(plan, UserFactory.create())
    outcomes = race(partial(claims.keep, made, OVER, "customer"), partial(claims.look, [made.pk], OVER))
    assert errors(outcomes) == []
    made.refresh_from_db()
    assert (made.outcome, stored(plan).status) in [("kept", "active"), ("unanswered", "cancelled")]


@pytest.mark.django_db(transaction=True)
def test_many_who_claim_at_once_make_one_claim_and_one_mail() -> None:
    plan, users = PlanFactory.create(), UserFactory.create_batch(4)
    outcomes = race(*(partial(claims.note, plan, user, NOW, in_hand=True) for user in users))
    assert errors(outcomes) == []
    assert (Claim.objects.count(), len(history(plan))) == (1, 1)
