"""Which model of the catalogue a printer means by what it calls itself. Never a guess: wrong ink fits nothing."""

import re

from printers.models import PrinterModel

WORD = re.compile(r"[a-z0-9]+")
SERIES = re.compile(r"([a-z]+\d*[1-9])(0+)")  # a name such as "TR8600 series" leaves the last digits open


def models_of(text: str) -> list[PrinterModel]:
    """The models `text` may mean, such as "Canon TR8620" or "MFG:Canon;MDL:TR8600 series;".

    One where it names it. Several where it only names their series: the owner knows which. None when we do not know it.
    """
    words = WORD.findall(text.casefold())
    by_key = {"".join(WORD.findall(model.name.casefold())): model for model in _all()}
    named = [key for key in _spans(words) if key in by_key]
    if named:
        return [by_key[max(named, key=len)]]
    patterns = [_members(word) for word in words if "series" in words and SERIES.fullmatch(word)]
    return [model for key, model in by_key.items() if any(pattern.fullmatch(key) for pattern in patterns)]


def _all() -> list[PrinterModel]:
    return list(PrinterModel.objects.select_related("series").order_by("name"))


def _spans(words: list[str]) -> set[str]:
    """Every run of words, joined: a name may be written PRO-200, PRO 200 or PRO200, but TR1500 is no TR150."""
    longest = 4
    return {
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + longest, len(words)) + 1)
    }


def _members(word: str) -> re.Pattern[str]:
    found = SERIES.fullmatch(word)
    assert found is not None
    return re.compile(rf"{found[1]}\d{{{len(found[2])}}}[a-z]*")
