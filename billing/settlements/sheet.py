"""The books as a CSV file for the accountant: a row a line, then what they come to by state, by SKU and in all."""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal

from billing.settlements.reading import Row

HEAD = ("date_utc", "order", "kind", "state", "sku", "quantity", "gross", "tax", "net", "currency", "stripe_id")
BY_STATE, BY_SKU, IN_ALL = "total_of_state", "total_of_sku", "total"  # in the column of the kind
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate instead of showing it
Amounts = tuple[int, int, int]  # pieces, gross and tax
Total = tuple[str, str, str, str]  # what it is of, currency, state, SKU


class _Line:
    """What the CSV writer writes into: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The file, line by line; only its totals are kept meanwhile."""
    writer, totals = csv.writer(_Line()), dict[Total, Amounts]()
    yield writer.writerow(HEAD)
    for row in rows:
        part, date = row.part, f"{row.at:%Y-%m-%d}"
        amounts = (part.quantity, part.gross_cents, part.tax_cents)
        state, sku = _text(row.state), _text(part.sku)
        about = (date, _text(row.order), row.kind.value, state, sku)
        yield writer.writerow((*about, *_shown(amounts), row.currency, _text(row.stripe_id)))
        for of in (
            (BY_STATE, row.currency, state, ""),
            (BY_SKU, row.currency, "", sku),
            (IN_ALL, row.currency, "", ""),
        ):
            pieces, gross, tax = totals.get(of, (0, 0, 0))
            totals[of] = (pieces + amounts[0], gross + amounts[1], tax + amounts[2])
    for kind in (BY_STATE, BY_SKU, IN_ALL):
        for (total, currency, state, sku), amounts in sorted(totals.items()):
            if total == kind:
                yield writer.writerow(("", "", total, state, sku, *_shown(amounts), currency, ""))


def _shown(amounts: Amounts) -> tuple[int, Decimal, Decimal, Decimal]:
    """Pieces, and gross, tax and net in whole units: 26.76 of 2676 cents, with a point in every language."""
    pieces, gross, tax = amounts
    return pieces, _units(gross), _units(tax), _units(gross - tax)


def _units(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _text(value: str) -> str:
    """What others may have written, never a formula: https://owasp.org/www-community/attacks/CSV_Injection."""
    return f"'{value}" if value.startswith(FORMULA) else value
