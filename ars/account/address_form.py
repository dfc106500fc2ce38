"""The form that says where ink goes, with what it knows of places and of how they are written."""

import re
from typing import Any

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from enrollment import spelling, states, zip_codes
from enrollment.models import Address

USUAL, TYPED = "usual", "typed"
NINE_DIGITS = re.compile(r"^(\d{5})[ ]?(\d{4})$", re.ASCII)


class OneLine(forms.CharField):
    """Words on one line, as labels are printed."""

    def __init__(self, *, autocomplete: str, missing: Any = None, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
            error_messages={"required": missing} if missing else {},
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        return " ".join(str(super().clean(value)).split())


class AddressForm(forms.Form):
    """A place in the 50 states or DC; checked against itself, never against the outside.

    Where it is usually written otherwise, the form asks once which spelling is right: see `must_ask` and `ask`.
    """

    folded = "line2"  # shown on demand: many stop at a field they do not need

    full_name = OneLine(label=_("Full name"), max_length=120, autocomplete="name", missing=_("Type who it is for."))
    attention = OneLine(
        label=pgettext_lazy("second line of an address", "Attention"),
        max_length=60,
        required=False,
        autocomplete="organization",
        help_text=_("A person, a desk or a department: it stands on the parcel."),
    )
    line1 = OneLine(
        label=_("Street address"), max_length=120, autocomplete="address-line1", missing=_("Type street and number.")
    )
    line2 = OneLine(label=_("Apartment, suite or floor"), max_length=120, required=False, autocomplete="address-line2")
    city = OneLine(label=_("City"), max_length=80, autocomplete="address-level2", missing=_("Type the city."))
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Choose a state")), *states.NAMES.items()],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={
            "required": _("Choose a state."),
            "invalid_choice": _("We send to the 50 states and to Washington, DC: choose one of them."),
        },
    )
    postal_code = OneLine(
        label=_("ZIP code"), max_length=10, autocomplete="postal-code", missing=_("Type the ZIP code: five digits.")
    )

    usual: dict[str, str] | None = None

    def clean_postal_code(self) -> str:
        typed = NINE_DIGITS.sub(r"\1-\2", str(self.cleaned_data["postal_code"]))
        if not zip_codes.ZIP_CODE.fullmatch(typed):
            raise forms.ValidationError(_("A ZIP code is five digits, such as 97201, or nine: 97201-1234."))
        if outside := zip_codes.outside_of(typed):
            text = _("%(zip)s is a ZIP code of %(place)s. We send to the 50 states and to Washington, DC alone.")
            raise forms.ValidationError(text % {"zip": typed, "place": outside})
        if not zip_codes.states_of(typed):
            raise forms.ValidationError(_("We know no place with this ZIP code. Check its first three digits."))
        return typed

    def clean(self) -> None:
        """Where both are well formed, ZIP code and state are of one place."""
        typed, state = self.cleaned_data.get("postal_code"), self.cleaned_data.get("state")
        if not typed or not state or state in (found := zip_codes.states_of(typed)):
            self._respell()
            return
        places = get_text_list([states.NAMES[each] for each in found], gettext("or"))
        facts = {"zip": typed, "place": places, "state": states.NAMES[state]}
        self.add_error(
            "postal_code", _("%(zip)s is a ZIP code of %(place)s, not of %(state)s. Check which is right.") % facts
        )

    def _respell(self) -> None:
        """Keep what is usually written otherwise, and take it where that was chosen."""
        if self.errors:
            return
        tidy = {**self.cleaned_data, **spelling.tidied(self.cleaned_data)}
        self.usual = tidy if tidy != self.cleaned_data else None
        if self.data.get("spelling") == USUAL:
            self.cleaned_data = tidy

    @property
    def must_ask(self) -> bool:
        """Whether this address, which is right, is usually written otherwise, and nobody has chosen yet."""
        return self.usual is not None and self.data.get("spelling") not in (USUAL, TYPED)

    def ask(self) -> None:
        """Add the question which spelling is right, the usual one being chosen."""
        assert self.usual is not None  # it must be asked
        choices = [
            (USUAL, _("As it is usually written: %(address)s") % {"address": spelling.one_line(self.usual)}),
            (TYPED, _("As you typed it: %(address)s") % {"address": spelling.one_line(self.cleaned_data)}),
        ]
        field = forms.ChoiceField(label=_("Which is right?"), choices=choices, widget=forms.RadioSelect)
        self.fields = {"spelling": field, **self.fields}
        self.data = {**self.cleaned_data, "spelling": USUAL}

    @staticmethod
    def of(address: Address | None) -> dict[str, str]:
        """What the form begins with."""
        return address.as_ship_to() if address else {}
