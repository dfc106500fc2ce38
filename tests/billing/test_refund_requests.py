"""Refunds by staff: within a limit at once, above it by a second person, never twice and never more than was taken."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from billing.gateway import RefundOutcome
from billing.models import Charge, Refund, RefundRequest
from billing.refunds import lifecycle, limits, pieces, requests
from billing.refunds.pieces import Pieces
from enrollment.models import User
from orders import pricing
from orders.models import OrderLine
from printers.facts import Refused
from tests.billing.paid import came_back, disputed, paid, staff, wanted
from tests.factories import NOW
from tests.properties import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def eve() -> User:
    return staff("Support", "eve@example.com")


@pytest.fixture
def lea() -> User:
    return staff("Support lead", "lea@example.com")


@pytest.fixture
def fin() -> User:
    return staff("Finance", "fin@example.com")


def ask(charge: Charge, cents: int, by: User, lines: dict[int, int] | None = None) -> RefundRequest:
    return requests.ask(charge, wanted(cents, lines), by, NOW)[0]


def refused(charge: Charge, cents: int, by: User, lines: dict[int, int] | None = None) -> str:
    with pytest.raises(Refused) as objection:
        ask(charge, cents, by, lines)
    return objection.value.code


def refunds(charge: Charge) -> list[int]:
    charge.refresh_from_db()
    found = list(Refund.objects.standing().filter(charge=charge).order_by("pk").values_list("amount_cents", flat=True))
    assert charge.refunded_cents == sum(found)
    return found


def test_within_the_limit_it_is_owed_at_once(eve: User) -> None:
    charge = paid()
    asked = ask(charge, 1000, eve)
    assert refunds(charge) == [1000]
    assert asked.refund is not None
    said = (asked.refund.reason, asked.refund.by, asked.refund.note, asked.refund.due_at)
    assert said == ("staff", "eve@example.com", "It is damaged: It leaked.", NOW)
    assert (asked.needs_second, asked.decided_by, asked.state) == (False, eve, "given: outcome not known yet")


def test_the_same_page_twice_is_one_refund(eve: User) -> None:
    charge, key = paid(), uuid4()
    first, second = (requests.ask(charge, wanted(1000, key=key), eve, NOW) for _ in range(2))
    assert [first[1], second[1], first[0].pk] == [True, False, second[0].pk]
    assert refunds(charge) == [1000]


def test_a_page_with_another_amount_is_another_page(eve: User) -> None:
    charge, key = paid(), uuid4()
    requests.ask(charge, wanted(1000, key=key), eve, NOW)
    with pytest.raises(Refused, match="sent before"):
        requests.ask(charge, wanted(1001, key=key), eve, NOW)


def test_above_the_limit_it_waits_for_a_second_person(eve: User, lea: User) -> None:
    charge = paid()
    asked = ask(charge, 5001, eve)
    assert (asked.needs_second, refunds(charge)) == (True, [])
    decided, new = requests.decide(asked.pk, lea, "I saw the photo.", NOW + timedelta(hours=1), agreed=True)
    assert (new, decided.decided_by, decided.decision_note) == (True, lea, "I saw the photo.")
    assert refunds(charge) == [5001]
    assert Refund.objects.get().by == "lea@example.com"


def test_a_second_person_declines_and_nothing_goes_back(eve: User, lea: User) -> None:
    charge = paid()
    asked = ask(charge, 5001, eve)
    decided, _ = requests.decide(asked.pk, lea, "It was replaced.", NOW, agreed=False)
    assert (decided.state, refunds(charge)) == ("declined", [])


def test_what_was_decided_stays(eve: User, lea: User, fin: User) -> None:
    charge = paid()
    asked = ask(charge, 5001, eve)
    requests.decide(asked.pk, lea, "Yes.", NOW, agreed=True)
    assert requests.decide(asked.pk, fin, "No.", NOW, agreed=False)[1] is False
    assert requests.decide(asked.pk, fin, "Yes.", NOW, agreed=True)[1] is False
    assert refunds(charge) == [5001]


@pytest.mark.parametrize("agreed", [True, False])
def test_nobody_is_their_own_second_person(eve: User, agreed: bool) -> None:
    asked = ask(paid(), 5001, eve)
    with pytest.raises(Refused, match="another person"):
        requests.decide(asked.pk, eve, "Yes.", NOW, agreed=agreed)


def test_the_database_knows_no_own_second_person(eve: User) -> None:
    asked = ask(paid(), 5001, eve)
    with pytest.raises(IntegrityError, match="second_person_is_another"), transaction.atomic():
        RefundRequest.objects.filter(pk=asked.pk).update(decided_by=eve, decided_at=NOW)


def test_a_second_person_needs_a_limit_that_covers_it(eve: User, lea: User, settings: Settings) -> None:
    settings.REFUND_LEAD_LIMIT_CENTS = 5000
    asked = ask(paid(), 5001, eve)
    with pytest.raises(Refused, match="above your limit"):
        requests.decide(asked.pk, lea, "Yes.", NOW, agreed=True)


def test_a_limit_is_of_an_order_however_often_and_whoever_gives(eve: User, lea: User) -> None:
    charge = paid()
    other = staff("Support", "sam@example.com")
    assert [ask(charge, 3000, eve).needs_second, ask(charge, 2001, other).needs_second] == [False, True]
    assert ask(charge, 2000, other).needs_second is False
    assert limits.given_alone(charge) == 5000


def test_each_role_has_its_limit(eve: User, lea: User, fin: User) -> None:
    assert [limits.limit_of(each) for each in (eve, lea, fin)] == [5_000, 25_000, None]
    nobody = staff("Warehouse", "walt@example.com")
    assert (limits.limit_of(nobody), limits.may_ask(nobody)) == (0, False)
    assert refused(paid(), 1, nobody) == "not_allowed"


def test_refusals_are_sentences(fin: User) -> None:
    charge = paid()
    whole = charge.amount_cents
    assert refused(charge, whole + 1, fin) == "more_than_left"
    ask(charge, whole, fin)
    assert refused(charge, 1, fin) == "more_than_left"
    Charge.objects.filter(pk=charge.pk).update(status="waived", refunded_cents=0, receipt_number=None)
    assert refused(charge, 1, fin) == "nothing_paid"


@pytest.mark.parametrize("status", ["open", "lost"])
def test_a_disputed_payment_is_not_given_back(fin: User, status: str) -> None:
    charge = paid()
    disputed(charge, status)
    assert refused(charge, 1, fin) == "disputed"


def test_a_dispute_that_was_won_frees_it(fin: User) -> None:
    charge = paid()
    disputed(charge, "won")
    ask(charge, 1, fin)
    assert refunds(charge) == [1]


def test_what_waits_is_looked_at_again_when_it_is_decided(eve: User, lea: User, fin: User) -> None:
    charge = paid()
    asked = ask(charge, 5001, eve)
    ask(charge, charge.amount_cents - 5000, fin)
    with pytest.raises(Refused, match="more than is left"):
        requests.decide(asked.pk, lea, "Yes.", NOW, agreed=True)
    requests.decide(asked.pk, lea, "Too late.", NOW, agreed=False)
    assert refunds(charge) == [charge.amount_cents - 5000]


def lines_of(charge: Charge) -> list[OrderLine]:
    return list(charge.order.lines.order_by("pk"))


def test_pieces_go_back_with_their_share_of_discount_and_tax(fin: User) -> None:
    charge = paid(tax_cents=451)
    two, one = lines_of(charge)
    shares = pricing.shares(charge.order)
    for line, count in ((two, 1), (one, 1), (two, 1)):
        cents = pieces.amounts(charge, {line.pk: count})[line.pk]
        assert cents in shares[line.pk]
        ask(charge, cents, fin, {line.pk: count})
    assert sum(refunds(charge)) == charge.amount_cents
    assert all(each.left == 0 for each in pieces.of(charge).values())


def test_a_piece_goes_back_once(fin: User) -> None:
    charge = paid()
    one = lines_of(charge)[1]
    ask(charge, 1999, fin, {one.pk: 1})
    assert refused(charge, 1999, fin, {one.pk: 1}) == "changed"


def test_an_amount_that_is_not_that_of_its_pieces_is_refused(fin: User) -> None:
    charge = paid()
    assert refused(charge, 1998, fin, {lines_of(charge)[1].pk: 1}) == "changed"


def test_pieces_of_a_refund_that_failed_may_go_back_again(fin: User) -> None:
    charge = paid()
    one = lines_of(charge)[1]
    refund = ask(charge, 1999, fin, {one.pk: 1}).refund
    assert refund is not None
    lifecycle.settle(refund.pk, RefundOutcome("failed", code="expired_or_canceled_card"), NOW)
    ask(charge, 1999, fin, {one.pk: 1})
    assert refunds(charge) == [1999]


def test_what_came_back_is_not_given_again_and_what_was_given_is_not_owed_again(fin: User) -> None:
    charge = paid()
    two, one = lines_of(charge)
    ask(charge, 1999, fin, {one.pk: 1})
    assert lifecycle.begin(came_back(one, 1999).pk, NOW) is None
    assert refunds(charge) == [1999]
    assert lifecycle.begin(came_back(two, 2249).pk, NOW) is not None
    assert pieces.of(charge)[two.pk].left == 1
    ask(charge, 2249, fin, {two.pk: 1})
    assert refunds(charge) == [1999, 2249, 2249]


def test_all_that_is_left_names_its_pieces_only_where_they_are_worth_just_that(fin: User) -> None:
    charge = paid()
    two, one = lines_of(charge)
    assert pieces.all_left(charge) == {two.pk: 2, one.pk: 1}
    lifecycle.keep_foreign(charge, "re_dashboard", 500, NOW)
    charge.refresh_from_db()
    assert pieces.all_left(charge) == {}
    assert refused(charge, 2 * 2249 + 1999, fin, {two.pk: 2, one.pk: 1}) == "more_than_left"


def test_what_the_bank_sends_back_keeps_when_it_was_made(fin: User) -> None:
    charge, later = paid(), NOW + timedelta(days=9)
    refund = ask(charge, 100, fin).refund
    assert refund is not None
    lifecycle.settle(refund.pk, RefundOutcome("made", "re_1"), NOW)
    lifecycle.settle(refund.pk, RefundOutcome("failed", "re_1", code="lost_or_stolen_card"), later)
    refund.refresh_from_db()
    assert (refund.status, refund.settled_at, refund.sent_back_at) == ("failed", NOW, later)
    assert refunds(charge) == []


@examples(50)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9_999)), min_size=1, max_size=5),
    st.integers(0, 5_000),
    st.data(),
)
def test_pieces_given_one_after_another_come_to_the_whole(
    priced: list[tuple[int, int]], tax: int, data: st.DataObject
) -> None:
    weights = [cents for quantity, cents in priced for _ in range(quantity)]
    total = sum(weights) + (tax if any(weights) else 0)
    left, given_back = iter(pricing.split(total, weights)), 0
    for quantity, _ in priced:
        shares = tuple(next(left) for _ in range(quantity))
        returned = data.draw(st.integers(0, quantity))
        given_back += sum(shares[:returned])
        given = 0
        while returned + given < quantity:
            count = data.draw(st.integers(1, quantity - returned - given))
            given_back += Pieces(OrderLine(), shares, returned, given).cents(count)
            given += count
    assert given_back == total
