"""The form of "Something is wrong with this order": what, and with how many pieces of each line."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ars.account.order_rows import name_of
from orders import words_after
from orders.aftercare import Pieces
from orders.clock import Clock
from orders.models import Complaint


class ProblemForm(forms.Form):
    """`seen` is how many pieces were told of when the page was made: it gives a second click away."""

    what = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=[(kind, _(label)) for kind, label in words_after.PROBLEMS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what is wrong.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, left: Iterable[Pieces], last_day: date | None, clock: Clock, **kwargs: Any) -> None:
        """`left`: the lines of which something is left to complain of. One piece alone needs no question how many."""
        super().__init__(*args, **kwargs)
        self.left, self.last_day, self.clock = list(left), last_day, clock
        for each in self.left if sum(each.left for each in self.left) > 1 else []:
            self.fields[f"line_{each.line.pk}"] = forms.IntegerField(
                label=_("How many: %(supply)s") % {"supply": name_of(each.line)},
                min_value=0,
                max_value=each.left,
                initial=each.left,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        early = self.last_day is None or self.clock.today <= self.last_day
        if typed.get("what") == Complaint.Kind.NOT_COME and early:
            self.add_error("what", words_after.not_late(self.last_day, self.clock))
        if not self.errors and not any(self.pieces.values()):
            self.add_error(None, _("Say how many: at least one."))
        return typed

    @property
    def pieces(self) -> dict[int, int]:
        """Line id to how many pieces are meant."""
        counted = {each.line.pk: self.cleaned_data.get(f"line_{each.line.pk}", each.left) for each in self.left}
        return {line_id: count for line_id, count in counted.items() if count}
