"""Who calls: the customer is who reads out the code we mailed to them, or knows two facts of their account.

Then all staff may act for them for half an hour. Each attempt is a row; of a code nothing is kept but its hash.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from enrollment.models import CallerCheck, User
from printers.facts import Refused

CODE_GOOD_FOR = timedelta(minutes=10)
VERIFIED_FOR = timedelta(minutes=30)
TRIES = 5  # of one code, or of facts within the time a code is good for
AN_HOUR, CHECKS_AN_HOUR = timedelta(hours=1), 3  # codes of one customer, and rounds of facts likewise
WITHOUT_A_CALL = "enrollment.without_callercheck"
How = CallerCheck.How


def verified(user: User, now: datetime) -> CallerCheck | None:
    """The check by which a caller is known to be this customer now, the latest one; None when there is none."""
    return latest_verified(CallerCheck.objects.filter(user=user, verified_at__gt=now - VERIFIED_FOR), now)


def latest_verified(checks: Iterable[CallerCheck], now: datetime) -> CallerCheck | None:
    """The same among checks of a customer that were read before."""
    held = [(check.verified_at, check.pk, check) for check in checks if check.verified_at is not None]
    at, _, latest = max(held, default=(now - VERIFIED_FOR, 0, None))
    return latest if at > now - VERIFIED_FOR else None


def require_verified(user: User, now: datetime) -> None:
    """Refused `not_verified` unless a caller is known to be this customer now."""
    if verified(user, now) is None:
        sentence = f"Verify the caller first, on the page of {user}: until then you may read, and nothing is changed."
        raise Refused(sentence, "not_verified")


def let_act(staff: User, user: User, now: datetime) -> None:
    """Refused `not_verified` where `staff` act only for a verified caller, and nobody is known to be `user` now."""
    if not staff.has_perm(WITHOUT_A_CALL):
        require_verified(user, now)


def refusal(staff: User, user: User, now: datetime) -> str:
    """The sentence of that; empty where `staff` may act."""
    try:
        let_act(staff, user, now)
    except Refused as refused:
        return str(refused)
    return ""


def begin(user: User, by: User, now: datetime) -> str:
    """A new code, six digits, for their mailbox alone; an older one is void. Refused `too_many_checks` or `closed`."""
    code = f"{secrets.randbelow(10**6):06d}"
    _open(user, by, now, How.CODE, _hash(user, code))
    return code


def read_out(user: User, typed: str, by: User, now: datetime) -> None:
    """The caller reads out a code: right, they are the customer. Refused `no_code`, `wrong_code`, `too_many_tries`.

    Each try counts whatever becomes of it, so this is called outside any transaction.
    """
    check = CallerCheck.objects.filter(user=user, how=How.CODE).order_by("-at", "-pk").first()
    if check is not None and check.verified_at is not None and verified(user, now) is not None:
        return  # sent twice
    if check is None or check.verified_at is not None or now - check.at >= CODE_GOOD_FOR:
        raise Refused("There is no code that still holds: a code is good for ten minutes. Send a new one.", "no_code")
    digits = "".join(sign for sign in typed if sign.isdigit())
    _try(check, constant_time_compare(check.code_hash, _hash(user, digits)), by, now)


def knows_facts(user: User, by: User, now: datetime, *, right: bool) -> None:
    """The caller names facts of the account, compared by whoever keeps them. Limits and refusals as of a code."""
    rounds = CallerCheck.objects.filter(user=user, how=How.FACTS, at__gt=now - CODE_GOOD_FOR, verified_at=None)
    check = rounds.order_by("-at", "-pk").first() or _open(user, by, now, How.FACTS)
    _try(check, right, by, now)


def waiting(checks: list[CallerCheck], now: datetime) -> CallerCheck | None:
    """Of a customer's checks, the newest first: the code that may still be read out."""
    code = next((check for check in checks if check.how == How.CODE), None)
    holds = code is not None and code.verified_at is None and code.tries < TRIES and now - code.at < CODE_GOOD_FOR
    return code if holds else None


def _open(user: User, by: User, now: datetime, how: str, code_hash: str = "") -> CallerCheck:
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not locked.is_active:
            raise Refused("This account is closed: nobody is verified for it.", "closed")
        lately = CallerCheck.objects.filter(user=locked, how=how, at__gt=now - AN_HOUR)
        if lately.count() >= CHECKS_AN_HOUR:
            raise Refused(
                "That was tried three times within the hour. Ask the caller to ring later.", "too_many_checks"
            )
        return CallerCheck.objects.create(user=locked, by=by, at=now, how=how, code_hash=code_hash)


def _try(check: CallerCheck, right: bool, by: User, now: datetime) -> None:
    """Count first, so that nobody tries at once more often than they may; then say whether it was right."""
    of_it = CallerCheck.objects.filter(pk=check.pk, verified_at=None)
    if not of_it.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise Refused("That was tried five times. Begin anew: send a new code.", "too_many_tries")
    if not right:
        left = TRIES - check.tries - 1
        tries = {0: "No try is left", 1: "One try is left"}.get(left, f"{left} tries are left")
        what = "the code of our latest mail" if check.how == How.CODE else "what we know"
        raise Refused(f"That is not {what}. {tries}.", "wrong_code")
    of_it.update(verified_at=now, verified_by=by)


def _hash(user: User, code: str) -> str:
    return salted_hmac("enrollment.callers", f"{user.pk}:{code}", algorithm="sha256").hexdigest()
