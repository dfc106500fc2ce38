"""Pages of a list by the key of the last row seen, so that rows added meanwhile neither repeat nor hide one."""

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Model, Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

PARAMETER = "cursor"


class KeysetPagination(BasePagination):
    """Rows in the order of the view's `ordering`, which is unique. Cursors are signed: nobody makes one up."""

    page_size = 50

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        ordering: tuple[str, ...] = getattr(view, "ordering", ("pk",))
        cursor = request.query_params.get(PARAMETER)
        if cursor:
            queryset = queryset.filter(_after(dict(zip(ordering, _read(cursor, ordering), strict=True))))
        rows = list(queryset.order_by(*ordering)[: self.page_size + 1])
        page, more = rows[: self.page_size], len(rows) > self.page_size
        here = request.build_absolute_uri()
        self.next = replace_query_param(here, PARAMETER, _write(page[-1], ordering)) if more else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        following = {"type": ["string", "null"], "format": "uri", "description": "The next page; null on the last."}
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {"results": schema, "next": following},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        description = "Where to go on: part of `next`, not to be made up."
        return [{"name": PARAMETER, "in": "query", "schema": {"type": "string"}, "description": description}]


def _after(last: dict[str, Any]) -> Q:
    """Rows behind `last`. Begins with a plain range, which an index on the leading field serves."""
    (leading, value), *_ = last.items()
    ties = Q()
    for place, name in enumerate(last):
        same = {earlier: last[earlier] for earlier in list(last)[:place]}
        ties |= Q(**same, **{f"{name}__gt": last[name]})
    return Q(**{f"{leading}__gte": value}) & ties


def _write(row: Model, ordering: tuple[str, ...]) -> str:
    values = [getattr(row, name) for name in ordering]
    return signing.dumps([v.isoformat() if isinstance(v, datetime) else v for v in values], salt=_salt(ordering))


def _read(cursor: str, ordering: tuple[str, ...]) -> list[Any]:
    try:
        values: list[Any] = signing.loads(cursor, salt=_salt(ordering))
    except signing.BadSignature as forged:
        raise ValidationError({PARAMETER: ["This cursor is none of ours. Start again without one."]}) from forged
    return values


def _salt(ordering: tuple[str, ...]) -> str:
    """One list's cursor is refused by another."""
    return f"orders.api.cursor:{','.join(ordering)}"
