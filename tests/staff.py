"""Staff as they are in a real installation: with a second factor."""

from allauth.mfa.totp.internal.auth import TOTP

from enrollment.models import User

SECRET = "JBSWY3DPEHPK3PXP"


def with_second_factor(user: User) -> User:
    """The same person, now with an authenticator app that holds SECRET."""
    TOTP.activate(user, SECRET)
    return user
