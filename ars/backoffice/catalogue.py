"""Staff take the catalogue and the price list out as CSV, and bring them back: done as it was shown first."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import FileExtensionValidator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from ars.backoffice.pages import show, staff_page
from enrollment.acting import staff_of
from orders.price_table import PRICES
from printers import exchange
from printers.catalogue_tables import MAPPINGS, MODELS, SKUS, SLOTS
from printers.exchange import MOST_BYTES, Outcome, Table
from printers.facts import Refused

# By table: the right that its rows are changed by in the admin too.
RIGHTS = {
    MODELS: "printers.change_printermodel",
    SLOTS: "printers.change_slot",
    SKUS: "printers.change_sku",
    MAPPINGS: "printers.change_slotsku",
    PRICES: "orders.add_price",
}
TABLES = {table.name: table for table in RIGHTS}
TOO_LARGE = "The file is larger than 1 MB. Divide it."
NOT_WHOLE = "The file did not come back whole. Choose it again."


class FileForm(forms.Form):
    """Which table, and its file."""

    table = forms.ChoiceField(choices=[], label="What is in the file")
    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, at most 1 MB and 5,000 rows, with the columns above.",
        validators=[FileExtensionValidator(["csv"], "Choose a file whose name ends in .csv.")],
    )

    def __init__(self, tables: list[Table], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        choice = self.fields["table"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(table.name, table.label) for table in tables]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file


@staff_page(*RIGHTS.values())
@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """One table as it stands."""
    table = _table(request, kind)
    answer = HttpResponse(exchange.export(table), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return answer


@staff_page(*RIGHTS.values())
@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """A file is looked at, and the page that shows what it does has the button that does it."""
    if "content" in request.POST:
        return _do(request)
    sent = request.method == "POST"
    form = FileForm(_tables(request), request.POST if sent else None, request.FILES if sent else None)
    if not sent or not form.is_valid():
        return _asked(request, form)
    content = form.cleaned_data["file"].read()
    return _look(request, TABLES[form.cleaned_data["table"]], content)


def _do(request: HttpRequest) -> HttpResponse:
    table = _table(request, request.POST.get("table", ""))
    try:
        content = b64decode(request.POST["content"], validate=True)
    except (NotBase64, ValueError):
        messages.error(request, NOT_WHOLE)
        return HttpResponseRedirect(reverse("backoffice:import"))
    try:
        outcome = exchange.run(table, content, timezone.now(), request.POST.get("seen", ""))
    except Refused as refused:
        messages.error(request, str(refused))
        return _look(request, table, content)
    if outcome.done:
        told = f"{table.label}: {len(outcome.added)} added, {_rows(outcome)} changed."
        messages.success(request, told)
    return HttpResponseRedirect(reverse("backoffice:import"))


def _look(request: HttpRequest, table: Table, content: bytes) -> HttpResponse:
    """A trial."""
    try:
        outcome = exchange.run(table, content, timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("backoffice:import"))
    context = {
        "table": table,
        "outcome": outcome,
        "added": [[cells[column] for column in table.columns] for cells in outcome.added],
        "rows_changed": _rows(outcome),
        "content": b64encode(content).decode(),
    }
    return show(request, "backoffice/import_look.html", f"What the file changes: {table.label.lower()}", **context)


def _rows(outcome: Outcome) -> int:
    return len({what for what, *_ in outcome.changed})


def _asked(request: HttpRequest, form: FileForm) -> HttpResponse:
    return show(request, "backoffice/import.html", "Catalogue as CSV", form=form, tables=_tables(request))


def _tables(request: HttpRequest) -> list[Table]:
    return [table for table, right in RIGHTS.items() if staff_of(request).has_perm(right)]


def _table(request: HttpRequest, name: str) -> Table:
    if (table := TABLES.get(name)) is None:
        raise Http404
    if table not in _tables(request):
        raise PermissionDenied
    return table
