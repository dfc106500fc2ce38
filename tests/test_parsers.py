"""Whatever a stranger sends is read, or refused by the parser in its own words: no other error, nothing changed."""

import json
import string
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from enrollment import links, network, pairing, zip_codes
from enrollment.bodies import RFC3339, Moment
from enrollment.oauth import FORM, BadRequest, _form
from notifications.webhooks import addresses
from orders import money
from orders.api import pagination
from printers import device, exchange, reports, sheets
from printers.facts import Refused
from tests.properties import examples

MANY = examples(200)
texts = st.text(max_size=60) | st.sampled_from(["\x00", "٣", "²", "\u2028", "=1+1", "-0", "1e9", '"', "\ud800"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
RIGHT = {
    "message_id": "m",
    "observed_at": "2026-11-22T10:00:00Z",
    "state_reasons": ["toner-low-warning"],
    "supplies": [{"slot": "C", "level": 9, "low": True, "class": "supplyThatIsConsumed", "index": 1}],
}
ORDERING = ("placed_at", "pk")


def outcome(refusal: type[Exception], parse: Callable[..., Any], *given: Any) -> tuple[Any, Any]:
    """What was read, and None; or None, and how it was refused. Any other error is a failure."""
    try:
        return parse(*given), None
    except refusal as refused:
        return None, refused


@st.composite
def nearly(draw: st.DrawFn) -> bytes:
    """A report with one thing in it changed, or a few bytes of it."""
    body: dict[str, Any] = json.loads(json.dumps(RIGHT))
    place = draw(st.sampled_from([body, body["supplies"][0]]))
    place[draw(st.sampled_from([*place, "other"]))] = draw(values)
    sent = json.dumps(body).encode(errors="surrogatepass")
    at = draw(st.integers(0, len(sent)))
    return draw(st.sampled_from([sent, sent[:at], sent[:at] + draw(st.binary(max_size=3)) + sent[at:]]))


@MANY
@given(body=nearly() | st.binary(max_size=80))
def test_a_report_is_taken_or_every_fault_is_named(body: bytes) -> None:
    taken, invalid = outcome(reports.InvalidReport, reports.parse, body)
    if invalid:
        assert all(error.detail for error in invalid.errors)
        json.dumps([error.attr for error in invalid.errors])
    else:
        assert taken.observed_at.utcoffset() == timedelta(0)
        assert all(item["level"] is None or 0 <= item["level"] <= 100 for item in taken.items)
        json.dumps(taken.items).encode()


@MANY
@given(body=values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=80))
def test_a_sign_of_life_is_taken_or_refused(body: bytes) -> None:
    reason, invalid = outcome(reports.InvalidReport, device.unreachable_reason, body)
    assert invalid.errors if invalid else reason in ("", *device.Unreachable.values)


@MANY
@given(content=st.binary(max_size=200) | st.lists(texts, max_size=6).map(lambda rows: "a,b\n" + "\n".join(rows)))
def test_a_sheet_is_rows_or_one_sentence(content: bytes | str) -> None:
    sent = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    rows, bad = outcome(sheets.BadSheet, sheets.parse, "x.csv", sent, ("a", "b"))
    assert str(bad).startswith("x.csv") if bad else all({"a", "b"} <= row.cells.keys() for row in rows)


@MANY
@given(cell=texts)
def test_no_cell_that_leaves_is_a_formula_and_each_comes_back_as_it_was(cell: str) -> None:
    left = exchange._harmless(cell)
    assert not left.startswith(exchange.FORMULA)
    assert exchange._meant(left) == cell


@MANY
@given(cursor=texts | values.map(lambda value: signing.dumps(value, salt=pagination._salt(("code",)))))
def test_a_cursor_of_anybody_elses_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationError):
        pagination._read(cursor, ORDERING)


@MANY
@given(
    at=st.integers(0, 200), sign=st.sampled_from(string.ascii_letters + string.digits + ":-_= \x00é"), pk=st.integers()
)
def test_a_link_with_a_letter_changed_opens_nothing(at: int, sign: str, pk: int) -> None:
    whole = links.sign(links.PAY, pk)
    changed = whole[: at % len(whole)] + sign + whole[at % len(whole) + 1 :]
    assert links.read(links.PAY, whole) == pk
    if changed != whole:
        with pytest.raises(links.LinkError):
            links.read(links.PAY, changed)


@MANY
@given(purpose=texts, pk=st.integers())
def test_a_link_for_one_purpose_opens_no_other(purpose: str, pk: int) -> None:
    if purpose != links.PAY:
        with pytest.raises(links.LinkError):
            links.read(links.PAY, links.sign(purpose.encode(errors="replace").decode(), pk))


@MANY
@given(forwarded=texts | st.ip_addresses().map(str), told=texts | st.ip_addresses().map(str))
def test_an_address_is_one_or_none(forwarded: str, told: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=told, HTTP_X_FORWARDED_FOR=forwarded)
    found = network.address_of(request)
    assert found is None or network.shown(found)
    network.is_same(forwarded, told)


@MANY
@given(url=texts | texts.map("https://{}".format) | texts.map("https://a.example:{}/".format))
def test_an_address_of_a_partner_is_whole_or_refused(url: str) -> None:
    target, refused = outcome(Refused, addresses.parse, url)
    if refused:
        assert str(refused)
    else:
        assert target.scheme == "https"
        assert target.path.startswith("/")
        assert not {"\r", "\n", " "} & set(target.host + target.path)


@MANY
@given(pairs=st.lists(st.tuples(texts, texts), max_size=6), junk=st.binary(max_size=30))
def test_a_form_of_a_device_is_read_or_refused(pairs: list[tuple[str, str]], junk: bytes) -> None:
    body = urlencode(pairs, errors="surrogatepass").encode() + junk
    read, refused = outcome(BadRequest, _form, RequestFactory().generic("POST", "/oauth/token", body, FORM))
    assert refused.error == "invalid_request" if refused else all(isinstance(value, str) for value in read.values())


@MANY
@given(typed=texts | st.from_regex(r"\A\d{4}-?\d{4}-?\d\Z"))
def test_what_people_type_is_a_number_or_none(typed: str) -> None:
    number = money.parse_number(typed)
    assert number is None or money.parse_number(money.display_number(number)) == number
    assert set(pairing.normalise(typed)) <= set(string.ascii_uppercase + string.digits) or not typed.isascii()
    assert all(state in zip_codes.STATES for state in zip_codes.states_of(typed))
    zip_codes.outside_of(typed)
    pairing.normalise_serial(typed)


@MANY
@given(value=values | st.from_regex(RFC3339))
def test_a_moment_is_one_in_utc_or_refused(value: object) -> None:
    moment, _ = outcome(ValidationError, Moment().to_internal_value, value)
    assert moment is None or moment.utcoffset() == timedelta(0)
