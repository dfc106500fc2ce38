"""API keys: what is given out, what is kept, and when one stops working."""

import hashlib
import re

import pytest

from enrollment import keys
from enrollment.models import ApiKey
from tests.factories.enrollment import PartnerFactory
from tests.factories.printers import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scope", ["store", "warehouse"])
def test_a_key_says_what_it_is_for(scope: str) -> None:
    assert re.fullmatch(rf"ars_{scope}_[\w-]{{43}}", keys.issue(PartnerFactory.create(), scope), re.ASCII)


def test_only_the_digest_of_a_key_is_kept() -> None:
    plain = keys.issue(PartnerFactory.create(), "store")
    key = ApiKey.objects.get()
    assert bytes(key.key_hash) == hashlib.sha256(plain.encode()).digest()
    assert plain.startswith(f"ars_store_{key.prefix}")
    assert len(key.prefix) == 8


def test_a_key_finds_its_partner_and_scope() -> None:
    partner = PartnerFactory.create()
    found = keys.find(keys.issue(partner, "warehouse"), NOW)
    assert found is not None
    assert (found.partner, found.scope) == (partner, "warehouse")


@pytest.mark.parametrize("plain", ["", "ars_store_x", "\x00", "ключ", "\udcff", "x" * 10_000])
def test_what_is_no_key_finds_nothing(plain: str) -> None:
    keys.issue(PartnerFactory.create(), "store")
    assert keys.find(plain, NOW) is None


def test_a_revoked_key_finds_nothing_and_its_end_stays() -> None:
    plain = keys.issue(PartnerFactory.create(), "store")
    key = ApiKey.objects.get()
    assert keys.revoke(key, NOW)
    assert keys.find(plain, NOW) is None
    assert not keys.revoke(key, NOW.replace(year=2030))
    assert ApiKey.objects.get().revoked_at == NOW


def test_an_unknown_scope_is_an_error() -> None:
    with pytest.raises(ValueError, match="admin"):
        keys.issue(PartnerFactory.create(), "admin")
    assert not ApiKey.objects.exists()
