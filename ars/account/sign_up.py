"""What allauth's sign-up asks besides the address. Apart from the other forms, because allauth builds on it."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from enrollment.models import User


class FullName(forms.Form):
    """The person's name, as parcels and mails say it."""

    full_name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is made."""
        user.full_name = " ".join(self.cleaned_data["full_name"].split())
        user.save(update_fields=["full_name"])
