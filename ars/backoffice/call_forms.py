"""What staff type on a customer's page: a note, the code a caller reads out, or the two facts they know."""

from typing import Any

from django import forms

from enrollment.models.calls import NOTE_LENGTH
from orders.money import parse_number


class NoteForm(forms.Form):
    """A note. Its key is made with the page: sent twice, it is kept once."""

    text = forms.CharField(max_length=NOTE_LENGTH, label="Note", widget=forms.Textarea(attrs={"rows": 3}))
    pinned = forms.BooleanField(required=False, label="Keep it at the top of this page")
    follow_up_on = forms.DateField(
        required=False, label="Follow up on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class WhyForm(forms.Form):
    """Why, for colleagues. Its key is made with the page: sent twice, it is done once."""

    why = forms.CharField(max_length=160, label="Why", help_text="For colleagues, as a note: 'has moved house'.")
    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def asks(self) -> bool:
        """Whether something is to be chosen beside the reason, so that what will happen depends on it."""
        return len(self.fields) > len(WhyForm.base_fields)


class CodeForm(forms.Form):
    """What the caller reads out."""

    code = forms.CharField(
        max_length=20,
        label="The code the caller reads out",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
    )


class FactsForm(forms.Form):
    """What the caller knows."""

    number = forms.CharField(
        max_length=20, label="Number of an order", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    amount = forms.DecimalField(min_value=0, decimal_places=2, max_digits=8, label="Amount of the last charge")

    def clean_number(self) -> str:
        number = parse_number(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError("That is no order number: it has nine digits, and one of them is wrong.")
        return number

    @property
    def cents(self) -> int:
        """The amount of a valid form."""
        return int(self.cleaned_data["amount"] * 100)

    @property
    def facts(self) -> dict[str, Any]:
        """What a valid form says of the account."""
        return {"number": self.cleaned_data["number"], "cents": self.cents}
