"""Why a plan ends, as its owner may say: asked, never required."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """The first one is what somebody who would rather go has chosen already."""

    UNSAID = "unsaid", _("I would rather not say")
    GONE = "gone", _("I sold, gave away or returned the printer")
    LITTLE = "prints_little", _("I print too little")
    ELSEWHERE = "elsewhere", _("I buy ink elsewhere")
    PRICE = "price", _("It costs too much")
    WRONG = "wrong_delivery", _("It sent too much or the wrong thing")
    BROKEN = "not_working", _("Something did not work")


def note(reason: str, words: str) -> str:
    """What is kept of it: 'price: found a shop around the corner'."""
    return ": ".join(part for part in ("" if reason == Reason.UNSAID else reason, " ".join(words.split())) if part)
