"""Staff at the same moment: what was taken is never given back twice, and one page is one refund."""

from functools import partial
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from pytest_django import Settings

from billing.models import Refund, RefundRequest
from billing.refunds import lifecycle, requests
from enrollment.models import User
from printers.facts import Refused
from tests.billing.paid import came_back, paid, wanted
from tests.factories import NOW, UserFactory
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, THREADS = 3, 4


def superuser(email: str) -> User:
    made: User = UserFactory.create(email=email, is_staff=True, is_superuser=True)
    return made


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_two_of_staff_never_give_back_more_than_was_taken(attempt: int) -> None:
    charge, people = paid(), [superuser(f"fin{n}@example.com") for n in range(3)]
    whole = charge.amount_cents
    outcomes = race(*[partial(requests.ask, charge, wanted(whole - 100), who, NOW) for who in people])
    assert [type(each) for each in errors(outcomes)] == [Refused, Refused]
    charge.refresh_from_db()
    assert (charge.refunded_cents, Refund.objects.count(), RefundRequest.objects.count()) == (whole - 100, 1, 1)


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_page_sent_four_times_is_one_refund(attempt: int) -> None:
    charge, once, who = paid(), wanted(1000, key=uuid4()), superuser("fin@example.com")
    outcomes = race(*[partial(requests.ask, charge, once, who, NOW)] * THREADS)
    assert errors(outcomes) == []
    assert sorted(new for _, new in outcomes) == [False] * (THREADS - 1) + [True]
    charge.refresh_from_db()
    assert (charge.refunded_cents, Refund.objects.count(), RefundRequest.objects.count()) == (1000, 1, 1)


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_one_agrees_while_another_declines(settings: Settings, attempt: int) -> None:
    settings.REFUND_LIMIT_CENTS = 0
    charge, eve = paid(), UserFactory.create(email="eve@example.com", is_staff=True)
    eve.user_permissions.add(Permission.objects.get(codename="add_refundrequest"))
    asked, _ = requests.ask(charge, wanted(1000), User.objects.get(pk=eve.pk), NOW)
    deciding = [
        partial(requests.decide, asked.pk, superuser(f"fin{n}@example.com"), "Seen.", NOW, agreed=bool(n % 2))
        for n in range(THREADS)
    ]
    outcomes = race(*deciding)
    assert errors(outcomes) == []
    assert sum(new for _, new in outcomes) == 1
    charge.refresh_from_db()
    asked.refresh_from_db()
    assert asked.decided_at is not None
    given = 1000 if asked.refund is not None else 0
    assert (charge.refunded_cents, Refund.objects.count()) == (given, given // 1000)


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_a_piece_that_comes_back_while_staff_give_it_goes_back_once(attempt: int) -> None:
    charge, fin = paid(), superuser("fin@example.com")
    one = charge.order.lines.order_by("pk").last()
    assert one is not None
    receipt = came_back(one, 1999)
    outcomes = race(
        partial(requests.ask, charge, wanted(1999, {one.pk: 1}), fin, NOW),
        partial(lifecycle.begin, receipt.pk, NOW),
    )
    assert [type(each) for each in errors(outcomes)] == [Refused]  # it is back: there is none to give
    charge.refresh_from_db()
    assert charge.refunded_cents == 1999
