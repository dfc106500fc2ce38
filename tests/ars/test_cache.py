"""Redis away: nothing is remembered, and people sign in all the same."""

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django.fixtures import Settings
from redis.exceptions import RedisError

from ars.cache import Cache
from enrollment.models import User
from tests.post import latest_code

AWAY = {"default": {"BACKEND": "ars.cache.Cache", "LOCATION": "redis://127.0.0.1:1/0"}}


@pytest.fixture
def away() -> Cache:
    return Cache("redis://127.0.0.1:1/0", {})


def test_it_answers_like_an_empty_cache(away: Cache) -> None:
    away.set("k", 1)
    assert (away.add("k", 1), away.get("k", "nothing"), away.delete("k")) == (True, "nothing", False)


def test_who_counts_learns_that_it_cannot(away: Cache) -> None:
    with pytest.raises(RedisError):
        away.incr("k", 1)


def test_people_sign_in_without_it(client: Client, db: None, settings: Settings) -> None:
    settings.CACHES = AWAY
    assert isinstance(caches["default"], Cache)
    User.objects.create_user("ana@example.com")
    client.post("/accounts/login/", {"login": "ana@example.com"})
    client.post("/accounts/login/code/confirm/", {"code": latest_code()})
    assert client.get("/account/").status_code == 200


def test_three_wrong_codes_still_end_it(client: Client, db: None, settings: Settings) -> None:
    settings.CACHES = AWAY
    User.objects.create_user("ana@example.com")
    client.post("/accounts/login/", {"login": "ana@example.com"})
    for _ in range(3):
        client.post("/accounts/login/code/confirm/", {"code": "none"})
    client.post("/accounts/login/code/confirm/", {"code": latest_code()})
    assert "_auth_user_id" not in client.session
