"""The short run of the fuzzer, each time other inputs; a million at once is `make fuzz`."""

import random

from tests.agent.fuzz import fuzz

INPUTS = 6000


def test_no_spoilt_answer_does_harm() -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    outcomes = fuzz(INPUTS, seed)
    assert sum(outcomes.values()) == INPUTS
    assert min(outcomes[each] for each in ("ipp read", "ipp refused", "snmp read", "snmp refused")) > INPUTS // 100
