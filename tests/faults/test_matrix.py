"""Every fault at every step: one charge of the right amount or none with a reason, and one refund. See cells.py."""

from itertools import pairwise
from pathlib import Path

import pytest

from ars.standin.process import Handle
from tests.faults import books, cells
from tests.faults.cells import CELLS, Cell
from tests.faults.scenes import SCENES, Stage
from tests.faults.service import Service
from tests.standin.shop import Shop

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "fault-matrix.md"
REFUSED_LETTERS = {"forged", "stale"}


@pytest.mark.django_db
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_fault_at_a_step(cell: Cell, service: Service, standin: Handle, shop: Shop) -> None:
    stage = Stage(service, standin, cell.fault, SCENES[cell.step.name])
    stage.scene.act(stage)
    assert struck(stage, shop) > 0, "the fault has not happened"
    standin.clear_faults()
    assert books.end_of(stage.order, shop) == books.ENDS[cell.step.end]
    assert books.differences() == []
    assert books.standing_intents(shop) == []


def struck(stage: Stage, shop: Shop) -> int:
    """How often the fault has happened; whoever forged or was late got 400 for it."""
    if stage.fault.sort == "worker":
        return stage.service.struck
    told = stage.standin.webhooks()["deliveries"]
    if stage.fault.name == "reversed":
        made = [event.id for event in shop.sdk.events.list({"limit": 100}).data]
        came = [made.index(each["event"]) for each in told]
        return sum(later > sooner for sooner, later in pairwise(came))
    assert {each["status"] for each in told if each["fault"] in REFUSED_LETTERS} <= {400}
    return sum(fault["hits"] for fault in stage.standin.faults())


def test_the_document_holds_the_matrix() -> None:
    assert cells.table() in DOCUMENT.read_text(encoding="utf-8")
