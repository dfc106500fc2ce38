"""No page, sweep or report reads all of a table that grows with the fleet: the plans say so."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from ars import timetable
from billing.models import Charge, Dispute
from enrollment.models import Plan, User
from notifications.models import Message
from orders.models import Order
from printers import retention
from printers.backoffice import Roughly
from printers.models import Printer
from tests.ars.access_table import TABLE
from tests.ars.backoffice.troubles import TROUBLES
from tests.ars.test_access import ADDRESSES, EXAMPLES, row
from tests.factories import NOW
from tests.orders.world import World
from tests.partners import PartnerClient
from tests.plans import customer, growing
from tests.plans.reading import plans_read
from tests.staff import with_second_factor

Found = dict[tuple[str, str], str]

SILENT = "who is silent is known by `seen_at` alone, which no index may hold: every report would have to write it"
# What reads all of a table all the same, and why that may be.
READS_ALL = {
    (
        "orders.tasks.check_stock",
        "orders_stockmovement",
    ): "once a day it adds up all that ever came and went",
    **{("notifications.tasks.remind", f"printers_{table}"): SILENT for table in ("printer", "devicetoken")},
    **{("notifications.tasks.remind", f"enrollment_{table}"): SILENT for table in ("plan", "user", "address")},
    **{("ars.tasks.count", table): SILENT for table in ("printers_printer", "enrollment_plan")},
    **{("queue silent-printers", f"enrollment_{table}"): SILENT for table in ("plan", "user")},
    ("queue silent-printers", "printers_printer"): SILENT,
}
SMALL = "joined to a table of a few rows: at twenty thousand it is cheaper to read all"
# What reads all of a table and should not: to be mended.
NOT_YET = {
    ("admin/account/emailaddress/", "account_emailaddress"): "a list of another package, with an exact count",
    ("notifications.tasks.remind", "billing_plancard"): SMALL,
    ("billing.tasks.stop_expired_cards", "billing_plancard"): SMALL,
    ("billing.tasks.stop_expired_cards", "enrollment_plan"): SMALL,
    ("admin/billing/charge/books/<str:month>/", "orders_returnreceipt"): SMALL,
    ("admin/mfa/authenticator/", "enrollment_user"): SMALL,
    ("admin/printers/unknownsupply/", "printers_printer"): SMALL,
    ("queue unknown-supplies", "printers_printer"): SMALL,
}
SEARCHES = ("bea", "4827-1936-5", "bea@example.com", "KKBC00001", "202-555-0123", "1Z999AA10123456784", "4242")
OF_ANOTHER = re.compile(r"/(?:add|delete|history|change)/$")  # pages of the admin that ask no more than the others
Act = Callable[[], object]


@pytest.fixture
def town(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, User]]:
    """A customer with all that can be, thousands like her, and one of each trouble."""
    with time_machine.travel(NOW, tick=False):
        boss = with_second_factor(User.objects.create_superuser("boss@example.com", "correct horse"))
        world = customer.settled(boss)
        assert growing.copy() == []
        _look_at_all()  # else each statement below would be planned for the few rows of another test
        for number, slug in enumerate(TROUBLES.keys() - {"stuck-charges"}):  # which looks for the only charge there is
            TROUBLES[slug]()
            Charge.objects.filter(payment_intent_id="pi_1").update(payment_intent_id=f"pi_trouble_{number}")
            Dispute.objects.filter(stripe_id="dp_1").update(stripe_id=f"dp_trouble_{number}")
        monkeypatch.setattr(retention, "BATCH", 50)  # of a month, as ten thousand are of one of a large fleet
        monkeypatch.setattr(Roughly, "EXACT", 1_000)
        _look_at_all()
        yield world, boss


def _look_at_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def sweeps() -> Iterator[tuple[str, Act]]:
    return ((task, import_string(task)) for task in timetable.EVERY)


def pages(world: World, boss: User) -> Iterator[tuple[str, Act]]:
    """Every address that is read, as whoever it is for; each queue; each kind of search."""
    owner, staff = Client(raise_request_exception=False), Client()
    owner.force_login(world.plan.user)
    staff.force_login(boss)
    warehouse = PartnerClient(world.partner)
    for address in ADDRESSES:
        if TABLE[row(address)][0] == "GET" and not ("admin/" in address and OF_ANOTHER.search(address)):
            client = staff if address.startswith("admin/") else warehouse if address.startswith("api/") else owner
            yield address, partial(read, client, at(address, world))
    for slug in TROUBLES:
        yield f"queue {slug}", partial(read, staff, f"/admin/queues/{slug}/")
    for words in SEARCHES:
        yield f"find {words}", partial(read, staff, f"/admin/find/?q={words}")


def read(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code < 500, path
    if answer.streaming:
        list(answer.streaming_content)  # type: ignore[attr-defined]


def at(address: str, world: World) -> str:
    """The address of something that is there."""
    plan = Plan.objects.get(pk=world.plan.pk)
    values = {
        "number": Order.objects.get(user=plan.user).number,
        "plan_id": plan.pk,
        "user_id": plan.user_id,
        "sku_id": world.sku().pk,
        "slot_id": plan.model.slots.all()[0].pk,
        "slug": plan.model.slug,
        "address_id": plan.shipping_address_id,
        "series": plan.model.series.slug,
        "month": "2026-11",
        "order_id": Order.objects.get(user=plan.user).pk,
        "kind": "models",
        "message_id": Message.objects.filter(user=plan.user)[0].pk,
    }
    if named := re.match(r"admin/([a-z]+)/([a-z]+)/<path:object_id>/", address):
        values["object_id"] = (
            apps.get_model(named[1], named[2])._default_manager.values_list("pk", flat=True).first() or 0
        )
    address = EXAMPLES.get(row(address), re.sub(r"\^\(\?P<app_label>(\w+).*", r"\1/", address))
    return re.sub(r"<\w+:(\w+)>", lambda name: str(values.get(name[1], 0)), f"/{address}")


@pytest.mark.timeout(900)  # it asks for every plan of every page
def test_nothing_reads_all_of_what_grows(town: tuple[World, User]) -> None:
    it_sees_a_query_that_does()
    told = []
    for name, act in (*sweeps(), *pages(*town)):
        found: Found = {}
        with plans_read(found):
            act()
        grown = {read: sql for read, sql in found.items() if (name, read[0]) not in READS_ALL | NOT_YET}
        told += [f"{name}: {' '.join(read)}\n  {sql}" for read, sql in grown.items()]
    assert not told, "\n".join(told)


def it_sees_a_query_that_does() -> None:
    """The control, in the same town."""
    found: Found = {}
    with plans_read(found):
        list(Printer.objects.filter(seen_at__lt=NOW))
        Printer.objects.count()
        list(Printer.objects.order_by("pk")[:10])
        Printer.objects.filter(pk=1).exists()
    assert [table for table, _ in found] == ["printers_printer"] * 2
