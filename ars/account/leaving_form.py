"""The form of Cancel Plan (promise P15). Nobody is kept by it: whatever is typed, it can be sent."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollment.reasons import Reason

SEND, DROP = "send", "drop"


class Willing(forms.ChoiceField):
    """A choice that is never wrong: what is no choice is the one it began with."""

    def clean(self, value: Any) -> Any:
        return value if self.valid_value(value) else self.initial


class LeavingForm(forms.Form):
    """Why, if they like to say, and what becomes of each order that is not packed. Nothing in it can be wrong."""

    reason = Willing(
        label=_("Reason"), choices=Reason.choices, initial=Reason.UNSAID, widget=forms.RadioSelect, required=False
    )
    words = forms.CharField(label=_("In your words"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, undecided: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        """`undecided`: the orders to choose for, each with what is chosen at first."""
        super().__init__(*args, **kwargs)
        self.orders = dict(undecided)
        for pk, initial in self.orders.items():
            self.fields[f"order_{pk}"] = Willing(
                label=_("What becomes of it"),
                choices=_choices(initial),
                initial=initial,
                widget=forms.RadioSelect,
                required=False,
            )

    @property
    def dropped(self) -> list[int]:
        """The orders to be cancelled too."""
        return [pk for pk in self.orders if self.cleaned_data[f"order_{pk}"] == DROP]


def _choices(first: str) -> list[tuple[str, Any]]:
    """The one that is chosen at first stands first."""
    both = [(SEND, _("Still send it")), (DROP, _("Cancel it too"))]
    return both if first == SEND else both[::-1]
