"""A rule for passwords beside Django's: not made of the words that everybody who tries ours tries first."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Beside the brand's name. Taken out of a password, something must be left that is not digits and signs.
OURS = (
    "replenishment",
    "replenish",
    "cartridge",
    "printer",
    "imageclass",
    "imageprograf",
    "pixma",
    "toner",
    "ink",
    "ars",
)
LEFT = 4  # letters


class OurWords:
    """Django calls it with every new password."""

    def validate(self, password: str, user: object = None) -> None:
        """ValidationError for one that is our words, numbers and little else."""
        words = (*OURS, *settings.BRAND_NAME.casefold().split())
        rest = re.sub("|".join(map(re.escape, sorted(words, key=len, reverse=True))), "", password.casefold())
        if rest != password.casefold() and sum(map(str.isalpha, rest)) < LEFT:
            raise ValidationError(_("Others would try this first: it is made of the words of this site."), "our_words")

    def get_help_text(self) -> str:
        return _("Not only the words of this site.")
