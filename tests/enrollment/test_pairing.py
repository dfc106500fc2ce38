"""Pairing: codes, yes and no, which plan it becomes, and one token for one device code, ever."""

import secrets
from datetime import timedelta
from uuid import UUID

import pytest

from enrollment import claims, lifecycle, pairing, steps
from enrollment.models import PairingRequest, Plan, User
from enrollment.pairing import ALPHABET
from printers import tokens
from printers.facts import Refused
from printers.models import DeviceToken, Printer, PrinterModel
from tests.enrollment.askers import SERIAL, approve, ask, poll
from tests.enrollment.plans import history, stored
from tests.factories.enrollment import AddressFactory, ConsentFactory, PlanFactory, UserFactory
from tests.factories.printers import NOW, DeviceTokenFactory, PrinterFactory, PrinterModelFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
UUID_TOLD = UUID("0a1b2c3d-0000-4000-8000-00000000beef")


@pytest.fixture
def model() -> PrinterModel:
    return PrinterModelFactory.create(name="TR8620")


@pytest.fixture
def ana() -> User:
    return UserFactory.create()


# Codes


def test_a_code_has_eight_letters_and_a_quarter_of_an_hour() -> None:
    request, device_code = ask()
    assert len(request.user_code) == 8
    assert set(request.user_code) <= set("BCDFGHJKLMNPQRSTVWXZ")
    assert request.expires_at == NOW + timedelta(minutes=15)
    assert bytes(request.device_code_hash) == tokens.digest(device_code)


@pytest.mark.parametrize("typed", ["WDJB-MJHT", "wdjbmjht", " wdjb mjht ", "W-D-J-B-M-J-H-T", "wdjb–mjht"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    request, _ = ask()
    PairingRequest.objects.update(user_code="WDJBMJHT")
    assert pairing.find(typed) == request


@pytest.mark.parametrize("typed", ["", "WDJB", "WDJB-MJHTT", "WDJB-MJH0", "ADJB-MJHT", "\x00", "x" * 10_000])
def test_what_can_be_no_code_finds_nothing(typed: str) -> None:
    ask()
    assert pairing.find(typed) is None


def test_two_waiting_requests_never_share_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter(f"{'B' * 8}{'B' * 8}{'C' * 8}")
    monkeypatch.setattr(secrets, "choice", lambda alphabet: next(letters) if alphabet == ALPHABET else "?")
    assert [ask()[0].user_code, ask()[0].user_code] == ["BBBBBBBB", "CCCCCCCC"]


# Yes


def test_yes_makes_a_printer_and_a_pending_plan(ana: User, model: PrinterModel) -> None:
    request, _ = ask(printer_uuid=UUID_TOLD)
    plan = approve(request, ana, model)
    assert (plan.user, plan.model, plan.status) == (ana, model, "pending")
    printer = Printer.objects.get()
    assert (plan.printer, printer.serial_number, printer.uuid) == (printer, SERIAL, UUID_TOLD)
    assert history(plan) == [("pending", "customer", "")]


def test_yes_takes_the_pending_plan_that_was_chosen(ana: User, model: PrinterModel) -> None:
    chosen, other = PlanFactory.create_batch(2, user=ana, model=model, pending=True)
    assert pairing.fitting(ana, [model]) == [chosen, other]
    assert approve(ask()[0], ana, model, chosen) == chosen
    assert pairing.fitting(ana, [model]) == [other]


def test_a_printer_connected_again_keeps_its_plan(ana: User, model: PrinterModel) -> None:
    active = PlanFactory.create(user=ana, model=model, printer=PrinterFactory.create(model=model, serial_number=SERIAL))
    begun = PlanFactory.create(user=ana, model=model, pending=True)
    request, _ = ask()
    assert pairing.living_plan(request, ana) == active
    assert approve(request, ana, model, begun) == active


def test_a_printer_without_serial_is_known_by_its_uuid(ana: User, model: PrinterModel) -> None:
    first = approve(ask(serial_number="", printer_uuid=UUID_TOLD)[0], ana, model)
    again = approve(ask(serial_number="", printer_uuid=UUID_TOLD)[0], ana, model)
    assert (again, Printer.objects.count()) == (first, 1)


def test_another_users_plan_is_never_taken(ana: User, model: PrinterModel) -> None:
    bens = PlanFactory.create(model=model, pending=True)
    with pytest.raises(Refused, match="belongs to another account"):
        approve(ask()[0], ana, model, bens)
    assert stored(bens).printer is None


def test_no_plan_is_made_for_a_model_that_left_the_list(ana: User) -> None:
    closed = PrinterModelFactory.create(name="TR8620", eligible=False)
    request, _ = ask()
    with pytest.raises(Refused, match=r"^We do not carry ink for this model yet, so nothing was connected"):
        approve(request, ana, closed)
    request.refresh_from_db()
    assert (request.outcome, Printer.objects.count()) == ("waiting", 0)


def test_a_printer_of_another_account_is_refused_and_its_owner_told_once(ana: User, model: PrinterModel) -> None:
    taken = PlanFactory.create(model=model, printer=PrinterFactory.create(model=model, serial_number=SERIAL))
    for _ in range(2):
        request, device_code = ask()
        with pytest.raises(Refused, match=r"^This printer is active in another account") as refused:
            approve(request, ana, model)
        assert taken.user.email not in str(refused.value)
        assert poll(device_code) == "authorization_pending"
    event = taken.events.get()
    assert (event.note, event.due_at) == (claims.CLAIMED, NOW)
    waiting = Plan.objects.get(user=ana)
    assert (waiting.status, waiting.printer, waiting.expected_serial) == ("pending", None, SERIAL)


@pytest.mark.parametrize("late", [timedelta(minutes=15), timedelta(days=1)])
def test_a_code_that_ran_out_is_refused(ana: User, model: PrinterModel, late: timedelta) -> None:
    request, device_code = ask(NOW - late)
    with pytest.raises(Refused, match=r"^That code has run out"):
        approve(request, ana, model)
    assert (poll(device_code), Plan.objects.count()) == ("expired_token", 0)


def test_a_code_does_its_work_once(ana: User, model: PrinterModel) -> None:
    request, _ = ask()
    approve(request, ana, model)
    for answer in (lambda: approve(request, UserFactory.create(), model), lambda: pairing.deny(request, ana, NOW)):
        with pytest.raises(Refused, match=r"^That code has done its work already"):
            answer()
    assert Plan.objects.count() == 1


# The token


def test_the_device_waits_then_gets_one_token(ana: User, model: PrinterModel) -> None:
    request, device_code = ask()
    assert poll(device_code) == "authorization_pending"
    approve(request, ana, model)
    token = poll(device_code)
    assert bytes(DeviceToken.objects.get().token_hash) == tokens.digest(token)
    assert [poll(device_code) for _ in range(3)] == ["invalid_grant"] * 3
    assert DeviceToken.objects.count() == 1


def test_no_means_no(ana: User) -> None:
    request, device_code = ask()
    pairing.deny(request, ana, NOW)
    assert (poll(device_code), Printer.objects.count()) == ("access_denied", 0)


def test_a_device_that_asks_too_often_slows_down_for_good() -> None:
    _, device_code = ask()
    at = [0, 1, 8, 12, 30]
    said = [poll(device_code, NOW + seconds * SECOND) for seconds in at]
    assert said == [
        "authorization_pending",
        "slow_down",  # 1 s after: from now on 10 s
        "slow_down",  # 7 s after: 15 s
        "slow_down",  # 4 s after: 20 s
        "slow_down",  # 18 s after: 25 s
    ]
    assert PairingRequest.objects.get().interval == 25
    assert poll(device_code, NOW + 55 * SECOND) == "authorization_pending"


def test_the_interval_has_an_end() -> None:
    _, device_code = ask()
    PairingRequest.objects.update(interval=899, polled_at=NOW)
    assert [poll(device_code) for _ in range(2)] == ["slow_down"] * 2
    assert PairingRequest.objects.get().interval == 900


def test_a_code_that_nobody_gave_out_is_no_grant() -> None:
    assert [poll(code) for code in ("", "wrong", "\udcff")] == ["invalid_grant"] * 3


def test_a_plan_that_lacks_nothing_begins_with_the_token(ana: User, model: PrinterModel) -> None:
    plan = PlanFactory.create(
        user=ana, model=model, pending=True, shipping_address=AddressFactory.create(user=ana), payable_since=NOW
    )
    ConsentFactory.create(plan=plan)
    request, device_code = ask()
    assert steps.missing(approve(request, ana, model, plan)) == ["printer"]
    poll(device_code)
    assert stored(plan).status == "active"


def test_the_new_token_is_the_printers_only_one(ana: User, model: PrinterModel) -> None:
    printer = PrinterFactory.create(model=model, serial_number=SERIAL)
    old = DeviceTokenFactory.create(printer=printer)
    request, device_code = ask()
    approve(request, ana, model)
    poll(device_code)
    old.refresh_from_db()
    assert (old.revoked_at, old.revoked_cause) == (NOW, "paired again")
    assert DeviceToken.objects.filter(revoked_at=None).count() == 1


def test_who_became_its_owner_meanwhile_keeps_their_token(ana: User, model: PrinterModel) -> None:
    request, device_code = ask()
    plan = approve(request, ana, model)
    PlanFactory.create(model=model, printer=plan.printer)
    old = DeviceTokenFactory.create(printer=plan.printer)
    assert poll(device_code) == "access_denied"
    old.refresh_from_db()
    assert (old.revoked_at, DeviceToken.objects.count()) == (None, 1)


def test_a_plan_cancelled_meanwhile_gives_no_token(ana: User, model: PrinterModel) -> None:
    request, device_code = ask()
    lifecycle.cancel(approve(request, ana, model), "", NOW, "customer")
    assert (poll(device_code), DeviceToken.objects.count()) == ("access_denied", 0)


def test_what_nobody_answered_is_forgotten_and_the_rest_kept(ana: User, model: PrinterModel) -> None:
    old = NOW - timedelta(days=2)
    ask(old)
    answered, _ = ask(old)
    PairingRequest.objects.filter(pk=answered.pk).update(outcome="denied", answered_at=old)
    fresh, _ = ask()
    assert pairing.forget(NOW) == 1
    assert set(PairingRequest.objects.all()) == {answered, fresh}
