"""My data as a file: all there is, and nothing of anybody else."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from enrollment import callers, looks, notes
from enrollment.models import Plan, User
from enrollment.notes import Written
from tests.ars.account.conftest import charge, make_order, report
from tests.factories import (
    NOW,
    ClaimFactory,
    ConsentFactory,
    DecisionFactory,
    DeviceTokenFactory,
    MessageFactory,
    PlanEventFactory,
    PlanFactory,
    PlanSlotFactory,
    ReadingFactory,
    UserFactory,
)

EXPORT = "/account/data/export/"
DAY = timedelta(days=1)


def exported(client: Client) -> dict[str, Any]:
    response = client.get(EXPORT)
    content = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    document: dict[str, Any] = json.loads(content)
    return document


def test_the_file_holds_all_there_is(client: Client, plan: Plan, ana: User) -> None:
    report(plan, level=9)
    Plan.objects.update(created_at=NOW - DAY)
    order = make_order(plan, "shipped", priced_at=NOW, shipped_at=NOW)
    charge(order, "paid")
    slot = plan.model.slots.get()
    PlanSlotFactory.create(plan=plan, slot=slot, spares=2)
    ConsentFactory.create(plan=plan, prices={"PGI-280-PGBK": 2499})
    PlanEventFactory.create(plan=plan)
    ReadingFactory.create(printer=plan.printer, slot=slot)
    DecisionFactory.create(replenishment=order.lines.get().replenishment)
    MessageFactory.create(user=ana, text="Dear Ana")
    kept = exported(client)
    assert kept["exported_at"] == "2026-11-23T10:00:00Z"
    assert (kept["account"]["email"], kept["addresses"][0]["line1"]) == (ana.email, "12 Elm Street")
    assert kept["plans"][0]["choices"] == [{"supply": "PGBK", "size": "high", "spares": 2, "skip_next": False}]
    assert kept["consents"][0]["prices"] == {"PGI-280-PGBK": {"amount_cents": 2499, "currency": "usd"}}
    assert kept["printers"][0]["last_readings"]["PGBK"]["level"] == 9
    assert [reading["observed_at"] for reading in kept["readings"]] == ["2026-11-23T10:00:00Z"]
    assert (kept["decisions"][0]["kind"], kept["mails"][0]["text"]) == ("ordered", "Dear Ana")
    (told,) = kept["orders"]
    assert (told["number"], told["total_cents"], told["currency"]) == (order.display_number, 2499, "usd")
    assert (told["charges"][0]["card"], len(told["events"]), len(told["lines"])) == ("Visa 4242", 2, 1)
    assert kept["cards"][0].keys() == {"id", "brand", "last4", "exp_month", "exp_year", "created_at", "removed_at"}


def test_the_file_holds_what_staff_wrote_and_how_callers_were_verified(client: Client, ana: User) -> None:
    dana, other = UserFactory.create(email="dana@ink.example", is_staff=True), UserFactory.create()
    for user, text in ((ana, "Has a dog."), (other, "Not hers.")):
        notes.add(user, Written(text, uuid4(), pinned=True), dana, NOW)
        callers.read_out(user, callers.begin(user, dana, NOW), dana, NOW)
        looks.begin(user, dana, "A number.", NOW)
    kept = exported(client)
    about = {"pinned": True, "follow_up_on": None, "done_at": None}
    assert kept["notes"] == [{"at": "2026-11-23T10:00:00Z", "text": "Has a dog.", **about}]
    assert kept["calls"] == [
        {"at": "2026-11-23T10:00:00Z", "how": "code", "tries": 1, "verified_at": "2026-11-23T10:00:00Z"}
    ]
    over = {"ends_at": "2026-11-23T10:30:00Z", "ended_at": "2026-11-23T10:00:00Z"}
    assert kept["looks"] == [{"at": "2026-11-23T10:00:00Z", "why": "A number.", **over}]
    assert "dana@ink.example" not in json.dumps(kept)


def test_the_file_has_a_name_with_its_day_and_no_cache_keeps_it(client: Client) -> None:
    response = client.get(EXPORT)
    assert response["Content-Disposition"] == 'attachment; filename="my-data-2026-11-23.json"'
    assert "no-store" in response["Cache-Control"]


def test_the_file_holds_nothing_of_anybody_else_and_no_secret(client: Client, plan: Plan, ana: User) -> None:
    other = PlanFactory.create(nickname="Not hers", printer=plan.printer, model=plan.model, cancelled=True)
    Plan.objects.filter(pk=other.pk).update(created_at=NOW - 90 * DAY)
    slot = plan.model.slots.get()
    ReadingFactory.create(printer=plan.printer, slot=slot, observed_at=NOW - 60 * DAY)
    make_order(other)
    MessageFactory.create(user=ana, secret="482913", due_at=NOW, sent_at=None)
    DeviceTokenFactory.create(printer=plan.printer)
    kept = exported(client)
    assert (kept["orders"], kept["readings"], len(kept["plans"])) == ([], [], 1)
    assert not any(word in str(kept) for word in ("482913", "Not hers", "pm_", "token", other.user.email))


def test_a_claim_is_told_from_ones_own_side(client: Client, plan: Plan, ana: User) -> None:
    asked_of_her = ClaimFactory.create(plan=plan)
    waiting = PlanFactory.create(user=ana, expected_serial="KX-1")
    ClaimFactory.create(by=ana, waiting=waiting, outcome="kept", settled_at=NOW)
    mine, hers = exported(client)["claims"]
    times = {"at": "2026-11-23T10:00:00Z", "ends_at": "2026-11-26T10:00:00Z"}
    assert mine == {"plan": plan.pk, "as": "owner", **times, "outcome": "open"}
    assert hers == {"plan": waiting.pk, "as": "claimant", **times, "outcome": "kept"}
    assert str(asked_of_her.by) not in str(exported(client))


def test_an_empty_account_is_a_file_too(client: Client) -> None:
    assert exported(client)["orders"] == []
