"""How an address is usually written, beside how it was typed: a suggestion, never a correction. Pure."""

import re
from collections.abc import Mapping

COMPASS = {"N", "S", "E", "W", "NE", "NW", "SE", "SW"}
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
NO_ADD_ON = "-0000"  # the nine-digit code of a place that has none


def tidied(typed: Mapping[str, str]) -> dict[str, str]:
    """Street, city and ZIP code of an address as labels usually show them; what needs no change stays as it is."""
    city = re.sub(rf",?\s+{re.escape(typed['state'])}$", "", typed["city"], flags=re.IGNORECASE)
    return {
        "line1": _cased(typed["line1"]),
        "line2": _cased(typed["line2"]),
        "city": _cased(city).rstrip(",") or typed["city"],
        "postal_code": typed["postal_code"].removesuffix(NO_ADD_ON),
    }


def one_line(address: Mapping[str, str]) -> str:
    """12 Elm Street, Unit 4, Portland, OR 97201."""
    town = f"{address['state']} {address['postal_code']}"
    return ", ".join(part for part in (address["line1"], address["line2"], address["city"], town) if part)


def _cased(text: str) -> str:
    """All in capitals, or all in small letters, is not how anybody writes; whoever mixed them meant it."""
    return text if text not in (text.upper(), text.lower()) else WORD.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    word = found[0]
    if word.upper() in COMPASS or word.upper() == "PO":
        return word.upper()
    if not word[0].isdigit():
        return word.capitalize()
    return word.lower() if word[-1].isalpha() and len(word.lstrip("0123456789")) > 1 else word.upper()
