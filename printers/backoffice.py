"""What the pages of the back office have in common: facts are read there, and an edit writes only what was edited."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import CharField, ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
    TabularInline = admin.TabularInline[Any, Any]
    AnyPaginator = Paginator[Any]
else:
    AnyModelAdmin, ModelForm, TabularInline = admin.ModelAdmin, forms.ModelForm, admin.TabularInline
    AnyPaginator = Paginator


class Roughly(AnyPaginator):
    """Of a whole table that is large it says about how many rows there are: to count them would be to read them all."""

    EXACT = 10_000

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet) and not rows.query.where and not rows.query.is_sliced:
            about = rows_about(rows.model)
            if about > self.EXACT:
                return about
        return super().count


def rows_about(model: type[Model]) -> int:
    """How many rows a table has, by the database's own statistics."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return int(cursor.fetchone()[0])


class Often(admin.AllValuesFieldListFilter):
    """A filter by the values of a text: of a large table those that occur often, by the database's own statistics."""

    lookup_choices: Any  # anything to choose from; its stub knows of querysets alone

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, *args, **kwargs)
        if rows_about(field.model) > Roughly.EXACT:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT most_common_vals::text::text[] FROM pg_stats"
                    " WHERE schemaname = current_schema() AND tablename = %s AND attname = %s",
                    [field.model._meta.db_table, field.column],
                )
                known = cursor.fetchone()
            self.lookup_choices = sorted((known and known[0]) or [])


NUMBER = re.compile(r"[0-9]{1,18}")  # of a row: a bigint


class Numbered:
    """Of a field in which one types to find a row: what was sent and is no row's number is not looked for again."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:
        numbers = [each for each in value if NUMBER.fullmatch(each)]
        return super().optgroups(name, numbers, attr)  # type: ignore[misc]  # of the widget beside it


class Chooser(Numbered, AutocompleteSelect):
    """For one row."""


class Choosers(Numbered, AutocompleteSelectMultiple):
    """For any number of rows."""


class ModelAdmin(AnyModelAdmin):
    """A page of the back office. Django itself fails where the number of a chosen row is none, and counts all rows."""

    paginator = Roughly
    show_full_result_count = False

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Chooser(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = Choosers(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def shown_once(page: ModelAdmin, request: HttpRequest, secrets: list[tuple[str, str]], then: str) -> HttpResponse:
    """Secrets by what each is of, on a page that nothing keeps: messages wait in cookies and sessions, this does not.

    `then` says what to do with them.
    """
    context = {
        **page.admin_site.each_context(request),
        "title": f"New {page.opts.verbose_name}: shown this once",
        "opts": page.opts,
        "secrets": secrets,
        "then": then,
    }
    answer = TemplateResponse(request, "admin/shown_once.html", context)
    add_never_cache_headers(answer)
    return answer


class ReadOnly:
    """Nobody adds, changes or deletes; who may view, views."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FactAdmin(ReadOnly, ModelAdmin):
    """Rows that verbs and machines write, and people read: as many as there ever were, so no list looks at all of them.

    `by_date` names a time to choose days by; Django's own hierarchy of dates reads every row to know the years.
    """

    by_date = ""

    def get_list_filter(self, request: HttpRequest) -> Any:
        chosen = [*super().get_list_filter(request), *([self.by_date] if self.by_date else [])]
        return [(each, Often) if self._is_free_text(each) else each for each in chosen]

    def _is_free_text(self, name: Any) -> bool:
        if not isinstance(name, str) or "__" in name:
            return False
        field = self.opts.get_field(name)
        return isinstance(field, CharField) and not field.choices


class FactInline(ReadOnly, TabularInline):
    """The same, on the page of what they belong to; `related` is fetched along."""

    extra = 0
    related: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.related)


class EditAdmin(ModelAdmin):
    """Rows of which staff may edit a few fields: what others wrote meanwhile into the rest stays."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            obj.save(force_insert=True)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
