"""Partners' keys in the back office: made, shown once and kept nowhere, replaced, last used, revoked."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enrollment import keys
from enrollment.models import ApiKey, Partner, User
from tests.ars.test_admin import act, page, said
from tests.factories import NOW, PartnerFactory
from tests.partners import PartnerClient
from tests.staff import with_second_factor

pytestmark = pytest.mark.django_db

PLAIN = r"ars_(?:store|warehouse)_[\w-]{43}"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse")))
    return client


@pytest.fixture
def partner() -> Partner:
    return PartnerFactory.create()


def add(staff: Client, partner: Partner, **typed: str) -> Any:
    return staff.post(page(ApiKey, "add"), {"partner": partner.pk, "scope": "warehouse", **typed})


def test_a_new_key_is_shown_once_and_works(staff: Client, partner: Partner) -> None:
    made = add(staff, partner)
    (shown,) = re.findall(PLAIN, made.text)
    found = keys.find(shown, NOW)
    assert found is not None
    assert (found.partner, found.scope, found.expires_at) == (partner, "warehouse", None)
    for address in (page(ApiKey, "changelist"), page(ApiKey, "change", found.pk), "/admin/"):
        assert shown not in staff.get(address).text


def test_the_plain_key_is_kept_nowhere(staff: Client, partner: Partner) -> None:
    """Neither in a cookie nor in a session, where messages wait, nor in the history, nor in any cache on the way."""
    made = add(staff, partner)
    (shown,) = re.findall(PLAIN, made.text)
    assert "no-store" in made.headers["Cache-Control"]
    assert said(made) == ""
    kept = [cookie.OutputString() for cookie in (*made.cookies.values(), *staff.cookies.values())]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    with connection.cursor() as cursor:
        for table in ("django_admin_log", "enrollment_apikey", "enrollment_change", "django_session"):
            cursor.execute(f"SELECT string_agg({table}::text, ' ') FROM {table}")
            kept.append(cursor.fetchone()[0])
    assert len(kept) > 5
    assert not [text for text in kept if text and shown in text]


def test_a_key_ends_by_itself(staff: Client, partner: Partner) -> None:
    with time_machine.travel(NOW, tick=False):
        refused = add(staff, partner, expires_at_0="2026-11-23", expires_at_1="09:59:59")
        assert "This moment has passed: the key would open nothing." in refused.text
        assert not ApiKey.objects.exists()
        made = add(staff, partner, expires_at_0="2026-11-24", expires_at_1="10:00:00")
    (plain,) = re.findall(PLAIN, made.text)
    assert keys.find(plain, NOW + DAY - MINUTE) is not None
    assert keys.find(plain, NOW + DAY) is None


def test_an_expired_key_opens_nothing(partner: Partner) -> None:
    warehouse = PartnerClient(partner)
    assert warehouse.get("/api/v1/fulfilment/orders").status_code == 200
    ApiKey.objects.update(expires_at=NOW)
    answer = warehouse.get("/api/v1/fulfilment/orders")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "authentication_failed")
    assert "unknown, revoked or expired" in answer.text


def test_a_key_is_replaced_by_one_beside_it(staff: Client, partner: Partner) -> None:
    old = keys.issue(partner, "store")
    with time_machine.travel(NOW, tick=False):
        answer = act(staff, ApiKey, "replace", ApiKey.objects.get())
    (new,) = re.findall(PLAIN, answer.text)
    assert said(answer) == ""
    found = keys.find(new, NOW + 8 * DAY)
    assert found is not None
    assert (found.partner, found.scope) == (partner, "store")
    assert keys.find(old, NOW + 6 * DAY) is not None
    assert keys.find(old, NOW + 7 * DAY) is None


def test_replacing_never_makes_a_key_live_longer(partner: Partner) -> None:
    keys.issue(partner, "store", NOW + DAY)
    key = ApiKey.objects.get()
    assert keys.replace(key, NOW)
    key.refresh_from_db()
    assert key.expires_at == NOW + DAY


def test_a_key_that_has_ended_is_not_replaced(staff: Client, partner: Partner) -> None:
    keys.issue(partner, "store")
    keys.revoke(ApiKey.objects.get(), NOW)
    assert "none was replaced" in said(act(staff, ApiKey, "replace", ApiKey.objects.get()))
    assert ApiKey.objects.count() == 1


def test_a_key_is_revoked(staff: Client, partner: Partner) -> None:
    plain = keys.issue(partner, "store")
    assert said(act(staff, ApiKey, "revoke", ApiKey.objects.get())) == "1 revoked."
    assert keys.find(plain, NOW) is None
    revoked_at = ApiKey.objects.get().revoked_at
    assert said(act(staff, ApiKey, "revoke", ApiKey.objects.get())).endswith(" 0 revoked.")
    assert ApiKey.objects.get().revoked_at == revoked_at


def test_its_last_use_is_noted_at_most_once_a_minute(partner: Partner) -> None:
    warehouse, noted, written = PartnerClient(partner), [], []
    for seconds in (0, 1, 59, 60, 119, 120):
        now = NOW + timedelta(seconds=seconds)
        with time_machine.travel(now, tick=False), CaptureQueriesContext(connection) as asked:
            warehouse.get("/api/v1/fulfilment/orders")
        written.append(any(query["sql"].startswith("UPDATE") for query in asked))
        noted.append(ApiKey.objects.get().last_used_at)
    assert written == [True, False, False, True, False, True]
    assert noted == [NOW] * 3 + [NOW + MINUTE] * 2 + [NOW + 2 * MINUTE]


def test_a_key_that_was_never_used_says_so(staff: Client, partner: Partner) -> None:
    keys.issue(partner, "store")
    listed = staff.get(page(ApiKey, "changelist"), {"last_used_at__isempty": 1})
    assert len(listed.context["cl"].result_list) == 1
