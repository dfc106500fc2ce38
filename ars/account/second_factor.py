"""Seeds of authenticator apps and recovery codes: kept encrypted, so that a copy of the database signs nobody in."""

import base64
import hashlib
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver

PREFIX = "fernet:"  # what was kept before version 1.1 has none
SEALED = ("secret", "seed")  # of an app, of recovery codes


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Sealed by a key that comes of SECRET_KEY; those of SECRET_KEY_FALLBACKS open as well."""

    def encrypt(self, text: str) -> str:
        return PREFIX + _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """cryptography.fernet.InvalidToken where the key it was sealed by is gone: nobody gets in."""
        if not encrypted_text.startswith(PREFIX):
            return encrypted_text
        return _box().decrypt(encrypted_text.removeprefix(PREFIX)).decode()


@receiver(authenticator_used)
def seal_anew(authenticator: Authenticator, **_: Any) -> None:
    """With the newest key: an old one may go when everybody has signed in once since."""
    adapter = Adapter()
    with transaction.atomic():
        fresh = Authenticator.objects.select_for_update(no_key=True).get(pk=authenticator.pk)  # a code is crossed out
        for name in fresh.data.keys() & SEALED:
            fresh.data[name] = adapter.encrypt(adapter.decrypt(fresh.data[name]))
        fresh.save(update_fields=["data"])


def _box() -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"second factors " + secret.encode()).digest())
