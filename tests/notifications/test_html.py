"""The HTML of the mails: complete, plain, and nothing fetched from anywhere."""

import re
from html.parser import HTMLParser

import pytest

from enrollment.models import Plan
from notifications.models import Message
from tests.notifications import shop
from tests.orders.world import World

REFUSED = {"payment_failed": "insufficient_funds", "confirm_payment": "authentication_required"}
KINDS = ["order_confirmation", "backordered", "shipped", *REFUSED]
LONGEST_LINE = 998  # RFC 5322, section 2.1.1
INLINE = {"a", "span", "strong"}
LEADS_ON = r"See the order:|Keep waiting or cancel it:"
ACCENTED = "Réception"


class Page(HTMLParser):
    """The words of a page, its links and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.pieces += [] if tag in INLINE else [" "]
        self.links += [value or "" for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


@pytest.fixture(params=KINDS)
def mail(request: pytest.FixtureRequest, world: World) -> Message:
    """One mail of each kind, for a printer with an accent in its name."""
    Plan.objects.update(nickname=ACCENTED)
    order = world.order("C" if request.param == "backordered" else "PGBK")
    if request.param == "shipped":
        shop.ship(world, order)
    if request.param in REFUSED:
        shop.decline(world, order, REFUSED[request.param])
    made = shop.read_one()
    assert made.kind == request.param
    return made


def test_nothing_of_the_templates_is_left(mail: Message) -> None:
    assert re.findall(r"\{[{%#]|[}%#]\}|</?mj", mail.html + mail.text + mail.subject) == []


def test_it_says_number_total_and_printer(mail: Message) -> None:
    assert mail.order is not None
    total = {"backordered": "$18.99"}.get(mail.kind, "$24.99")
    text = Page(mail.html).text
    assert f"Order {mail.order.display_number}" in text
    assert f"Total {total}" in text
    assert "Shipping $0.00" in text
    assert ACCENTED in text


def test_it_says_all_that_the_text_says(mail: Message) -> None:
    said = Page(mail.html).text
    sentences = [line for line in re.split(LEADS_ON, mail.text)[0].splitlines() if line.endswith(".")]
    shown_as_heading = re.compile(r" It should arrive .*\.$")
    assert [line for line in sentences if shown_as_heading.sub("", line) not in said] == []


def test_it_leads_to_the_order_and_fetches_nothing(mail: Message) -> None:
    assert mail.order is not None
    page = Page(mail.html)
    receipt = f"https://ink.example/account/orders/{mail.order.display_number}/receipt/"
    parcel = "https://www.ups.com/track?tracknum=1Z999AA10123456784"
    sent = [parcel, receipt] if mail.kind == "shipped" else []
    leads = {"order_confirmation": ["cancel", "order"], "backordered": ["waiting"]}.get(mail.kind, ["order"])
    signed = [f"https://ink.example/mail/{purpose}/.../" for purpose in leads]
    links = [shop.without_signatures(link) for link in page.links]
    paid = [link for link in links if link.startswith("https://ink.example/pay/")]
    assert [link for link in links if link not in paid] == [*sent, *signed, "mailto:help@ars.example"]
    assert len(paid) == (mail.kind in REFUSED)
    assert not {"img", "link", "script", "iframe"} & set(page.tags)
    assert "@import" not in mail.html


def test_it_has_one_heading_and_the_language(mail: Message) -> None:
    assert Page(mail.html).tags.count("h1") == 1
    assert '<html lang="en"' in mail.html


def test_no_client_is_to_turn_its_colours_over(mail: Message) -> None:
    assert '<meta name="color-scheme" content="light only"' in mail.html
    assert {"#FFFFFF", "#1B2330", "#2B3F9E"} <= set(re.findall(r"#[0-9A-F]{6}", mail.html))


def test_no_line_is_longer_than_mail_allows(mail: Message) -> None:
    assert max(len(line.encode()) for line in mail.html.splitlines()) < LONGEST_LINE


def test_the_subject_is_one_line(mail: Message) -> None:
    assert mail.subject == mail.subject.strip()
    assert "\n" not in mail.subject
