"""Addresses of signing up, in and out, under allauth's own names; second factors are for staff alone."""

from functools import wraps

from allauth.account import views
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, re_path

from ars.account.signing import sign_out_elsewhere
from ars.account.views import Page, sign_in_settings


def staff_only(view: Page) -> Page:
    """For others these pages do not exist."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(page)


urlpatterns = [
    path("", sign_in_settings, name="sign_in_settings"),
    path("signup/", views.signup, name="account_signup"),
    path("login/", views.login, name="account_login"),
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", views.logout, name="account_logout"),
    path("sign-out-elsewhere/", sign_out_elsewhere, name="sign_out_elsewhere"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("email/", views.email, name="account_email"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("2fa/", staff_only(second_factor.index), name="mfa_index"),
    path("2fa/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", staff_only(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", staff_only(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", staff_only(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", staff_only(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/", staff_only(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "2fa/recovery-codes/download/", staff_only(recovery.download_recovery_codes), name="mfa_download_recovery_codes"
    ),
]
