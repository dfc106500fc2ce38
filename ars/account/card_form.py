"""Card entry: the card service's own field in our page, so that a number never touches our computers.

One path for Stripe and for its stand-in: `static/js/card.js` saves the card there under a secret of ours, and the form
then brings nothing but the name of what was saved.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ars.stripe_keys import STRIPE, is_stripe
from billing import cards
from billing.models import Card
from enrollment.limits import Limit
from enrollment.models import User
from printers.facts import Refused

SCRIPTS, BANKS = "https://js.stripe.com", "https://hooks.stripe.com"
BEGUN = Limit("card", most=20, seconds=3600)  # nobody has so many cards, but whoever tries stolen ones does
ANOTHER = "new"


def script() -> str:
    """The address of the script that draws the field: Stripe's, or that of its stand-in."""
    base = settings.STRIPE_API_BASE
    return f"{SCRIPTS}/v3/" if is_stripe(base) else f"{base}/js.stripe.com/v3/"


def policy() -> dict[str, list[str]]:
    """What a page with the field may load beyond our own: exactly the card service's hosts."""
    base = settings.STRIPE_API_BASE
    if not is_stripe(base):
        return {"script-src": [SELF, base], "connect-src": [SELF, base]}
    return {"script-src": [SELF, SCRIPTS], "frame-src": [SCRIPTS, BANKS], "connect-src": [SELF, STRIPE]}


def card_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that may ask for a card."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response: HttpResponseBase = csp_update(policy())(view)(request, *args, **kwargs)
        return response

    return page


def field(setup_url: str) -> dict[str, str]:
    """What `components/card_field.html` is told."""
    return {"script": script(), "key": settings.STRIPE_PUBLISHABLE_KEY, "setup": setup_url}


def begin(user: User) -> JsonResponse:
    """The secret for saving one card, or the sentence that says why there is none."""
    if BEGUN.count(user.pk) > BEGUN.most:
        return too_many()
    try:
        return JsonResponse({"client_secret": cards.begin_setup(user)})
    except Refused as refused:
        return JsonResponse({"sentence": str(refused)}, status=503)


def too_many() -> JsonResponse:
    """What a script is told whose page has asked too often."""
    sentence = gettext("That was many tries in a short time. Wait an hour, or call us. Nothing was charged.")
    return JsonResponse({"sentence": sentence}, status=429)


@never_cache
@login_required
@require_POST
def setup(request: HttpRequest) -> HttpResponse:
    """Asked by the script of a signed-in customer's page."""
    assert isinstance(request.user, User)
    return begin(request.user)


def shown(card: Card, today: date) -> str:
    """'Visa 4242, expires 08/2028'."""
    text = gettext("%(card)s, expired %(month)s") if card.has_expired(today) else gettext("%(card)s, expires %(month)s")
    return text % {"card": card, "month": f"{card.exp_month:02}/{card.exp_year}"}


class CardForm(forms.Form):
    """A card just saved at the card service, and what it is to pay for."""

    setup_intent = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    everywhere = forms.BooleanField(label=_("Use this card for all my printers"), required=False)

    def clean(self) -> None:
        if self.wants_entry and not self.cleaned_data.get("setup_intent"):
            raise forms.ValidationError(
                _("No card was entered, so nothing was changed and nothing was charged. Type its number and try again.")
            )

    @property
    def wants_entry(self) -> bool:
        """Whether a card has to be typed."""
        return True

    def keep(self, user: User) -> Card:
        """The card meant. Raises Refused; a confirmed one that came to nothing is forgotten, so that another can."""
        try:
            return cards.keep_confirmed(user, str(self.cleaned_data["setup_intent"]))
        except Refused as refused:
            if refused.code == "card_refused":
                self.data = {**self.data, "setup_intent": ""}
            raise


class PaymentMethodForm(CardForm):
    """Which card pays for a printer: one of those saved, or another."""

    field_order = ("card", "setup_intent", "everywhere")

    def __init__(self, sent: Any, *, saved: list[Card], current: Card | None, today: date) -> None:
        self.saved, self.today = {str(card.pk): card for card in saved}, today
        good = [card for card in saved if not card.has_expired(today)]
        chosen = current or next(iter(good), None)  # a second printer begins with the card of the first
        super().__init__(sent, initial={"card": str(chosen.pk) if chosen else ANOTHER})
        if saved:
            choices = [(pk, shown(card, today)) for pk, card in self.saved.items()]
            self.fields["card"] = forms.ChoiceField(
                label=_("Card"),
                choices=[*choices, (ANOTHER, gettext("Another card"))],
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of these cards.")),
            )
            self.order_fields(self.field_order)

    @property
    def wants_entry(self) -> bool:
        """Whether a card has to be typed."""
        return not self.saved or self.cleaned_data.get("card") == ANOTHER

    def clean_card(self) -> str:
        chosen = str(self.cleaned_data["card"])
        if chosen in self.saved and self.saved[chosen].has_expired(self.today):
            raise forms.ValidationError(_("This card has expired. Choose another one."))
        return chosen

    def keep(self, user: User) -> Card:
        """The card meant; see above."""
        saved = self.saved.get(str(self.cleaned_data.get("card", ANOTHER)))
        return saved or super().keep(user)
