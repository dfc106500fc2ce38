"""The small sets of a customer's page: money, addresses, cards, notes, calls, last decisions, all read with their row.

Each is a column of JSON beside the customer, so that all of them are one query, however many there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject

from billing.models import Card, Charge
from enrollment.models import Address, CallerCheck, Note, User
from orders.models import Decision

NOTES_SHOWN, CHECKS_READ, MOST = 20, 10, 10
Known = Mapping[str, Any]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Small:
    """A set of a customer: who may read it, its rows, and what is read of each."""

    right: str
    rows: Callable[["QuerySet[Any]"], "QuerySet[Any]"]
    model: type[Model]
    facts: Mapping[str, str]


def _notes(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """What is pinned, what is still to be followed up, and the newest."""
    still = ExpressionWrapper(Q(follow_up_on__isnull=False, done_at=None), BooleanField())
    ordered = rows.filter(user=OuterRef("pk")).annotate(still=still).order_by("-pinned", "-still", "-at", "-pk")
    newest: QuerySet[Any] = ordered[:NOTES_SHOWN]
    return newest


def _decided(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Of each plan, what was decided last."""
    of_plans = rows.filter(replenishment__plan__user=OuterRef("pk"))
    return of_plans.order_by("replenishment__plan", "-at", "-pk").distinct("replenishment__plan")


def _named(*names: str) -> dict[str, str]:
    return {name: name for name in names}


SETS = {
    "known_addresses": Small(
        "enrollment.view_address",
        lambda rows: rows.filter(user=OuterRef("pk")).order_by("-created_at", "-pk")[:MOST],
        Address,
        _named("full_name", "line1", "city", "state", "postal_code", "phone"),
    ),
    "known_cards": Small(
        "billing.view_card",
        lambda rows: rows.filter(user=OuterRef("pk"), removed_at=None).order_by("-pk")[:MOST],
        Card,
        _named("brand", "last4", "exp_month", "exp_year"),
    ),
    "known_notes": Small(
        "enrollment.view_note",
        _notes,
        Note,
        _named("id", "user_id", "at", "text", "pinned", "follow_up_on", "done_at")
        | {"by": "by__email", "done_by": "done_by__email"},
    ),
    "known_checks": Small(
        "enrollment.view_callercheck",
        lambda rows: rows.filter(user=OuterRef("pk")).order_by("-at", "-pk")[:CHECKS_READ],
        CallerCheck,
        _named("id", "at", "how", "tries", "verified_at") | {"verified_by": "verified_by__email"},
    ),
    "known_decisions": Small(
        "orders.view_decision",
        _decided,
        Decision,
        {"plan": "replenishment__plan_id", "kind": "kind", "at": "at", "level": "signal__level"}
        | {"mark": "signal__threshold", "supply": "signal__slot__name"},
    ),
}


def of(staff: User) -> "QuerySet[User]":
    """Customers with the sets `staff` may read, and `money`.

    That is what was charged and given back, in cents, and which charge paid for which order.
    """
    read = {name: _column(small) for name, small in SETS.items() if staff.has_perm(small.right)}
    taken = Charge.objects.took_money().filter(order__user=OuterRef("pk")).order_by().values("order__user")
    sums = {"charged": Sum("amount_cents"), "refunded": Sum("refunded_cents")}
    money = JSONObject(**sums, orders=ArrayAgg("order_id", order_by="pk"), charges=ArrayAgg("pk", order_by="pk"))
    return User.objects.annotate(money=Subquery(taken.annotate(money=money).values("money")), **read)


def _column(small: Small) -> ArraySubquery:
    rows = small.rows(small.model._default_manager.all())
    return ArraySubquery(rows.annotate(read=JSONObject(**small.facts)).values("read"))


def rows_of(user: User, name: str) -> list[Known]:
    """What was read of a set; nothing where it was not."""
    return list(getattr(user, name, None) or [])


def models_of(user: User, name: str, model: type[M]) -> list[M]:
    """The same as rows of `model`, with what was read of them and no more; people by their address alone."""
    return [_revived(model, known) for known in rows_of(user, name)]


def _revived(model: type[M], known: Known) -> M:
    fields: dict[str, Any] = {}
    for name, value in known.items():
        field = model._meta.get_field(name.removesuffix("_id"))
        if field.is_relation and not name.endswith("_id"):
            fields[name] = User(email=value) if value else None
        else:
            fields[name] = value if field.is_relation else field.to_python(value)  # type: ignore[union-attr]
    return model(**fields)
