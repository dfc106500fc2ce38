"""How many examples a property is tried on: few and always the same; PROPERTY_TIMES=100 tries so many times as many."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("PROPERTY_TIMES", "1"))
# A fixture is shared by all examples here, which each clear what they leave; and machines may be slow.
UNCHECKED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def examples(count: int) -> settings:
    """`count` examples, or that many times as many as asked for."""
    same = TIMES == 1
    return settings(
        max_examples=count * TIMES, derandomize=same, deadline=None, suppress_health_check=UNCHECKED, database=None
    )
