"""The cache on Redis: while Redis is away it remembers nothing, and nobody is kept out for that."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Cache(RedisCache):
    """Answers like an empty cache when Redis cannot be asked.

    Limits on guessing count in it. Without it they pause, and people can still sign in: a mailed code goes on having
    three tries, since those are counted in the session.
    """

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """True when Redis is away: the key was not there."""
        return bool(self._ask(lambda: super(Cache, self).add(key, value, timeout, version), True))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The default when Redis is away."""
        return self._ask(lambda: super(Cache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Nothing is kept when Redis is away."""
        self._ask(lambda: super(Cache, self).set(key, value, timeout, version), None)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """False when Redis is away: there was nothing to delete."""
        return bool(self._ask(lambda: super(Cache, self).delete(key, version), False))

    def _ask(self, question: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return question()
        except (RedisError, OSError) as error:
            log.warning("the cache cannot be asked: %s", error)
            return otherwise
