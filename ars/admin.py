"""Back office: the audit, which nobody writes here: who changed what, when, from where, before and after."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ars import audit
from enrollment.models import Change
from printers.backoffice import FactAdmin

SHOWN = 3  # columns of a change that its row in the list shows
LONGEST = 60  # characters of a value there


class What(admin.SimpleListFilter):
    """The kind of thing that was changed."""

    title = "what"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((label.lower(), name_of(label)) for label in audit.WATCHED), key=lambda each: each[1].lower())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(model=self.value()) if self.value() else queryset


class Whose(admin.SimpleListFilter):
    """Whether people or programs did it."""

    title = "who"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("staff", "staff"), ("partners", "partners")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        if self.value() not in ("staff", "partners"):
            return queryset
        return queryset.filter(key__isnull=self.value() == "staff")


@admin.register(Change)
class ChangeAdmin(FactAdmin):
    """Written by the database (enrollment/sql/changes.sql): also what was changed without a form."""

    list_display = ["at", "who", "verb", "what", "thing", "short", "from_address"]
    list_filter = [Whose, "verb", What]
    search_fields = ["who__istartswith", "=object_text", "=object_id", "=about__email"]
    by_date = "at"
    ordering = ["-at", "-pk"]
    readonly_fields = ["what", "thing", "customer", "with_it", "differences"]
    fields = [
        *("at", "who", "from_address", "request", "action", "verb", "what", "thing", "customer"),
        *("differences", "with_it"),
    ]

    @admin.display(ordering="model")
    def what(self, change: Change) -> str:
        return name_of(change.model)

    @admin.display(description="which")
    def thing(self, change: Change) -> str:
        called = f"{change.object_text} ({change.object_id})" if change.object_text else change.object_id
        model = model_of(change.model)
        if model is None or not admin.site.is_registered(model):
            return called
        address = reverse(f"admin:{change.model.replace('.', '_')}_change", args=[change.object_id])
        return format_html('<a href="{}">{}</a>', address, called)

    @admin.display(description="before → after")
    def short(self, change: Change) -> SafeString:
        rows = list(differences(change))
        left = len(rows) - SHOWN
        return _table(rows[:SHOWN], left=left if left > 0 else 0, longest=LONGEST)

    @admin.display(description="before and after")
    def differences(self, change: Change) -> SafeString:
        model = model_of(change.model)
        rows = [] if model is None else list(_named(model, differences(change)))
        return _table(rows or list(differences(change)))

    @admin.display(description="customer")
    def customer(self, change: Change) -> str:
        if change.about_id is None:
            return "-"
        address = f"{reverse('admin:enrollment_change_changelist')}?about_id={change.about_id}"
        return format_html('<a href="{}">All changes about account {}</a>', address, change.about_id)

    @admin.display(description="done with it")
    def with_it(self, change: Change) -> str:
        count = Change.objects.filter(request_id=change.request_id).count()
        address = f"{reverse('admin:enrollment_change_changelist')}?request_id={change.request_id}"
        return format_html('<a href="{}">All {} changes of this request</a>', address, count)


def model_of(label: str) -> type[Model] | None:
    """The model of a label, unless there is none any more."""
    try:
        return apps.get_model(label)
    except LookupError:
        return None


def name_of(label: str) -> str:
    """A kind of thing in words."""
    model = model_of(label)
    return label if model is None else str(model._meta.verbose_name)


def differences(change: Change) -> Iterator[tuple[str, Any, Any]]:
    """(column, before, after) of each that differs."""
    before, after = change.before or {}, change.after or {}
    for column in sorted(before.keys() | after.keys()):
        yield column, before.get(column), after.get(column)


def _named(model: type[Model], rows: Iterator[tuple[str, Any, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """The same in words: columns as forms name them, and what they point to by its name as it is now."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    for column, before, after in rows:
        field = fields.get(column)
        if field is None:
            yield column, before, after
        elif not isinstance(field, ForeignKey):
            yield str(field.verbose_name), before, after
        else:
            found = field.related_model._default_manager.in_bulk([each for each in (before, after) if each is not None])
            named = {pk: f"{row} ({pk})" for pk, row in found.items()}
            yield str(field.verbose_name), named.get(before, before), named.get(after, after)


def _table(rows: list[tuple[str, Any, Any]], left: int = 0, longest: int | None = None) -> SafeString:
    return render_to_string("backoffice/differences.html", {"rows": rows, "left": left, "longest": longest})
