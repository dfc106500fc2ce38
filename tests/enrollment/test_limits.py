"""Tries are counted by whoever makes them, and a cache that is away holds nobody up."""

from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as CacheAway

from enrollment.limits import Limit


@pytest.fixture
def limit() -> Limit:
    cache.clear()
    return Limit("test", 2, 60)


def test_tries_are_counted_for_each_alone(limit: Limit) -> None:
    assert [limit.count("ana") for _ in range(3)] == [1, 2, 3]
    assert limit.count("ben") == 1
    assert (limit.is_reached("ana"), limit.is_reached("ben")) == (True, False)


def test_kinds_are_counted_apart(limit: Limit) -> None:
    limit.count("ana")
    assert Limit("other", 2, 60).count("ana") == 1


def test_without_a_cache_nobody_is_held_up(limit: Limit, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise CacheAway

    for name in ("add", "get", "incr"):
        monkeypatch.setattr(cache, name, away)
    assert (limit.count("ana"), limit.is_reached("ana")) == (0, False)
