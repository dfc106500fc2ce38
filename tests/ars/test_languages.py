"""No page and no mail holds a text that cannot be translated: shown in a language in which marked texts stand out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from ars.account.errors import server_error
from billing import confirming
from billing.models import Charge
from enrollment import links, states
from enrollment.models import Address, Partner, Plan, User
from notifications.models import Message
from orders import returns
from orders.models import Order, Promotion
from printers.models import PrinterModel, Series, Sku, Slot
from printers.words import display_message
from tests.browser import scene
from tests.browser.tour import PUBLIC, own_pages
from tests.factories import NOW
from tests.languages import dress, pseudo_language, unmarked, unmarked_in
from tests.notifications import gallery, gallery_after

ROOT = Path(__file__).resolve().parents[2]
EMAILS = ROOT / "templates" / "emails"
# Names and codes that no language changes, and what the tests themselves typed. All other data are rows.
NAMES = {"UPS", "FedEx", "Visa", "XL", "H", *states.NAMES.values()}
TYPED = {"TR86", "TR8521", "tr8521", "MF26"}
OF_STAFF = {"books_differ", "payment_disputed"}  # mails that quote the back office, which speaks English
# Rooms whose refusals only partners and staff read.
OF_PARTNERS = {
    "orders/lifecycle/moves.py",
    "orders/lifecycle/parcel.py",
    "orders/lifecycle/shorts.py",
    "orders/lifecycle/holding.py",
    "billing/reconciliation/repairs.py",
    "billing/by_hand.py",
    "billing/refunds/requests.py",
    "billing/settlements/reading.py",
    "orders/packing.py",
    "orders/returns.py",
    "orders/shelf.py",
    "orders/stock.py",
    "enrollment/purchases.py",
    "enrollment/callers.py",
    "enrollment/looks.py",
    "enrollment/doubts.py",
    "enrollment/notes.py",
}


def data() -> set[str]:
    """What the rows of a scene are called: names, addresses, models, slots and cartridges."""
    said = NAMES | TYPED
    said |= set(returns.address()) | {gallery_after.REASON}
    said |= {settings.BRAND_NAME, settings.SUPPORT_PHONE, settings.SUPPORT_HOURS, settings.SUPPORT_EMAIL}
    for rows, fields in (
        (User.objects, ("email", "full_name")),
        (Address.objects, ("full_name", "line1", "city", "state")),
        (Plan.objects, ("nickname", "printer__serial_number")),
        (Partner.objects, ("name",)),
        (Series.objects, ("name",)),
        (Promotion.objects, ("name",)),
        (PrinterModel.objects, ("name",)),
        (Slot.objects, ("name", "code")),
        (Sku.objects, ("code", "name")),
        (Order.objects, ("carrier", "tracking_number")),
        (Charge.objects, ("receipt_number",)),
    ):
        said |= {" ".join(str(value).split()) for row in rows.values_list(*fields) for value in row if value}
    families = {code.rpartition("-")[0] for code in Sku.objects.values_list("code", flat=True)}
    return said | {family for family in families if family}


def found(pages: dict[str, str], *more: str) -> dict[str, list[str]]:
    """Page to the unmarked texts on it; pages without one are left out."""
    known = data() | set(more)
    return {name: left for name, html in pages.items() if (left := unmarked_in(html, known))}


def read(client: Client, addresses: dict[str, str]) -> dict[str, str]:
    return {name: client.get(address).content.decode() for name, address in addresses.items()}


# Pages


@pytest.fixture
def ana(db: None) -> Iterator[User]:
    """Ana's account, on the day it was made for, in the language of the tests."""
    with time_machine.travel(scene.NOW, tick=False):
        user = scene.ana()
        with pseudo_language():
            yield user


@pytest.fixture
def signed_in(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def test_public_pages(client: Client, ana: User) -> None:
    assert found(read(client, PUBLIC)) == {}


def test_own_pages(signed_in: Client, ana: User) -> None:
    mail = Message.objects.get()
    assert found(read(signed_in, own_pages(ana)), mail.subject, mail.text.strip()) == {}


def forms_on(client: Client, address: str) -> list[str]:
    """Where the forms of a page's content are sent."""
    main = client.get(address).content.decode().partition("<main")[2]
    forms = re.findall(r'<form[^>]*method="post"[^>]*>', main)
    return [to[1] if (to := re.search(r'action="([^"]+)"', form)) else address for form in forms]


def test_forms_sent_back_and_what_is_said_after(signed_in: Client, ana: User) -> None:
    mistyped = {"postal_code": "1", "state": "XX", "until": "x", "spares": "-1", "email": "x", "user_code": "WDJB-MJHT"}
    pages = {}
    for name, address in own_pages(ana).items():
        for action in forms_on(signed_in, address):
            for typed in ({}, mistyped):
                pages[f"{name} {action} {typed}"] = signed_in.post(action, typed, follow=True).content.decode()
    for name in ("sign-in", "sign-in-code", "sign-up", "new-password"):
        for typed in ({}, {"email": "x"}):
            pages[f"{name} {typed}"] = Client().post(PUBLIC[name], typed).content.decode()
    mail = Message.objects.order_by("pk")[0]
    assert found(pages, "WDJB", "MJHT", mail.subject) == {}
    assert len(pages) > 50


def test_a_payment_the_bank_asks_about(signed_in: Client, ana: User) -> None:
    asked = Charge.objects.filter(status="declined")
    order = Order.objects.get(charges__in=asked)
    pages: dict[str, str] = {}
    for outcome in ("authentication_required", "canceled"):
        Charge.objects.filter(order=order).update(status="needs_authentication", outcome=outcome)
        pages |= {f"{outcome} {path}": html for path, html in read(signed_in, _of_payment(order)).items()}
    assert confirming.take_up(order.pk, scene.NOW) is not None
    pages |= {f"open {path}": html for path, html in read(signed_in, _of_payment(order)).items()}
    assert found(pages) == {}


def _of_payment(order: Order) -> dict[str, str]:
    paths = (f"/pay/{links.sign(links.PAY, order.pk)}/", f"/account/orders/{order}/", "/account/")
    return dict(zip(paths, paths, strict=True))


def test_pages_when_something_is_wrong(ana: User) -> None:
    pages = {name: str(render_to_string(f"{name}.html")) for name in ("403", "403_csrf", "404", "429", "503")}
    pages["500"] = server_error(RequestFactory().get("/")).content.decode()
    word = re.findall(r"\b[2-9A-Z]{4}\b", pages["500"])  # the word to say on the phone
    assert found(pages, *word) == {}


def test_what_a_printer_shows() -> None:
    states = ("on_order", "deciding", "waiting", "none")
    with pseudo_language():
        said = [display_message([("Black", state), *more]) for state in states for more in ([], [("Cyan", state)])]
    assert unmarked(said, {"Black", "Cyan"}) == []


# Mails


@pytest.fixture
def mails(db: None, settings: Settings) -> Iterator[list[Message]]:
    """Every mail there is, in the language of the tests."""
    settings.ORDER_GRACE_HOURS = 0
    with time_machine.travel(NOW, tick=False), pseudo_language():
        yield gallery.every_mail()


def test_mails(mails: list[Message]) -> None:
    known = data() | {"ana@example.com", "ana@new.example", "Ana"}
    wrong = {}
    for mail in mails:
        if mail.kind in OF_STAFF:
            continue
        text = re.sub(r"https?://\S+", "", mail.text)
        texts = [mail.subject, *text.splitlines()]
        if left := unmarked(texts, known) + unmarked_in(re.sub(r"https?://\S+", "", mail.html), known):
            wrong[f"{mail.kind} {mail.subject}"] = left
    assert wrong == {}
    assert {mail.kind for mail in mails} == {folder.name for folder in EMAILS.iterdir() if folder.is_dir()}


# Refusals


def refusals(source: str) -> list[int]:
    """The lines that refuse with a sentence that is not marked: plain, or put together from pieces."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    raised = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Refused"]
    return [call.lineno for call in raised if isinstance(call.args[0], ast.Constant | ast.JoinedStr)]


def test_what_customers_are_refused_with_is_marked() -> None:
    rooms = [file for app in ("enrollment", "orders", "billing", "ars/account") for file in (ROOT / app).rglob("*.py")]
    names = {file.relative_to(ROOT).as_posix(): file for file in rooms}
    wrong = {name: lines for name, file in names.items() if (lines := refusals(file.read_text()))}
    assert set(wrong) <= OF_PARTNERS


# That all this bites


@pytest.mark.parametrize(
    "template",
    [
        "<p>Left alone</p>",
        '<p>{% translate "Marked" %} and not</p>',
        '<img alt="A cartridge">',
        '<button aria-label="Close">{% translate "x" %}</button>',
        '<input type="submit" value="Send">',
        '<input placeholder="Code">',
        '{% blocktranslate with what="filled in" %}It is {{ what }}{% endblocktranslate %}',
        "<title>{{ now|date:'D' }} Front desk and more</title>",
    ],
)
def test_an_unmarked_text_is_found(template: str) -> None:
    with pseudo_language():
        html = _render(template)
    assert len(unmarked_in(html, {"Front desk"})) == 1


@pytest.mark.parametrize(
    "template",
    [
        "<p>9 %, $24.99 - Front desk</p>",
        '{% blocktranslate with what="Front desk" %}On <b class="n">{{ what }}</b> &amp; more{% endblocktranslate %}',
        "{% blocktranslate count n=2 %}{{ n }} mail{% plural %}{{ n }} mails{% endblocktranslate %}",
        '{% translate "May" context "month" %} {{ now|date:"D j M Y" }}',
        '<script>alert("hello")</script><style>p { color: red }</style>',
        '<input type="hidden" name="csrf" value="token"><a href="/account/" class="button"></a>',
    ],
)
def test_what_is_marked_or_data_is_let_pass(template: str) -> None:
    with pseudo_language():
        html = _render(template)
    assert unmarked_in(html, {"Front desk"}) == []


def test_an_unmarked_refusal_is_found() -> None:
    assert refusals('raise Refused("No.", "no")\nraise Refused(f"No {x}.")\nraise Refused(gettext("No."), "no")') == [
        1,
        2,
    ]


def test_the_language_of_the_tests_keeps_what_is_filled_in() -> None:
    assert dress('%(n)d of <b class="x">{name}</b> &nbsp;') == '⟦%(n)d óƒ <b class="x">{name}</b> &nbsp;⟧'


def _render(template: str) -> str:
    source = "{% load i18n %}" + template
    return Engine.get_default().from_string(source).render(Context({"now": NOW}))
