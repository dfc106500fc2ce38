"""Two clicks on the button that opens a customer's pages, at once: one look, and one open at a time."""

from functools import partial

import pytest

from enrollment import looks
from enrollment.models import Look
from tests.factories import NOW, UserFactory
from tests.races.threads import errors, race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def test_two_clicks_and_another_customers_page_leave_one_open() -> None:
    for _ in range(ROUNDS):
        dana, ana, ben = UserFactory.create(is_staff=True), UserFactory.create(), UserFactory.create()
        at_ana = partial(looks.begin, ana, dana, "A number.", NOW)
        outcomes = race(at_ana, at_ana, partial(looks.begin, ben, dana, "Another.", NOW))
        assert errors(outcomes) == []
        assert Look.objects.filter(by=dana, ended_at=None).count() == 1
        assert Look.objects.filter(by=dana, user=ana).count() <= 2  # opened again after the other one
