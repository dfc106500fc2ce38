"""allauth's forms in our words: one password field, codes as they are read, each mistake said with its remedy."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.translation import gettext_lazy as _

EMAIL = _("E-mail address")
EMAIL_ERRORS = {
    "required": _("Type your e-mail address."),
    "invalid": _("An e-mail address looks like name@example.com."),
}
PASSWORD_ERRORS = {"required": _("Type the password.")}
PASSWORD_HINT = _("At least 8 characters; a few words are easy to keep in mind.")
CODE_ERRORS = {"required": _("Type the code.")}


class _Worded:
    """Sets labels, hints and the sentences of errors by a field's name."""

    fields: dict[str, forms.Field]

    def word(self, name: str, label: Any = None, hint: Any = "", errors: dict[str, Any] | None = None) -> None:
        field = self.fields[name]
        field.label, field.help_text = label or field.label, hint
        field.error_messages |= errors or {}


class _Email(_Worded):
    """A form that asks for the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = "login" if "login" in self.fields else "email"
        self.word(name, EMAIL, errors=EMAIL_ERRORS)
        self.fields[name].widget.attrs |= {"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}


class _NewPassword(_Worded):
    """A form that asks for a new password: once, since it can be set anew by mail at any time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        self.word("password1", _("New password"), PASSWORD_HINT, PASSWORD_ERRORS)


class _Code(_Worded):
    """A form that asks for six digits, however they are spaced."""

    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word("code", _("Code"), errors=CODE_ERRORS)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"}

    def clean_code(self) -> str:
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].replace("-", "").split())
        return str(super().clean_code())  # type: ignore[misc]


class SignInForm(_Email, account.LoginForm):  # type: ignore[misc]
    """The address, and a password for who has one: without it a code is mailed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word("password", _("Password"), _("Leave it empty, and we mail you a code of six digits."))
        self.fields["password"].required = False


class SignUpForm(_Email, account.SignupForm):  # type: ignore[misc]
    """Address and name; a password for who wants one."""

    field_order = ["full_name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word("full_name", errors={"required": _("Type your name.")})
        self.word("password1", _("Password"), _("Without one, we mail you a code each time you sign in."))


class NewEmailForm(_Email, account.AddEmailForm):  # type: ignore[misc]
    """Where to write to from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word("email", _("New e-mail address"))


class ChangePasswordForm(_NewPassword, account.ChangePasswordForm):  # type: ignore[misc]
    """The old password and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word("oldpassword", _("Password until now"), errors=PASSWORD_ERRORS)


class SetPasswordForm(_NewPassword, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""


class ForgottenPasswordForm(_Email, account.ResetPasswordForm):  # type: ignore[misc]
    """Where the link to a new password goes."""


class ResetPasswordForm(_NewPassword, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password of who came by the link."""


class PasswordAgainForm(_Worded, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word("password", _("Password"), errors=PASSWORD_ERRORS)


class RequestCodeForm(_Email, account.RequestLoginCodeForm):  # type: ignore[misc]
    """Where the code goes."""


class SignInCodeForm(_Code, account.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code of the mail."""


class EmailCodeForm(_Code, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that proves an address."""


class SecondFactorForm(_Code, second_factor.AuthenticateForm):  # type: ignore[misc]
    """The number of the app, or a recovery code."""


class SecondFactorAgainForm(_Code, second_factor.ReauthenticateForm):  # type: ignore[misc]
    """The same, before something that matters."""


class NewSecondFactorForm(_Code, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first number of the app."""
