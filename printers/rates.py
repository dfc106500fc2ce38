"""How many reports a token sends a minute: counted roughly, without a write to the database."""

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

WINDOW_SECONDS = 60
SHARE_EVERY = 20  # a quiet printer never touches the cache; a busy one tells the other processes now and then


class Rates:
    """This process's counts of the present minute, and what the other processes last said of the busy tokens."""

    def __init__(self) -> None:
        self._window = 0
        self._own: dict[bytes, int] = {}
        self._shared: dict[bytes, int] = {}

    def wait(self, token_hash: bytes, now: float) -> int:
        """Count one report at `now` (seconds); the seconds to wait when it is one too many, else 0."""
        window = int(now // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._own, self._shared = window, {}, {}
        count = self._own[token_hash] = self._own.get(token_hash, 0) + 1
        if count % SHARE_EVERY == 0:
            self._shared[token_hash] = self._share(token_hash, window) - count
        total = count + self._shared.get(token_hash, 0)
        over = total > settings.TELEMETRY_REPORTS_PER_MINUTE
        return WINDOW_SECONDS - int(now % WINDOW_SECONDS) if over else 0

    def _share(self, token_hash: bytes, window: int) -> int:
        """What all processes have counted; without a cache to ask, our own count."""
        key = f"reports:{token_hash.hex()}:{window}"
        try:
            cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
            return cache.incr(key, SHARE_EVERY)
        except (RedisError, OSError, ValueError):
            return self._own[token_hash]


rates = Rates()
