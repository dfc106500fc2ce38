"""How allauth does things here: its mails go through our outbox, and its sentences are ours."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enrollment.models import User
from notifications import outbox
from notifications.models import HIDDEN

# What a mail of each kind leads to, by the name of an address.
LEADS_TO = {"account_already_exists": "account_login", "unknown_account": "account_signup"}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Every mail is a row of the outbox, sent and tried again like all others."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This address and this password do not belong together."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": _("This is not the code of our latest mail. Look again, or have a new one sent."),
        "too_many_login_attempts": _("That was many tries in a short time. Wait 10 minutes, or call us."),
        "rate_limited": _("That was many tries in a short time. Wait 10 minutes, or call us."),
        "duplicate_email": _("This is your address already."),
        "same_as_current": _("This is your address already."),
        "email_taken": _("This address cannot be used here. Call us if it is yours."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Keep the mail; its code or link apart, so that who reads kept mails can open nothing with them."""
        kind = template_prefix.rpartition("/")[2]
        known = {name: value for name, value in context.items() if isinstance(value, str)}
        secret = ""
        if code := known.get("code"):
            secret, known["code"] = code, HIDDEN
        elif link := known.get("password_reset_url") if kind == "password_reset_key" else None:
            secret, known["link"] = settings.SITE_URL + urlsplit(link).path, HIDDEN  # whatever Host was asked by
        elif kind in LEADS_TO:
            known["link"] = settings.SITE_URL + reverse(LEADS_TO[kind])
        user = User.objects.filter(email__iexact=email).first()
        words = {**known, "email": email}
        outbox.send_soon(outbox.compose(kind, words, timezone.now(), to=email, user=user, secret=secret))

    def pre_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse | None:
        """Before anybody is signed in, by whatever door."""
        addresses = EmailAddress.objects.filter(user=user)
        if not addresses.exists():  # made by us, not by sign-up: whoever made it vouches for the address
            addresses.create(user=user, email=user.email, primary=True, verified=True)
        elif user.last_login is None and self._came_by_code(request, user) and not about["signup"]:
            # Somebody signed up with this address and never proved it. It was proved now, perhaps by another: a
            # password from back then must not open what is now theirs.
            user.set_unusable_password()
            user.save(update_fields=["password"])
        response: HttpResponse | None = super().pre_login(request, user, **about)
        return response

    def _came_by_code(self, request: HttpRequest, user: User) -> bool:
        records = get_authentication_records(request, user)
        return bool(records) and records[-1]["method"] == "code"

    def is_safe_url(self, url: str) -> bool:
        """Whether it leads to a page of ours; what is no address at all does not."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the ways to sign in are listed."""
        return reverse("sign_in_settings")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Likewise after a change of address."""
        return reverse("sign_in_settings" if self.request.user.is_authenticated else "account_login")
