"""What the schema says of the store API is what the server answers, whatever it is sent."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ars.schema import document
from enrollment.models import ApiKey
from printers.models import PrinterModel
from tests.enrollment.test_purchases_api import BODY, PURCHASES, model
from tests.factories import PartnerFactory
from tests.partners import PartnerClient

__all__ = ["model"]  # a fixture of that name

TEXT = st.text(max_size=300) | st.sampled_from(
    ["97201", "OR", "ana@example.com", "İ@x.example", "TS9120", "", " ", "\x00", "\ud800"]
)
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.lists(TEXT, max_size=3)


@pytest.fixture
def shop(model: PrinterModel) -> PartnerClient:
    return PartnerClient(PartnerFactory.create(), ApiKey.Scope.STORE)


def check(answer: Any) -> int:
    """The status of an answer that is one of those in the schema, with the body it says."""
    documented = document()["paths"][PURCHASES]["post"]["responses"]
    schema = documented[str(answer.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": document()["components"]}).validate(answer.json())
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 201), ({"auto_replenishment": False}, 200), ({"email": "x"}, 400), ({"model": "none"}, 400)],
)
def test_each_answer_is_as_described(shop: PartnerClient, changes: dict[str, Any], status: int) -> None:
    sent = BODY | {"model": "TS9120"} | changes
    assert check(shop.post(PURCHASES, sent, content_type="application/json")) == status


def test_the_second_time_and_another_body_too(shop: PartnerClient) -> None:
    sent = BODY | {"model": "TS9120"}
    bodies = (sent, sent, sent | {"full_name": "Ben"})
    answers = [check(shop.post(PURCHASES, body, content_type="application/json")) for body in bodies]
    assert answers == [201, 200, 409]


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from([*BODY, "model"]),
    part=st.sampled_from(["", "full_name", "attention", "line1", "line2", "city", "state", "postal_code", "phone"]),
    value=ANYTHING,
)
def test_whatever_one_field_holds_is_answered_as_described(
    shop: PartnerClient, field: str, part: str, value: object
) -> None:
    sent = copy.deepcopy(BODY | {"model": "TS9120"})
    if part and field == "shipping_address":
        sent[field][part] = value
    else:
        sent[field] = value
    check(shop.post(PURCHASES, sent, content_type="application/json"))
