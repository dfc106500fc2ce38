"""Addresses in doubt: what makes one doubtful, and what ends it.

An address is doubtful where its owner insisted on a spelling that nobody uses, and where a carrier brought a parcel
back from it. The doubt ends when its owner saves it once more, when staff found out that it is right, and by itself
once no plan's ink goes there any more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.db.models import QuerySet

from enrollment import spelling
from enrollment.models import Address, Plan
from printers.facts import Refused

Doubt = Address.Doubt
IN_USE = (Plan.Status.PENDING, Plan.Status.ACTIVE)


class Doubted(TypedDict, total=False):
    """The fields of an address that say it is in doubt."""

    doubt: str
    doubted_at: datetime


def of_new(where: Mapping[str, str], now: datetime) -> Doubted:
    """What an address begins with that a person typed: asked which spelling is right, whoever kept theirs insisted."""
    typed = _whole(where)
    insisted = any(typed[name] != usual for name, usual in spelling.tidied(typed).items())
    return {"doubt": Doubt.INSISTED, "doubted_at": now} if insisted else {}


def came_back(user_id: int, ship_to: Mapping[str, str], now: datetime) -> None:
    """A parcel for this place came back as undeliverable. An older doubt of that kind keeps its age."""
    there = Address.objects.filter(user=user_id, **_whole(ship_to)).exclude(doubt=Doubt.CAME_BACK)
    there.update(doubt=Doubt.CAME_BACK, doubted_at=now)


def said_again(address: Address) -> None:
    """Its owner was shown it, and saved it as it is."""
    Address.objects.filter(pk=address.pk).update(doubt="", doubted_at=None)


def confirm(address: Address) -> None:
    """Staff found out that it is right. Refused `not_in_doubt` where another doubt came up since `address` was read."""
    as_read = Address.objects.filter(pk=address.pk, doubt=address.doubt, doubted_at=address.doubted_at)
    if not as_read.exclude(doubted_at=None).update(doubt="", doubted_at=None):
        raise Refused("What is known of this address changed meanwhile: look once more.", "not_in_doubt")


def waiting() -> QuerySet[Address]:
    """The addresses in doubt to which some plan's ink goes."""
    return Address.objects.filter(doubted_at__isnull=False, plans__status__in=IN_USE).distinct()


def _whole(where: Mapping[str, str]) -> dict[str, str]:
    """With what was left out, as an address has it."""
    return Address(**{name: where[name] for name in Address.SHIPPING_FIELDS if name in where}).as_ship_to()
