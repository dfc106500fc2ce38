"""Reports a minute and token, over several processes."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.core.cache import cache
from pytest_django import Settings
from redis.exceptions import ConnectionError as RedisConnectionError

from printers.rates import Rates

TOKEN = b"t" * 32


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Nobody else has counted."""
    cache.clear()
    yield
    cache.clear()


def test_the_count_starts_afresh_each_minute(settings: Settings) -> None:
    settings.TELEMETRY_REPORTS_PER_MINUTE = 1
    rates = Rates()
    assert [rates.wait(TOKEN, second) for second in (0, 1, 59, 60)] == [0, 59, 1, 0]


def test_each_token_has_its_own_count(settings: Settings) -> None:
    settings.TELEMETRY_REPORTS_PER_MINUTE = 1
    rates = Rates()
    assert [rates.wait(token, 0) for token in (b"a", b"b", b"a")] == [0, 0, 60]


def test_two_processes_count_together_but_roughly() -> None:
    processes = [Rates(), Rates()]
    taken = sum(processes[n % 2].wait(TOKEN, 0) == 0 for n in range(1000))
    assert 600 <= taken <= 640


def test_without_a_cache_each_process_counts_alone() -> None:
    rates = Rates()
    with patch.object(cache, "add", side_effect=RedisConnectionError):
        taken = sum(rates.wait(TOKEN, 0) == 0 for _ in range(1000))
    assert taken == 600
