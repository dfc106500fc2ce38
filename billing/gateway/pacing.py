"""When a request to Stripe may go: so many a second for each endpoint, counted in Redis for all processes together."""

import logging
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import stripe
from django.conf import settings
from redis.commands.core import Script
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

MICROSECONDS = 1_000_000
# The slots of an endpoint stand an interval apart by Redis's own clock, so that no second, wherever it begins, holds
# more of them than allowed. A slot too far off for who asks is not taken: nothing is answered. One further off than
# anybody waits is from before the clock was set back, and forgotten.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, patience, furthest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
if at - now > furthest + interval then at = now end
if at - now > patience then return {} end
redis.call('SET', KEYS[1], string.format('%.0f', at + interval), 'PX', 60000)
return {at, at - now}
"""
FURTHEST_SECONDS = 30  # more than anybody waits

_outage = threading.Event()


@dataclass(frozen=True)
class Slot:
    """A moment at which one request may go: microseconds since 1970 by Redis's clock, and seconds from now."""

    at: int
    wait: float


def wait(endpoint: str, patience: float) -> None:
    """Sleep until the endpoint's next free slot; not at all while Redis is away, for money does not stop for a cache.

    Raises stripe.RateLimitError, having asked nobody for anything, when it is more than `patience` seconds off.
    """
    try:
        slot = take(endpoint, patience)
    except (RedisError, OSError) as error:
        if not _outage.is_set():
            _outage.set()
            log.warning("Redis is away, so requests to Stripe are not paced: %s", error)
        return
    _outage.clear()
    if slot is None:
        raise stripe.RateLimitError(f"No request to {endpoint} may go within {patience:g} s", http_status=429)
    time.sleep(slot.wait)


def take(endpoint: str, patience: float) -> Slot | None:
    """The endpoint's next free slot; None if it is more than `patience` seconds off. Raises RedisError or OSError."""
    interval = -(-MICROSECONDS // settings.STRIPE_REQUESTS_PER_SECOND)
    limits = [interval, int(patience * MICROSECONDS), FURTHEST_SECONDS * MICROSECONDS]
    found = _script()(keys=[f"stripe:{endpoint}"], args=limits)
    return Slot(int(found[0]), int(found[1]) / MICROSECONDS) if found else None


def _script() -> Script:
    of = settings.CACHES["default"]
    location = of["LOCATION"] if isinstance(of["LOCATION"], str) else of["LOCATION"][0]  # the first is written to
    if not location.startswith(("redis", "unix:")):
        raise RedisError("CACHE_URL names none")
    return _registered(location, tuple(of.get("OPTIONS", {}).items()))


@cache
def _registered(location: str, options: tuple[tuple[str, Any], ...]) -> Script:
    return redis.Redis.from_url(location, **dict(options)).register_script(TAKE)
