"""A request that asks for each row of a page fails, in every test; one that asks once for all of them does not."""

import pytest
from django.test import Client

from ars.site import printer_list
from printers.models import PrinterModel
from tests.repeats import AT_MOST

pytestmark = pytest.mark.django_db


def ask(monkeypatch: pytest.MonkeyPatch, times: int) -> int:
    """The page of printers, which asks for each of so many models besides."""
    read = printer_list.read

    def one_by_one(typed: str) -> object:
        for pk in range(times):
            PrinterModel.objects.filter(pk=pk).first()
        return read(typed)

    monkeypatch.setattr(printer_list, "read", one_by_one)
    return Client().get("/printers/").status_code


def test_a_query_for_each_row_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match=f"GET /printers/ asks the same {AT_MOST + 1} times: SELECT"):
        ask(monkeypatch, AT_MOST + 1)


def test_a_few_are_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, AT_MOST) == 200
