"""Deleting an account: what names a person goes at once, the last mails' address after them, the proofs in time.

The row of the user stays, without a name: orders and charges are kept for the books and must belong to somebody.
See docs/decisions/0010-deleting-an-account.md.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop

from enrollment.models import Address, Closure, Consent, Look, Note, PairingRequest, Plan, PlanEvent, Purchase, User
from printers import facts
from printers.facts import Refused

PROOF_KEPT = timedelta(days=3 * 365 + 1)  # California's auto-renewal law: three years after the terms were agreed to
STAFF = gettext_noop("Accounts of staff are not deleted here: a superuser closes them.")


def close(user: User, now: datetime) -> Closure | None:
    """Take everything that names a person off an account whose plans have ended; None if that was done before.

    Ends every session: their hash is of the password. Raises Refused for staff.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if Closure.objects.filter(user=locked).exists():
            return None
        if locked.is_staff or locked.is_superuser:
            raise Refused(STAFF, "staff_account")
        closure = Closure.objects.create(
            user=locked, at=now, email=locked.email, fingerprint=fingerprint(locked.email), due_at=now
        )
        _anonymise(locked)
        _forget_places_and_words(locked)
        facts.nudge("closure")
    return closure


def fingerprint(email: str) -> str:
    """The same for an address however it is written; cannot be read back."""
    return salted_hmac("enrollment.closing", email.strip().lower(), algorithm="sha256").hexdigest()


def told(closure: Closure, now: datetime) -> None:
    """The last mail about the account is kept, to be sent."""
    Closure.objects.filter(pk=closure.pk).update(told_at=now)


def forget(closure: Closure, now: datetime) -> None:
    """Nobody is to be written to any more; the proofs of consent are looked at again when their time is over."""
    kept_until = closure.at + PROOF_KEPT
    _forget_places_and_words(closure.user)
    Closure.objects.filter(pk=closure.pk).update(email="", forgotten_at=now, due_at=kept_until)


def end(closure: Closure) -> None:
    """The time of the proofs is over."""
    Consent.objects.filter(plan__user=closure.user_id).delete()
    Closure.objects.filter(pk=closure.pk).update(fingerprint="", due_at=None)


def _anonymise(user: User) -> None:
    user.email, user.full_name, user.is_active = f"deleted-{user.pk}@account.invalid", "", False
    user.last_login = None
    user.set_unusable_password()
    user.save(update_fields=["email", "full_name", "is_active", "last_login", "password"])
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()


def _forget_places_and_words(user: User) -> None:
    """Addresses (orders have copies of theirs) and those of networks, names of printers, words, what a store told.

    And what staff wrote of the person.
    """
    Note.objects.filter(user=user).delete()
    Look.objects.filter(user=user).update(why="")
    Plan.objects.filter(user=user).update(shipping_address=None, nickname="")
    Address.objects.filter(user=user).delete()
    PairingRequest.objects.filter(answered_by=user).update(asked_from=None)
    for event in PlanEvent.objects.filter(plan__user=user, note__contains=":"):
        PlanEvent.objects.filter(pk=event.pk).update(note=event.note.partition(":")[0])
    for purchase in Purchase.objects.filter(plan__user=user):
        Purchase.objects.filter(pk=purchase.pk).update(body={"model": purchase.body.get("model", "")})
