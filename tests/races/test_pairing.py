"""One device code, polled by many at once: one token. One code, answered twice at once: one answer. With a control."""

from functools import partial
from threading import Barrier

import pytest

from enrollment import pairing
from enrollment.models import PairingRequest, Plan
from enrollment.pairing import NoToken
from printers import tokens
from printers.facts import Refused
from printers.models import DeviceToken, Printer
from tests.enrollment.askers import approve, ask, poll
from tests.factories.enrollment import UserFactory
from tests.factories.printers import NOW, PrinterModelFactory
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, THREADS = 8, 6


def test_one_device_code_polled_by_many_at_once_yields_one_token() -> None:
    model, user = PrinterModelFactory.create(name="TR8620"), UserFactory.create()
    for _ in range(ROUNDS):
        DeviceToken.objects.all().delete()
        request, device_code = ask()
        approve(request, user, model)
        outcomes = race(*[partial(poll, device_code)] * THREADS)
        assert outcomes.count("invalid_grant") == THREADS - 1
        assert DeviceToken.objects.count() == 1


def test_control_looking_first_and_writing_then_yields_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard removed: outcome read, token made, outcome written. It must break what the test above holds."""
    all_have_looked = Barrier(THREADS)

    def careless(approved: PairingRequest, now: object) -> str:
        if approved.outcome != "approved" or approved.plan is None or approved.plan.printer is None:
            raise NoToken("invalid_grant", "")
        all_have_looked.wait(timeout=60)
        token = tokens.issue(approved.plan.printer)
        PairingRequest.objects.filter(pk=approved.pk).update(outcome="redeemed")
        return token

    monkeypatch.setattr(pairing, "_hand_over", careless)
    model, user = PrinterModelFactory.create(name="TR8620"), UserFactory.create()
    request, device_code = ask()
    approve(request, user, model)
    race(*[partial(poll, device_code)] * THREADS)
    assert DeviceToken.objects.count() > 1


def test_yes_said_by_many_at_once_connects_it_once() -> None:
    model = PrinterModelFactory.create(name="TR8620")
    users = UserFactory.create_batch(THREADS)
    request, _ = ask()
    outcomes = race(*[partial(approve, request, user, model) for user in users])
    assert [type(error) for error in errors(outcomes)] == [Refused] * (THREADS - 1)
    assert (Plan.objects.count(), Printer.objects.count()) == (1, 1)


def test_one_printer_asked_for_by_many_requests_at_once_is_one_printer() -> None:
    model, user = PrinterModelFactory.create(name="TR8620"), UserFactory.create()
    requests = [ask()[0] for _ in range(THREADS)]
    outcomes = race(*[partial(approve, request, user, model) for request in requests])
    assert errors(outcomes) == []
    assert Printer.objects.count() == 1


def test_two_polls_at_once_before_an_answer_slow_the_device_down() -> None:
    _, device_code = ask()
    outcomes = race(*[partial(poll, device_code, NOW)] * 2)
    assert sorted(outcomes) == ["authorization_pending", "slow_down"]
