"""What Stripe tells of its own accord: refunds, disputes, cards; in any order, twice, and late."""

import re
from datetime import timedelta
from typing import Any

import pytest

from billing import cards, gateway, webhooks
from billing.heard import EFFECTS
from billing.models import Card, Charge, Dispute, Refund, StripeCustomer, StripeEvent
from billing.refunds import lifecycle as refunds
from enrollment.models import Plan
from orders.models import OrderEvent
from tests.billing.parcels import known_card, packed
from tests.factories import NOW
from tests.test_architecture import ROOT

pytestmark = pytest.mark.django_db

Reason, Status = Refund.Reason, Dispute.Status
AT = int(NOW.timestamp())


@pytest.fixture
def charge() -> Charge:
    """One that was paid, in our rows alone."""
    dispatch = packed()
    return Charge.objects.create(
        order=dispatch.order, dispatch=dispatch, card=known_card(dispatch), attempt=1, status="paid", currency="usd",
        amount_cents=2676, payment_intent_id="pi_1", created_at=NOW, settled_at=NOW,
    )  # fmt: skip


def hear(kind: str, thing: dict[str, Any], name: str = "evt_1", seconds: int = 0) -> bool:
    event = {"id": name, "object": "event", "type": kind, "created": AT + seconds, "data": {"object": thing}}
    return webhooks.receive(event, NOW)


def refund(amount: int = 1000, status: str = "succeeded", name: str = "re_1", **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "refund", "payment_intent": "pi_1", "amount": amount, "status": status, **more}


def dispute(status: str = "needs_response", **more: Any) -> dict[str, Any]:
    about = {"id": "dp_1", "payment_intent": "pi_1", "amount": 2676, "reason": "fraudulent", "created": AT}
    return {**about, "status": status, "evidence_details": {"due_by": AT + 86_400}, **more}


def given_back(charge: Charge) -> tuple[int, list[tuple[str, str, int]]]:
    charge.refresh_from_db()
    return charge.refunded_cents, list(charge.refunds.order_by("pk").values_list("reason", "status", "amount_cents"))


def history() -> list[str]:
    return list(OrderEvent.objects.order_by("pk").values_list("note", flat=True))


def test_a_refund_made_in_the_dashboard_counts_once_and_is_told(charge: Charge) -> None:
    assert [hear("refund.created", refund()), hear("refund.created", refund())] == [True, False]
    hear("refund.updated", refund(), "evt_2")
    hear("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "amount_refunded": 1000}, "evt_3")
    assert given_back(charge) == (1000, [("dashboard", "made", 1000)])
    assert history() == ["Money was given back."]


def test_our_own_refund_told_before_its_answer_is_settled_by_its_name(charge: Charge) -> None:
    ours = refunds.owe(charge, 500, Reason.STAFF, NOW)
    assert ours is not None
    hear("refund.created", refund(500, metadata={"refund": str(ours.pk)}))
    assert given_back(charge) == (500, [("staff", "made", 500)])


def test_a_name_that_is_not_ours_is_a_refund_of_the_dashboard(charge: Charge) -> None:
    hear("refund.created", refund(metadata={"refund": "999999999999999999999"}))
    hear("refund.created", refund(name="re_2", metadata={"refund": "x"}), "evt_2")
    assert given_back(charge)[0] == 2000


def test_a_refund_that_the_bank_sends_back_counts_no_more(charge: Charge) -> None:
    hear("refund.created", refund())
    hear("refund.failed", refund(status="failed", failure_reason="expired_or_canceled_card"), "evt_2")
    hear("refund.updated", refund(), "evt_3")
    assert given_back(charge) == (0, [("dashboard", "failed", 1000)])


def test_more_than_is_left_is_never_claimed(charge: Charge) -> None:
    hear("refund.created", refund(2000))
    hear("refund.created", refund(2000, name="re_2"), "evt_2")
    assert given_back(charge) == (2676, [("dashboard", "made", 2000), ("dashboard", "made", 676)])


def test_a_dispute_freezes_refunds_until_the_bank_lets_the_payment_stand(charge: Charge) -> None:
    refunds.owe(charge, 500, Reason.RETURN, NOW)
    hear("charge.dispute.created", dispute())
    refunds.owe(charge, 600, Reason.RETURN, NOW)
    assert list(Refund.objects.values_list("due_at", "outcome")) == [(None, "disputed")] * 2
    hear("charge.dispute.closed", dispute("won"), "evt_2", 60)
    assert list(Refund.objects.values_list("due_at", "outcome")) == [(NOW, "")] * 2
    assert history() == ["The customer's bank disputes the payment.", "The bank let the payment stand."]


def test_a_lost_dispute_has_given_the_money_back_already(charge: Charge) -> None:
    refunds.owe(charge, 500, Reason.RETURN, NOW)
    hear("charge.dispute.created", dispute())
    hear("charge.dispute.closed", dispute("lost"), "evt_2", 60)
    assert given_back(charge) == (0, [("return", "failed", 500)])


def test_the_end_of_a_dispute_told_before_its_beginning_is_its_end(charge: Charge) -> None:
    hear("charge.dispute.closed", dispute("won"), "evt_2", 60)
    hear("charge.dispute.created", dispute())
    kept = Dispute.objects.get()
    assert (kept.status, kept.answer_by) == ("won", NOW.replace(microsecond=0) + timedelta(days=1))
    assert history() == ["The bank let the payment stand."]


def test_a_card_renewed_by_its_network_has_its_new_date(charge: Charge) -> None:
    name = Card.objects.get().stripe_id
    new = {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2034}
    hear("payment_method.automatically_updated", {"id": name, "card": new}, seconds=60)
    hear("payment_method.updated", {"id": name, "card": new | {"exp_year": 2031}}, "evt_2")
    assert Card.objects.values_list("exp_month", "exp_year").get() == (1, 2034)


@pytest.mark.parametrize("kind", ["payment_method.detached", "customer.deleted"])
def test_a_card_that_stripe_forgot_pays_for_nothing(charge: Charge, kind: str) -> None:
    plan = charge.order.plan
    Plan.objects.filter(pk=plan.pk).update(payable_since=NOW)
    card = Card.objects.get()
    hear(kind, {"id": card.stripe_id if kind.startswith("payment") else f"cus_{card.user_id}"})
    card.refresh_from_db()
    plan.refresh_from_db()
    assert (card.removed_at, plan.payable_since) == (NOW, None)
    assert StripeCustomer.objects.exists() == kind.startswith("payment")


@pytest.mark.parametrize("kind", ["refund.created", "charge.dispute.created"])
def test_what_is_not_ours_is_stored_and_changes_nothing(charge: Charge, kind: str) -> None:
    thing = refund() if kind.startswith("refund") else dispute()
    assert hear(kind, thing | {"payment_intent": "pi_foreign"})
    assert hear(kind, thing | {"payment_intent": None}, "evt_2")
    assert hear("never.heard_of", {}, "evt_3")
    assert (StripeEvent.objects.count(), history(), given_back(charge)) == (3, [], (0, []))


def test_raw_events_are_kept_for_ninety_days() -> None:
    hear("never.heard_of", {})
    assert [webhooks.forget(NOW + timedelta(days=days)) for days in (89, 91)] == [0, 1]


def test_the_next_card_after_a_deleted_customer_makes_another(charge: Charge, standin: Any) -> None:
    user = charge.order.user
    hear("customer.deleted", {"id": f"cus_{user.pk}"})
    user.refresh_from_db()
    assert cards.save_card(user, "pm_card_visa").removed_at is None


def test_the_readme_names_the_events_that_are_heard_and_the_version_they_come_in() -> None:
    section = (ROOT / "README.md").read_text().partition("## A real Stripe account")[2].partition("\n## ")[0]
    assert re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", section) == sorted(EFFECTS)
    assert gateway.API_VERSION in section
