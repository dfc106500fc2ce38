"""The negative control: the same faults, put to a charger that does it the easy way, take money twice."""

import pytest

from ars.standin.process import Handle
from billing import charging
from tests.faults import books, naive, scenes
from tests.faults.cells import CELLS, Cell
from tests.faults.scenes import Scene, Stage
from tests.faults.service import Service
from tests.standin.shop import CREATE, Shop

# Whatever is executed without our hearing of it, and whoever comes second.
TAKES_TWICE = {
    *("lost_answer", "reset_after", "500_after", "garbled", "slow", "slow_before"),
    *("killed_after", "database_gone", "clock_ahead_before", "clock_ahead_after"),
}
ONE_CALL = Scene(scenes.charge, (naive, "take"), CREATE)


@pytest.mark.django_db
@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.step.name == "confirm"], ids=str)
def test_made_and_confirmed_in_one_call_under_fresh_keys_money_is_taken_twice(
    cell: Cell, service: Service, standin: Handle, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charging, "advance", naive.advance)
    stage = Stage(service, standin, cell.fault, ONE_CALL)
    stage.scene.act(stage)
    standin.clear_faults()
    taken = books.end_of(stage.order, shop).taken
    print(f"{cell.fault.name}: {len(taken)} charges of {books.CENTS} cents")
    assert set(taken) == {books.CENTS}
    assert (len(taken) > 1) == (cell.fault.name in TAKES_TWICE)
