"""Addresses: whose they are, which are neighbours, and how they are shown."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from enrollment import network


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("192.168.1.7", "192.168.1.200", True),
        ("192.168.1.7", "192.168.2.7", False),
        ("2001:db8:0:1::7", "2001:db8:0:1:ffff::8", True),
        ("2001:db8:0:1::7", "2001:db8:0:2::7", False),
        ("127.0.0.1", "::1", True),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "2001:db8::7", False),
        (None, None, False),
        ("nonsense", "nonsense", False),
    ],
)
def test_neighbours_share_a_network(one: str | None, other: str | None, same: bool) -> None:
    assert network.is_same(one, other) == network.is_same(other, one) == same


@pytest.mark.parametrize(
    ("address", "shown"),
    [("203.0.113.70", "203.0.113.x"), ("2001:db8:0:1::7", "2001:db8:0:1::x"), (None, ""), ("nonsense", "")],
)
def test_an_address_is_shown_without_its_last_part(address: str | None, shown: str) -> None:
    assert network.shown(address) == shown


@pytest.mark.parametrize(("trusted", "address"), [(False, "10.0.0.1"), (True, "198.51.100.4")])
def test_a_proxy_is_believed_only_where_there_is_one(settings: Settings, trusted: bool, address: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = int(trusted)
    request = RequestFactory(REMOTE_ADDR="10.0.0.1").get("/", headers={"x-forwarded-for": "6.6.6.6, 198.51.100.4"})
    assert network.address_of(request) == address


def test_a_caller_without_an_address_has_none() -> None:
    assert network.address_of(RequestFactory(REMOTE_ADDR="").get("/")) is None
