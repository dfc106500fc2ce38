"""What goes wrong in a run is drawn from its seed alone."""

import pytest

from bench.chaos import plan
from bench.chaos.trouble import STRIPE


def test_a_seed_is_a_plan() -> None:
    assert plan.draw(7, 600) == plan.draw(7, 600) != plan.draw(8, 600)


@pytest.mark.parametrize("seconds", [90, 600])
def test_each_trouble_comes_and_is_over_in_time(seconds: float) -> None:
    steps = plan.draw(1, seconds)
    assert {step.kind for step in steps} == {"killed", plan.CLOCK, *plan.LASTING, *plan.SUDDEN}
    assert all(step.at > 0 and step.at + step.seconds <= seconds for step in steps)
    assert all(step.seconds <= plan.LONGEST_SECONDS for step in steps)
    assert steps == sorted(steps, key=lambda step: step.at)


def test_no_clock_is_as_wrong_as_a_lease_is_long_and_no_web_servers_is_behind() -> None:
    wrong = [step for seed in range(20) for step in plan.draw(seed, 600) if step.kind == plan.CLOCK]
    assert all(0 < abs(step.shift) < plan.MOST_CLOCK_SECONDS for step in wrong)
    assert all(step.shift > 0 for step in wrong if step.target in plan.WEBS)


def test_every_trouble_with_stripe_is_known_to_whoever_acts_it_out() -> None:
    assert set(STRIPE) == {kind for kind in plan.LASTING if kind.startswith("stripe_")}
