"""What is read in one go is what the way by hand would make of it, whatever a printer sends."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers import reports
from printers.reports import TEXTS, InvalidReport

texts = st.text(max_size=70) | st.sampled_from(["", "C", "é\x00", "\ud800", "black ink", "other", "toner", "m" * 121])
anything = st.none() | st.booleans() | st.integers(-5, 105) | st.floats() | texts
supplies = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(TEXTS, texts | st.none()),
        "level": st.integers(-4, 101) | anything,
        "index": st.integers(-1, 70_000) | anything,
        "low": st.booleans() | anything,
        "genuine": st.booleans() | anything,
        "surprise": anything,
    },
)
bodies = st.fixed_dictionaries(
    {
        "message_id": texts | anything,
        "observed_at": st.datetimes().map(lambda at: f"{at.isoformat()}Z") | anything,
        "supplies": st.lists(supplies | anything, max_size=4) | anything,
    },
    optional={"state_reasons": st.lists(st.sampled_from(["toner-low-report", "none"])) | anything},
)
USUAL: dict[str, Any] = {
    "message_id": "m-1",
    "observed_at": "2026-11-23T10:00:00Z",
    "state_reasons": ["marker-supply-low-warning"],
    "supplies": [
        {"slot": "C", "level": 64, "low": False, "genuine": True, "serial_number": "S1", "index": 1},
        {"name": "Black Ink", "part_number": "T1", "colorant": "black", "type": "ink", "class": "x", "level": -3},
        {"index": 7, "level": None},
    ],
}


def by_hand(body: bytes) -> reports.Report | None:
    try:
        return reports._by_hand(body)
    except InvalidReport:
        return None


@given(bodies, st.booleans())
def test_both_ways_agree(body: dict[str, Any], ascii_only: bool) -> None:
    sent = json.dumps(body, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    usual = reports._usual(sent)
    assert usual is None or usual == by_hand(sent)


def test_what_agents_send_is_read_in_one_go() -> None:
    sent = json.dumps(USUAL).encode()
    usual = reports._usual(sent)
    assert usual is not None
    assert usual == by_hand(sent)
    assert [item["level"] for item in usual.items] == [64, None, None]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_report_is_left_to_the_other(body: bytes) -> None:
    assert reports._usual(body) is None
