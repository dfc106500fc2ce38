"""Staff look at a customer's own pages, read-only: who may be looked at, for how long, and when it is over.

See docs/decisions/0027-looking-as-a-customer.md; what is shown and refused meanwhile is `ars.looking`.
"""

from datetime import datetime, timedelta

from django.db import transaction

from enrollment.models import Look, User
from printers.facts import Refused

LASTS = timedelta(minutes=30)
RIGHT = "enrollment.add_look"


def require_customer(user: User) -> None:
    """Refused `staff_account` for who may act in the back office, `closed` for an account that nobody has any more."""
    if user.is_staff or user.is_superuser:
        raise Refused("This account is of staff: nobody looks at it as if they were them.", "staff_account")
    if not user.is_active:
        raise Refused("This account is closed: there are no pages to see.", "closed")


def begin(user: User, by: User, why: str, now: datetime) -> Look:
    """A look of `by` at the pages of `user`, the only one they have. One that lasts goes on, so two clicks make one.

    Refused as `require_customer` does.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # of two clicks the second finds the first's
        require_customer(user)
        open_ones = Look.objects.filter(by=by, ended_at=None, ends_at__gt=now)
        open_ones.exclude(user=user).update(ended_at=now)
        known = open_ones.filter(user=user).first()
        return known or Look.objects.create(user=user, by=by, at=now, ends_at=now + LASTS, why=" ".join(why.split()))


def current(look_id: int, by: User, now: datetime) -> Look | None:
    """The look, if it still lasts, is theirs, and its account is still one that may be looked at."""
    lasting = Look.objects.filter(pk=look_id, by=by, ended_at=None, ends_at__gt=now)
    shown = lasting.filter(user__is_active=True, user__is_staff=False, user__is_superuser=False)
    return shown.select_related("user", "by").first()


def end(look_id: int, by_id: int | None, now: datetime) -> None:
    """They leave. Over by itself, or left before, it stays as it ended."""
    Look.objects.filter(pk=look_id, by=by_id, ended_at=None, ends_at__gt=now).update(ended_at=now)
