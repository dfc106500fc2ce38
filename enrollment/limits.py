"""How often somebody may try: counted in the cache from the first try on. Without a cache nobody is held up."""

import logging
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `most` tries of one kind in `seconds`, by whoever makes them."""

    kind: str
    most: int
    seconds: int

    def is_reached(self, who: object) -> bool:
        """Whether there is no try left."""
        try:
            return int(cache.get(self._key(who), 0)) >= self.most
        except (RedisError, OSError) as error:
            log.warning("the cache that counts tries is away: %s", error)
            return False

    def count(self, who: object) -> int:
        """One more try; how many there are now, 0 when nobody can say."""
        key = self._key(who)
        try:
            cache.add(key, 0, timeout=self.seconds)
            return cache.incr(key)
        except (RedisError, OSError, ValueError) as error:  # ValueError: it ran out between the two
            log.warning("a try was not counted: %s", error)
            return 0

    def _key(self, who: object) -> str:
        return f"tries:{self.kind}:{who}"
