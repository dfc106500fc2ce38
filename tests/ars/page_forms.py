"""Forms as a browser finds them on a page: where each goes, and what it would send if nobody typed anything."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

Pairs = list[tuple[str, str]]
TYPED = ("text", "email", "tel", "search", "number", "password", "url", "date", "datetime-local")


@dataclass
class Form:
    """`sent` has each named field once, filled where the page leaves it empty."""

    action: str
    method: str
    multipart: bool = False
    sent: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page at `address` links to, and its forms."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.append(urljoin(self.address, said["href"]))
        elif tag == "form":
            action = urljoin(self.address, said.get("action") or self.address)
            multipart = said.get("enctype") == "multipart/form-data"
            self._form = Form(action, said.get("method", "get").lower(), multipart)
            self.forms.append(self._form)
        elif self._form is not None:
            self._take(tag, said, self._form.sent)

    def _take(self, tag: str, said: dict[str, str], sent: dict[str, str]) -> None:
        name = said.get("name", "")
        if tag == "option":
            if self._select and (said.get("value") and (not sent[self._select] or "selected" in said)):
                sent[self._select] = said["value"]
        elif tag == "select":
            self._select = name
            sent.setdefault(name, "")
        elif tag == "textarea":
            sent.setdefault(name, "some words")
        elif tag in ("input", "button") and name and name != "csrfmiddlewaretoken":
            plain = said.get("type", "text") in TYPED
            sent.setdefault(name, said.get("value") or ("1" if plain else "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
