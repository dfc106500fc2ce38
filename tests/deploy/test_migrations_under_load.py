"""Migrations since the last release lock no table and break no code that still runs."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import models
from django.db.migrations import Migration, RunSQL, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from tests.deploy.locking import complaints

# The last migrations of the last release: raised with each one. Before the first release nobody has rows to wait for.
RELEASED = {
    "ars": "0002_tick",
    "billing": "0011_what_grows",
    "enrollment": "0012_what_grows",
    "notifications": "0005_message_created",
    "orders": "0018_what_grows",
    "printers": "0013_what_grows",
}
# What may stand all the same, each with the reason: "app.name: operation".
ARGUED: dict[str, str] = {}
INDEX = models.Index(fields=["number"], name="order_number")
CHECK = models.CheckConstraint(condition=models.Q(number__gt=0), name="numbered")


def test_no_migration_since_the_release_locks_or_breaks() -> None:
    loader = MigrationLoader(None)
    nodes = [key for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True) if key[0] in RELEASED]
    old = {key for app, name in RELEASED.items() for key in loader.graph.forwards_plan((app, name))}
    state, new, found = loader.project_state(list(RELEASED.items())), set[tuple[str, str]](), list[str]()
    for key in nodes:
        if key not in old:
            found += complaints(loader.graph.nodes[key], state, new)
    assert [each for each in found if not each.startswith(tuple(ARGUED))] == []


def judged(*tried: Operation) -> list[str]:
    state = ProjectState()
    fields: dict[str, Any] = {
        "id": models.BigAutoField(primary_key=True),
        "number": models.IntegerField(),
        "note": models.CharField(max_length=40, null=True),
    }
    state.add_model(ModelState("orders", "Order", list(fields.items())))
    kind = type("Tried", (Migration,), {"operations": list(tried)})
    return list(complaints(kind("0099_tried", "orders"), state, set()))


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (operations.AddIndex("order", INDEX), "AddIndexConcurrently"),
        (operations.AddConstraint("order", CHECK), "AddConstraintNotValid"),
        (operations.AddField("order", "size", models.IntegerField(default=1)), "db_default"),
        (operations.AlterField("order", "note", models.CharField(max_length=40, default="")), "NOT VALID"),
        (operations.AlterField("order", "note", models.CharField(max_length=4, null=True)), "change over"),
        (operations.AlterField("order", "number", models.BigIntegerField()), "change over"),
        (operations.AlterField("order", "number", models.IntegerField(unique=True)), "index"),
        (operations.RemoveField("order", "note"), "in the next"),
        (operations.RenameField("order", "note", "text"), "in the next"),
        (operations.DeleteModel("Order"), "in the next"),
        (RunSQL("CREATE INDEX a ON orders_order (number)"), "CONCURRENTLY"),
        (RunSQL("alter table orders_order alter column note set not null"), "NOT VALID"),
        (RunSQL("ALTER TABLE orders_order ADD CONSTRAINT a CHECK (number > 0)"), "NOT VALID"),
    ],
)
def test_what_locks_or_breaks_is_named(operation: Operation, told: str) -> None:
    [complaint] = judged(operation)
    assert complaint.startswith("orders.0099_tried: ")
    assert told in complaint


@pytest.mark.parametrize(
    "operation",
    [
        AddIndexConcurrently("order", INDEX),
        AddConstraintNotValid("order", CHECK),
        operations.AddField("order", "size", models.IntegerField(null=True)),
        operations.AddField("order", "size", models.IntegerField(db_default=1)),
        operations.AlterField("order", "note", models.CharField(max_length=80, null=True)),
        RunSQL("CREATE INDEX CONCURRENTLY a ON orders_order (number)"),
        RunSQL("CREATE OR REPLACE FUNCTION a() RETURNS integer LANGUAGE sql AS 'SELECT 1'"),
    ],
)
def test_what_does_neither_is_let_by(operation: Operation) -> None:
    assert judged(operation) == []


def test_a_table_that_is_new_may_have_anything() -> None:
    made = operations.CreateModel(
        "Parcel", [("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField())]
    )
    assert judged(made, operations.AddIndex("parcel", INDEX), operations.RemoveField("parcel", "number")) == []
