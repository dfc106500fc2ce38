"""Queries whose SQL is made once a process: Django makes it anew each time, for longer than PostgreSQL answers it."""

from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.utils.functional import cached_property

Row = TypeVar("Row", bound=Model)


class Compiled(Generic[Row]):
    """What a queryset finds that `make` makes of parameters, one a field; their values are given when it is read."""

    def __init__(self, make: Callable[..., QuerySet[Row]], *fields: "Field[Any, Any]") -> None:
        self._make, self._fields = make, fields

    def read(self, *values: object) -> list[Row]:
        queryset = self._queryset.all()
        assert isinstance(queryset.query, _Query)
        queryset.query.values = values
        return list(queryset)

    @cached_property
    def _queryset(self) -> QuerySet[Row]:
        queryset = self._make(*(_Parameter(place, field) for place, field in enumerate(self._fields)))
        compiler = _Compiler(queryset.query, connections[DEFAULT_DB_ALIAS], DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        del compiler.connection  # which is this thread's
        queryset.query = queryset.query.chain(klass=_Query)
        assert isinstance(queryset.query, _Query)
        queryset.query.compiled = compiler, sql, parameters
        return queryset


class _Parameter(Expression):
    """Stands for itself among the parameters of the SQL, until there is a value."""

    def __init__(self, place: int, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.place = place

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, Any]:
        return "%s", (self,)


class _Compiler(SQLCompiler):
    """Says what it is given, once it is."""

    said: tuple[str, tuple[Any, ...]] | None = None

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> Any:
        return self.said or super().as_sql(with_limits, with_col_aliases)


class _Query(Query):
    """Says its SQL with other values; were it filtered further, it would say the same, so nobody gets hold of it."""

    compiled: tuple[_Compiler, str, tuple[Any, ...]]
    values: tuple[object, ...]

    def get_compiler(self, using: str | None = None, *_: Any, **__: Any) -> SQLCompiler:
        made, sql, parameters = self.compiled
        given = tuple(self.values[each.place] if isinstance(each, _Parameter) else each for each in parameters)
        compiler = copy(made)
        compiler.connection = connections[using or DEFAULT_DB_ALIAS]
        compiler.said = sql, given
        return compiler
