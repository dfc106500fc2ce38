"""A printer that changes hands: who is told what and when, and that neither owner sees the other (promise P17)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from enrollment import claims
from enrollment.models import Claim, Plan, User
from enrollment.tasks import sweep_claims
from notifications import mail_links
from notifications.models import Message
from notifications.tasks import sweep_plan_events
from orders.models import Order
from orders.tasks import act_on_plans
from printers import tokens
from printers.models import DeviceToken, Printer
from tests.ars.account.conftest import make_order, posted, report, text_of
from tests.ars.account.test_export import exported
from tests.enrollment.askers import ask, poll
from tests.factories import NOW, ConsentFactory, DeviceTokenFactory, PlanFactory, ReadingFactory, UserFactory

DAY = timedelta(days=1)
FREE_AT = "Thu 26 Nov, 5:00 am"  # Eastern time: Ben has no address yet
ASKED = "On Mon 23 Nov, 2:00 am somebody asked to connect this printer to another account."


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def ben(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory.create(email="ben@example.com"))
    return client


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """Ana's printer, hers since a hundred days, with a device that may report it."""
    Plan.objects.update(created_at=NOW - 100 * DAY)
    Printer.objects.update(serial_number="ACDE04471", seen_at=NOW - DAY)
    DeviceTokenFactory.create(printer=plan.printer)
    plan.refresh_from_db()
    return plan


def pair(who: Client, plan: Plan) -> str:
    """Somebody runs the helper beside the printer, types its code, and says yes; what the page says then."""
    now = timezone.now()
    request, device_code = ask(now, make_and_model=f"Canon {plan.model.name}", asked_from="127.0.0.1")
    sent = {"user_code": request.display_code, "answer": "yes"}
    said = posted(who, "/activate/answer/", sent)
    poll(device_code, now)
    return said


def link(claim: Claim) -> str:
    return "/" + mail_links.link(mail_links.CLAIM, claim.pk).split("/", 3)[3]


def mails() -> list[tuple[str, str]]:
    sweep_plan_events()
    return sorted(Message.objects.values_list("to", "kind"))


def path(plan: Plan, page: str = "") -> str:
    return f"/account/replenishment/{plan.pk}/{page}"


def test_a_claimant_reads_when_it_is_free_and_a_plan_waits_for_it(ben: Client, plan: Plan) -> None:
    said = pair(ben, plan)
    assert f"Unless they say that it is still theirs, it is free on {FREE_AT}: we mail you then" in said
    assert "Before anything is ordered for it, you still need to:" in said
    pair(ben, plan)
    waiting = Plan.objects.get(user__email="ben@example.com")
    assert (waiting.printer, Claim.objects.get().waiting) == (None, waiting)


def test_who_asks_second_reads_the_same_time(ben: Client, plan: Plan) -> None:
    pair(ben, plan)
    third = Client()
    third.force_login(UserFactory.create())
    assert f"it is free on {FREE_AT}" in pair(third, plan)
    assert Claim.objects.get().waiting == Plan.objects.get(user__email="ben@example.com")


def test_its_owner_reads_until_when_to_answer(client: Client, ben: Client, plan: Plan) -> None:
    pair(ben, plan)
    said = "Somebody connects Front desk to another account. Answer by Thu 26 Nov, 2:00 am, or your plan for it ends."
    for page in (path(plan), "/account/"):
        assert said in text_of(client, page)
        assert link(Claim.objects.get()) in client.get(page).content.decode()


def test_after_72_hours_it_is_the_new_owners_to_connect(client: Client, ben: Client, plan: Plan) -> None:
    pair(ben, plan)
    assert mails() == [(plan.user.email, "printer_claimed")]
    with time_machine.travel(NOW + 3 * DAY, tick=False):
        sweep_claims()
        assert mails() == [
            (plan.user.email, "plan_cancelled"),
            (plan.user.email, "printer_claimed"),
            ("ben@example.com", "printer_free"),
        ]
        pair(ben, plan)
    bens = Plan.objects.get(user__email="ben@example.com")
    assert (bens.printer, DeviceToken.objects.get(revoked_at=None).printer) == (plan.printer, plan.printer)
    assert "the printer has a new owner" in Message.objects.get(kind="plan_cancelled").text


def test_opening_the_link_changes_nothing(plan: Plan) -> None:
    claim = claims.note(plan, UserFactory.create(), NOW, in_hand=True)
    assert claim is not None
    page = text_of(Client(), link(claim))
    assert f"{ASKED} If you do not answer by Thu 26 Nov, 2:00 am, your plan for it ends then" in page
    claim.refresh_from_db()
    assert (claim.outcome, plan.user.email in page) == ("open", False)


def test_it_is_still_mine(plan: Plan) -> None:
    claim = claims.note(plan, UserFactory.create(), NOW, in_hand=True)
    assert claim is not None
    for said in ("mine", "gone"):  # the first answer holds
        page = posted(Client(), link(claim), {"answer": said})
        assert "It is still yours, as we were told on Mon 23 Nov. Your plan goes on" in page
    plan.refresh_from_db()
    assert plan.status == "active"


@pytest.mark.parametrize("in_hand", [True, False])
def test_i_gave_it_away(plan: Plan, in_hand: bool) -> None:
    claim = claims.note(plan, UserFactory.create(), NOW, in_hand=in_hand)
    assert claim is not None
    waits, ready = make_order(plan, "backordered", days_ago=1), make_order(plan, "released")
    for said in ("gone", "mine"):
        page = posted(Client(), link(claim), {"answer": said})
        assert "Your plan for it ended on Mon 23 Nov, 2:00 am. Nothing more is ordered for it." in page
    sweep_claims()
    claim.refresh_from_db()
    assert (claim.outcome, DeviceToken.objects.get().revoked_cause) == ("free", "plan_ended")
    assert list(Order.objects.filter(status="cancelled")) == [waits]
    assert Order.objects.get(pk=ready.pk).status == "released"


def test_an_answer_that_is_none_changes_nothing(plan: Plan) -> None:
    claim = claims.note(plan, UserFactory.create(), NOW, in_hand=True)
    assert claim is not None
    assert ASKED in posted(Client(), link(claim), {"answer": "perhaps"})


def test_what_people_called_it_stays_text(plan: Plan) -> None:
    Plan.objects.update(nickname="<script>alert(1)</script>")
    claim = claims.note(plan, UserFactory.create(), NOW)
    assert claim is not None
    assert "<script" not in Client().get(link(claim)).content.decode()


# The printer of two owners


def sell(client: Client, plan: Plan) -> None:
    """Its owner deactivates it on the page of its plan."""
    posted(client, path(plan, "cancel/"), {"reason": "gone"})
    act_on_plans([plan.pk], NOW)


def read(plan: Plan, *, days_later: int, level: int) -> None:
    """A reading by the device of whoever has it then."""
    at, slot = NOW + days_later * DAY, plan.model.slots.get()
    ReadingFactory.create(printer=plan.printer, slot=slot, observed_at=at, level=level)
    report(plan, level, at=at)


@pytest.fixture
def sold(client: Client, ben: Client, plan: Plan) -> Plan:
    """Ana had it read 71 and 64 %; sold it; Ben has it since the day after, and it read 33 % on the third day."""
    for days_later, level in ((-9, 71), (-8, 64)):
        read(plan, days_later=days_later, level=level)
    make_order(plan, "delivered", priced_at=NOW, shipped_at=NOW)
    sell(client, plan)
    with time_machine.travel(NOW + DAY, tick=False):
        pair(ben, plan)
    bens = Plan.objects.get(user__email="ben@example.com")
    Plan.objects.filter(pk=bens.pk).update(created_at=NOW + DAY)
    assert bens.printer is not None
    bens.printer.refresh_from_db()
    return bens


def at(days_later: int, client: Client, address: str) -> str:
    with time_machine.travel(NOW + days_later * DAY, tick=False):
        return text_of(client, address)


def test_a_sold_printer_is_seen_as_ended_and_connects_anew(sold: Plan, client: Client, plan: Plan) -> None:
    assert "Ended on Mon 23 Nov. Nothing more is ordered." in text_of(client, "/account/replenishment/")
    assert (sold.printer, sold.status) == (plan.printer, "pending")
    causes = list(DeviceToken.objects.order_by("pk").values_list("revoked_cause", flat=True))
    assert causes == ["plan_ended", ""]


def test_the_next_owner_sees_nothing_of_the_one_before(sold: Plan, ben: Client) -> None:
    page = at(1, ben, path(sold))
    assert not any(theirs in page for theirs in ("64\u00a0%", "71\u00a0%", "Last reading"))
    assert "No reading yet." in page
    assert "No orders yet." in at(1, ben, "/account/orders/")
    kept: Any = exported(ben)
    assert (kept["readings"], kept["orders"], kept["printers"][0]["last_readings"]) == ([], [], {})
    assert kept["printers"][0]["seen_at"] is None


def test_the_next_owner_sees_what_they_read_themselves(sold: Plan, ben: Client) -> None:
    read(sold, days_later=3, level=33)
    assert "33\u00a0%" in at(3, ben, path(sold))
    assert [reading["level"] for reading in exported(ben)["readings"]] == [33]


def test_the_one_before_sees_nothing_of_the_next(sold: Plan, client: Client, plan: Plan) -> None:
    read(sold, days_later=3, level=33)
    for page in (path(plan), "/account/", "/account/replenishment/"):
        said = at(3, client, page)
        assert not any(theirs in said for theirs in ("33\u00a0%", "Last reading", "just now"))
    assert "For Front desk, ordered" in at(3, client, "/account/orders/")
    assert [reading["level"] for reading in exported(client)["readings"]] == [64, 71][::-1]
    assert exported(client)["printers"][0]["last_readings"] == {}


def test_bought_back_it_shows_its_first_owner_only_what_came_since(sold: Plan, client: Client, ana: User) -> None:
    Plan.objects.filter(pk=sold.pk).update(activated_at=NOW + DAY)
    read(sold, days_later=3, level=33)
    Plan.objects.filter(pk=sold.pk).update(status="cancelled", ended_at=NOW + 5 * DAY)
    again = PlanFactory.create(user=ana, model=sold.model, printer=sold.printer)
    Plan.objects.filter(pk=again.pk).update(created_at=NOW + 6 * DAY)
    read(again, days_later=7, level=80)
    read(again, days_later=8, level=79)
    page = at(8, client, path(again))
    assert not any(theirs in page for theirs in ("33\u00a0%", "64\u00a0%"))
    assert "79\u00a0%" in page


def test_a_new_printer_in_its_place_is_a_new_plan_and_the_old_history_stays(
    client: Client, plan: Plan, ana: User
) -> None:
    make_order(plan, "delivered", priced_at=NOW, shipped_at=NOW)
    sell(client, plan)
    other = PlanFactory.create(user=ana, model=plan.model, nickname="New desk")
    page = text_of(client, "/account/replenishment/")
    assert page.index("New desk") < page.index("Plans that ended") < page.index("Front desk")
    assert "For Front desk, ordered" in text_of(client, "/account/orders/")
    assert other.printer != plan.printer


def test_the_same_printer_enrolled_again_by_its_owner_keeps_its_history(client: Client, plan: Plan) -> None:
    ConsentFactory.create(plan=plan)
    read(plan, days_later=-9, level=71)
    read(plan, days_later=-8, level=64)
    posted(client, path(plan, "cancel/"), {"reason": "price"})
    posted(client, path(plan, "start-again/"))
    again = Plan.objects.get(ended_at=None)
    assert "64\u00a0%" in text_of(client, path(again))
    assert again.printer == plan.printer


def test_a_device_that_deregisters_leaves_its_plan_not_connected(client: Client, plan: Plan) -> None:
    assert plan.printer is not None
    DeviceToken.objects.all().delete()
    device = Client(headers={"authorization": f"Bearer {tokens.issue(plan.printer)}"})
    assert device.delete("/api/v1/device").status_code == 204
    assert device.delete("/api/v1/device").status_code == 401
    plan.refresh_from_db()
    assert (plan.status, DeviceToken.objects.get().revoked_cause) == ("active", "deregistered by the device")
    assert "Front desk no longer tells us its ink, so nothing is ordered for it. Connect it again" in text_of(
        client, "/account/"
    )
    assert "Not connected" in text_of(client, path(plan))
