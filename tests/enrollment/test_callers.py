"""Who calls: a code read out or two facts make a caller the customer for half an hour; tries and codes are counted."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from enrollment import callers
from enrollment.models import CallerCheck, User
from printers.facts import Refused
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ana() -> User:
    made: User = UserFactory.create()
    return made


@pytest.fixture
def dana() -> User:
    made: User = UserFactory.create(email="dana@example.com", is_staff=True)
    made.groups.add(Group.objects.get(name="Support"))
    return made


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_who_reads_out_the_code_is_the_customer_for_half_an_hour(ana: User, dana: User) -> None:
    code = callers.begin(ana, dana, NOW)
    assert callers.verified(ana, NOW) is None
    callers.read_out(ana, f" {code[:3]}-{code[3:]} ", dana, NOW + MINUTE)
    held = callers.verified(ana, NOW + 30 * MINUTE)
    assert held is not None
    assert (held.how, held.verified_by, held.verified_at) == ("code", dana, NOW + MINUTE)
    callers.require_verified(ana, NOW + 30 * MINUTE)
    with pytest.raises(Refused, match="Verify the caller first") as refused:
        callers.require_verified(ana, NOW + 31 * MINUTE)
    assert refused.value.code == "not_verified"


def test_nothing_of_a_code_is_kept_but_its_hash(ana: User, dana: User) -> None:
    code = callers.begin(ana, dana, NOW)
    assert re.fullmatch(r"\d{6}", code)
    assert code not in " ".join(map(str, CallerCheck.objects.values_list().get()))


def test_another_customers_code_is_none(ana: User, dana: User) -> None:
    callers.begin(ana, dana, NOW)
    other = UserFactory.create()
    code = callers.begin(other, dana, NOW)
    CallerCheck.objects.filter(user=ana).update(code_hash=CallerCheck.objects.get(user=other).code_hash)
    with pytest.raises(Refused, match="not the code"):
        callers.read_out(ana, code, dana, NOW)


def test_a_code_runs_out(ana: User, dana: User) -> None:
    code = callers.begin(ana, dana, NOW)
    with pytest.raises(Refused) as refused:
        callers.read_out(ana, code, dana, NOW + 10 * MINUTE)
    assert refused.value.code == "no_code"
    assert callers.verified(ana, NOW + 10 * MINUTE) is None


def test_a_newer_code_makes_the_older_one_void(ana: User, dana: User) -> None:
    first, second = (callers.begin(ana, dana, NOW + n * MINUTE) for n in (0, 1))
    if first != second:
        with pytest.raises(Refused, match="not the code"):
            callers.read_out(ana, first, dana, NOW + 2 * MINUTE)
    callers.read_out(ana, second, dana, NOW + 2 * MINUTE)
    assert callers.verified(ana, NOW + 2 * MINUTE)


def test_five_tries_and_the_right_one_comes_too_late(ana: User, dana: User) -> None:
    code = callers.begin(ana, dana, NOW)
    said = []
    for _ in range(5):
        with pytest.raises(Refused) as refused:
            callers.read_out(ana, wrong(code), dana, NOW)
        said.append(str(refused.value).partition(". ")[2])
    assert said == [
        "4 tries are left.",
        "3 tries are left.",
        "2 tries are left.",
        "One try is left.",
        "No try is left.",
    ]
    with pytest.raises(Refused) as late:
        callers.read_out(ana, code, dana, NOW)
    assert late.value.code == "too_many_tries"
    assert callers.verified(ana, NOW) is None


def test_three_codes_an_hour_and_no_more(ana: User, dana: User) -> None:
    for n in range(3):
        callers.begin(ana, dana, NOW + n * MINUTE)
    with pytest.raises(Refused) as refused:
        callers.begin(ana, dana, NOW + 59 * MINUTE)
    assert refused.value.code == "too_many_checks"
    callers.begin(UserFactory.create(), dana, NOW + 59 * MINUTE)  # another customer's are counted apart
    callers.begin(ana, dana, NOW + 61 * MINUTE)


def test_sent_twice_the_right_code_is_right_once(ana: User, dana: User) -> None:
    code = callers.begin(ana, dana, NOW)
    for _ in range(2):
        callers.read_out(ana, code, dana, NOW)
    check = CallerCheck.objects.get()
    assert (check.tries, check.verified_at) == (1, NOW)


def test_a_code_opens_nothing_a_second_time(ana: User, dana: User) -> None:
    code = callers.begin(ana, dana, NOW)
    callers.read_out(ana, code, dana, NOW)
    with pytest.raises(Refused):
        callers.read_out(ana, code, dana, NOW + 31 * MINUTE)
    assert callers.verified(ana, NOW + 31 * MINUTE) is None


def test_facts_are_counted_as_codes_are(ana: User, dana: User) -> None:
    for _ in range(5):
        with pytest.raises(Refused, match="not what we know"):
            callers.knows_facts(ana, dana, NOW, right=False)
    with pytest.raises(Refused) as refused:
        callers.knows_facts(ana, dana, NOW, right=True)
    assert refused.value.code == "too_many_tries"
    assert CallerCheck.objects.count() == 1
    callers.knows_facts(ana, dana, NOW + 10 * MINUTE, right=True)
    held = callers.verified(ana, NOW + 10 * MINUTE)
    assert held is not None
    assert held.get_how_display() == "by an order and the last charge"


def test_rounds_of_facts_have_an_end_too(ana: User, dana: User) -> None:
    for n in range(3):
        with pytest.raises(Refused, match="not what we know"):
            callers.knows_facts(ana, dana, NOW + 11 * n * MINUTE, right=False)
    with pytest.raises(Refused) as refused:
        callers.knows_facts(ana, dana, NOW + 33 * MINUTE, right=True)
    assert refused.value.code == "too_many_checks"
    assert callers.verified(ana, NOW + 33 * MINUTE) is None


def test_nobody_is_verified_for_a_closed_account(dana: User) -> None:
    gone = UserFactory.create(is_active=False)
    with pytest.raises(Refused) as refused:
        callers.begin(gone, dana, NOW)
    assert refused.value.code == "closed"


@pytest.mark.parametrize(("role", "may"), [("Support", False), ("Support lead", False), ("Finance", True)])
def test_who_acts_without_a_call(ana: User, role: str, may: bool) -> None:
    clerk = UserFactory.create(is_staff=True)
    clerk.groups.add(Group.objects.get(name=role))
    if may:
        callers.let_act(clerk, ana, NOW)
        return
    with pytest.raises(Refused):
        callers.let_act(clerk, ana, NOW)
    callers.read_out(ana, callers.begin(ana, clerk, NOW), clerk, NOW)
    callers.let_act(clerk, ana, NOW)
