"""What a migration must not do while the service runs on: operations that lock a table, or break the code before it.

Old code runs on while a migration is applied and until the last process is restarted: docs/operations.md has the rule.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import models
from django.db.migrations import Migration, RunSQL, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

GONE = "code that still runs asks for it: stop using it in one release, take it away in the next"
BREAKING = {
    operations.RenameField: GONE,
    operations.RenameModel: GONE,
    operations.AlterModelTable: GONE,
    operations.DeleteModel: GONE,
    operations.RemoveField: GONE,
}
LOCKING_SQL = {
    r"\bCREATE (UNIQUE )?INDEX (?!CONCURRENTLY)": "writers wait while it is built: CONCURRENTLY, atomic = False",
    r"\bSET NOT NULL\b": "everybody waits while rows are read: a NOT VALID check first, validated apart",
    r"\bALTER COLUMN \S+ (SET DATA )?TYPE\b": "the table is written anew: add a column, fill it, change over",
    r"\bADD CONSTRAINT (?!.*NOT VALID)": "everybody waits while rows are read: NOT VALID, and VALIDATE later",
    r"\b(VACUUM FULL|CLUSTER|REINDEX (?!.*CONCURRENTLY)|LOCK TABLE)\b": "it locks the table",
    r"\b(RENAME (COLUMN|TO)|DROP COLUMN|DROP TABLE)\b": GONE,
}


def complaints(migration: Migration, before: ProjectState, new: set[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with it, a sentence each. `before`: the models until then; `new`: those that no release had yet.

    Both are moved on by what the migration does.
    """
    app = migration.app_label
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            new.add((app, operation.name_lower))
        reason = _reason(operation, app, before, new)
        if reason:
            yield f"{app}.{migration.name}: {operation.describe()}: {reason}"
        operation.state_forwards(app, before)


def _reason(operation: Operation, app: str, before: ProjectState, new: set[tuple[str, str]]) -> str:
    model = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
    if model and (app, model) in new:
        return ""  # nobody uses it yet
    match operation:
        case RunSQL():
            return _of_sql(operation.sql)
        case AddIndexConcurrently() | AddConstraintNotValid():
            return ""
        case operations.AddIndex():
            return "writers wait while it is built: AddIndexConcurrently, atomic = False"
        case operations.AddConstraint():
            return "everybody waits while rows are read: AddConstraintNotValid, and ValidateConstraint later"
        case operations.AddField() | operations.AlterField():
            return _of_field(operation, before.models[app, operation.model_name_lower].fields)
    return next((reason for kind, reason in BREAKING.items() if isinstance(operation, kind)), "")


def _of_field(operation: operations.AddField | operations.AlterField, fields: dict[str, Any]) -> str:
    field: Any = operation.field
    if isinstance(operation, operations.AddField):
        if isinstance(field, models.ManyToManyField) or field.null or field.has_db_default():
            return ""
        return "old code inserts rows without it: give it null=True or a db_default"
    old = fields[operation.name]
    if old.null and not field.null:
        return "everybody waits while rows are read: a NOT VALID check first, validated apart"
    if type(old) is not type(field) or (old.max_length or 0) > (field.max_length or 0) > 0:
        return "the table is read or written anew: add a column, fill it, change over"
    if (field.db_index and not old.db_index) or (field.unique and not old.unique):
        return "writers wait while its index is built: AddIndexConcurrently, atomic = False"
    return ""


def _of_sql(sql: object) -> str:
    text = " ".join(str(sql).upper().split())
    return next((reason for pattern, reason in LOCKING_SQL.items() if re.search(pattern, text)), "")
