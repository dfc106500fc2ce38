"""A language for tests, in which every translated text is recognised at sight, and what of a page is in no language.

Each letter of a text that is marked for translation comes out with an accent, and the whole in ⟦ and ⟧; what is filled
in comes out as it is. So a plain letter that is no data of the scene was never marked, wherever it stands.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
from django.utils import translation
from django.utils.translation import trans_real

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "áƀćđéƒğħíĵķłɱñóƥɋŕšťúṽŵẋýžÁɃĆĐÉƑĞĦÍĴĶŁṀÑÓƤɊŔŠŤÚṼŴẊÝŽ"
DRESS = str.maketrans(PLAIN, ACCENTED)
# What stands in a text for something filled in, and what HTML reads.
FILLED_IN = re.compile(r"(%\(\w+\)[#0 +-]*\d*(?:\.\d+)?[a-z]|%[sdif%]|\{\w*\}|<[^>]*>|&#?\w+;)")


class Pseudo(trans_real.DjangoTranslation):
    """Translates whatever it is asked, known or not."""

    def gettext(self, message: str) -> str:
        return dress(message.rpartition(trans_real.CONTEXT_SEPARATOR)[2])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return dress(msgid1 if n == 1 else msgid2)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self.ngettext(msgid1, msgid2, n)


def dress(text: str) -> str:
    """The text in the language of the tests."""
    pieces = FILLED_IN.split(text)
    return "⟦" + "".join(piece if n % 2 else piece.translate(DRESS) for n, piece in enumerate(pieces)) + "⟧"


@contextmanager
def pseudo_language() -> Iterator[None]:
    """The language of the tests in place of English, in every thread that starts anew."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(vars(trans_real)["_translations"], "en", Pseudo("en"))
        patched.setattr(trans_real, "_default", None)
        translation.deactivate()
        yield
    translation.deactivate()


class Readable(HTMLParser):
    """All of a page that is read or read out."""

    SILENT = {"script", "style", "code"}  # commands are typed as they stand, in any language
    SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title", "label"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._inside.append(tag)
        spoken = set(self.SPOKEN)
        given = dict(attrs)
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            spoken.add("value")
        if tag == "meta" and given.get("name") in ("description", "title"):
            spoken.add("content")
        self.texts += [value for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


def unmarked(texts: Iterable[str], data: Iterable[str]) -> list[str]:
    """The texts in which plain letters are left once the data of the scene is taken out, longest first."""
    known = sorted({piece for piece in data if piece}, key=len, reverse=True)
    is_data = re.compile("|".join(rf"(?<![A-Za-z]){re.escape(piece)}(?![A-Za-z])" for piece in known) or r"(?!)")
    shown = (" ".join(text.split()) for text in texts)
    return [text for text in shown if re.search("[A-Za-z]", is_data.sub("", text))]


def unmarked_in(html: str, data: Iterable[str] = ()) -> list[str]:
    """The same of a page."""
    return unmarked(Readable(html).texts, data)
