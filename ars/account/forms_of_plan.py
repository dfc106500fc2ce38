"""The forms of a plan: what the printer is called, what happens when ink is low, when to pause, each cartridge."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ars.account.address_form import OneLine
from enrollment.lifecycle import LONGEST_NICKNAME, MOST_SPARES
from enrollment.models import Plan

LONGEST_PAUSE = timedelta(days=365)


class NameForm(forms.Form):
    """What the printer is called."""

    nickname = OneLine(
        label=_("Name"),
        max_length=LONGEST_NICKNAME,
        required=False,
        autocomplete="off",
        help_text=_("Such as Front desk. Pages, mails and packing slips say it. Empty, and it is its model."),
    )


class WhenLowForm(forms.Form):
    """Send it, a day first, or ask."""

    when_low = forms.ChoiceField(
        label=_("When ink is low"),
        choices=[
            (Plan.WhenLow.SEND, _("Send it")),
            (Plan.WhenLow.DAY_FIRST, _("Give me a day first: we order, and pack 24 hours later at the earliest")),
            (Plan.WhenLow.ASK, _("Ask me each time: nothing is ordered without your yes")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three."), "invalid_choice": _("Choose one of the three.")},
    )


class PauseForm(forms.Form):
    """Until when to order nothing."""

    until = forms.DateField(
        label=_("Pause until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On that day it goes on by itself. Leave it empty to pause until you resume."),
        error_messages={"invalid": _("Write the day as year-month-day, such as 2027-01-04.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["until"].widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + LONGEST_PAUSE).isoformat(),
        }

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and not self.today < until <= self.today + LONGEST_PAUSE:
            raise forms.ValidationError(_("Choose a day after today, within a year."))
        return until


class CartridgeForm(forms.Form):
    """One slot of the printer: which size is sent, and how many spares are at hand."""

    size = forms.ChoiceField(
        label=_("Size"), widget=forms.RadioSelect, error_messages={"required": _("Choose a size.")}
    )
    spares = forms.IntegerField(
        label=_("Spares at hand"),
        min_value=0,
        max_value=MOST_SPARES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("So many times it is low, we take it that you put in a spare, and order nothing."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Give a number from 0 to 99.")
        ),
    )

    def __init__(self, *args: Any, sizes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(sizes) > 1:
            self.fields["size"].choices = sizes  # type: ignore[attr-defined]  # a ChoiceField has them
        else:
            del self.fields["size"]
