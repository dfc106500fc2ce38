"""Forms of the back office: where a partner's system listens, and for what."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext

from notifications.models import Delivery, Endpoint, WebhookType
from notifications.webhooks import addresses, catalogue, deliveries
from printers.facts import Refused

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Endpoint]
else:
    ModelForm = forms.ModelForm


class EndpointForm(ModelForm):
    """Refuses an address we do not speak to, and events its partner has no key for."""

    types = forms.TypedMultipleChoiceField(
        choices=[(each, each) for each in WebhookType.values],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Events",
        help_text="None: nothing is sent any more.",
    )

    class Meta:
        model = Endpoint
        fields = ["partner", "url", "types"]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            addresses.check(url)
        except Refused as refused:
            raise ValidationError(str(refused), refused.code) from refused
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        partner = cleaned.get("partner") or (self.instance.partner if self.instance.pk else None)
        if partner is not None and (missing := catalogue.scope_missing(partner, cleaned.get("types", []))):
            text = gettext("%(partner)s holds no key for: %(scopes)s. Make one first, or leave these events out.")
            self.add_error("types", text % {"partner": partner, "scopes": ", ".join(missing)})
        return cleaned


class FailedForm(forms.Form):
    """Which failed messages are sent again: since when, and of which endpoint."""

    since = forms.SplitDateTimeField(
        label="Made at or after (UTC)",
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date"}, time_attrs={"type": "time", "aria-label": "Time of day, UTC"}
        ),
        help_text="The day, and the time of day.",
    )
    endpoint = forms.ModelChoiceField(Endpoint.objects.order_by("url"), required=False, empty_label="All endpoints")

    def found(self) -> QuerySet[Delivery]:
        """What a valid form asks for."""
        return deliveries.failed(self.cleaned_data["since"], self.cleaned_data["endpoint"])
