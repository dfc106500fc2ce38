"""How people sign in, up and out: Django's and allauth's settings for it, which `ars.settings` takes over."""

from typing import Any

FORMS = "ars.account.forms"

SETTINGS: dict[str, Any] = {
    "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    "AUTH_PASSWORD_VALIDATORS": [
        *(
            {"NAME": f"django.contrib.auth.password_validation.{name}"}
            for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
        ),
        {"NAME": "ars.account.passwords.OurWords"},
    ],
    "LOGIN_URL": "account_login",
    "LOGIN_REDIRECT_URL": "account",
    "ACCOUNT_LOGOUT_REDIRECT_URL": "landing",
    "ACCOUNT_ADAPTER": "ars.account.adapter.Adapter",
    "MFA_ADAPTER": "ars.account.second_factor.Adapter",
    "ACCOUNT_FORMS": {
        "login": f"{FORMS}.SignInForm",
        "signup": f"{FORMS}.SignUpForm",
        "add_email": f"{FORMS}.NewEmailForm",
        "change_password": f"{FORMS}.ChangePasswordForm",
        "set_password": f"{FORMS}.SetPasswordForm",
        "reset_password": f"{FORMS}.ForgottenPasswordForm",
        "reset_password_from_key": f"{FORMS}.ResetPasswordForm",
        "reauthenticate": f"{FORMS}.PasswordAgainForm",
        "request_login_code": f"{FORMS}.RequestCodeForm",
        "confirm_login_code": f"{FORMS}.SignInCodeForm",
        "confirm_email_verification_code": f"{FORMS}.EmailCodeForm",
    },
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
    "ACCOUNT_LOGIN_METHODS": {"email"},
    "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1"],
    "ACCOUNT_SIGNUP_FORM_CLASS": "ars.account.sign_up.FullName",
    "ACCOUNT_EMAIL_VERIFICATION": "mandatory",  # which is also what lets sign-up answer the same to every address
    "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
    "ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND": True,
    "ACCOUNT_LOGIN_BY_CODE_ENABLED": True,
    "ACCOUNT_LOGIN_BY_CODE_TIMEOUT": 10 * 60,
    "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT": 10 * 60,
    "ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND": True,
    "ACCOUNT_CHANGE_EMAIL": True,
    "ACCOUNT_PREVENT_ENUMERATION": True,
    "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": True,
    "ACCOUNT_EMAIL_NOTIFICATIONS": True,
    "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    "ACCOUNT_SESSION_REMEMBER": True,
    "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
    # Each code has a million values and three tries: at most 90 guesses a day at one address, each code mailed to it.
    "ACCOUNT_RATE_LIMITS": {
        "request_login_code": "20/m/ip,3/m/key,12/h/key,30/d/key",
        "confirm_email": "1/10s/key,12/h/key,30/d/key",
    },
    "ALLAUTH_USER_CODE_FORMAT": {"numeric": True, "length": 6, "dashed": False},
    "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
    "MFA_FORMS": {
        "authenticate": f"{FORMS}.SecondFactorForm",
        "reauthenticate": f"{FORMS}.SecondFactorAgainForm",
        "activate_totp": f"{FORMS}.NewSecondFactorForm",
    },
    "MFA_TOTP_TOLERANCE": 1,  # a phone may be half a minute off
}
