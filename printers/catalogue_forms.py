"""What staff may change of series, models and slots, with sentences for what may not be."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from printers.backoffice import ModelForm
from printers.models import PrinterModel, Series, Slot

LOWEST, HIGHEST = 1, 99


class SeriesForm(ModelForm):
    """One of the two ways."""

    enrollment_path = forms.ChoiceField(
        label="How its printers are enrolled",
        choices=Series.EnrollmentPath.choices,
        widget=forms.RadioSelect,
        help_text="Download: a program reads the printer's ink and reports it. Instructions: the printer reports by "
        "itself, once its owner has typed a code there. Choose what these printers can do; plans that report already "
        "go on as they do.",
        error_messages={"required": "Choose one of the two ways.", "invalid_choice": "Choose one of the two ways."},
    )

    class Meta:
        model = Series
        fields = ("enrollment_path",)


class PictureSelect(forms.RadioSelect):
    """Each drawing beside its name."""

    def create_option(self, name: str, value: Any, label: Any, *given: Any, **named: Any) -> dict[str, Any]:
        drawn = _drawn(str(value), str(label)) if value else label
        return super().create_option(name, value, drawn, *given, **named)


def _drawn(picture: str, label: str) -> SafeString:
    context = {"picture": picture, "label": label, "named": True}
    return render_to_string("components/printer_picture.html", context)


class PrinterModelForm(ModelForm):
    """Whether new plans may be made, and its picture."""

    picture = forms.ChoiceField(
        required=False,
        choices=[("", "No picture"), *PrinterModel.Picture.choices],
        widget=PictureSelect,
        help_text="A drawing of its kind, on its public page.",
        error_messages={"invalid_choice": "Choose one of the drawings."},
    )

    class Meta:
        model = PrinterModel
        fields = ("eligible", "picture")


class SlotForm(ModelForm):
    """At which level its cartridge is low."""

    low_threshold = forms.IntegerField(
        label="Low at (percent)",
        help_text="At or below this level a cartridge is ordered, or earlier where the printer itself says low. It "
        "counts from each printer's next report on.",
        error_messages={
            "required": "Say at which level it is low.",
            "invalid": "A level is a whole number of percent, such as 15.",
        },
    )

    class Meta:
        model = Slot
        fields = ("low_threshold",)

    def clean_low_threshold(self) -> int:
        mark: int = self.cleaned_data["low_threshold"]
        if mark < LOWEST:
            raise forms.ValidationError("At 0 % it is empty, and its owner has waited: choose 1 % or more.")
        if mark > HIGHEST:
            raise forms.ValidationError("At 100 % a new cartridge would be low: choose 99 % or less.")
        return mark
