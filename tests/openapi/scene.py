"""What the fuzzer finds in the database: orders in every state, and a credential of every kind of caller."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from enrollment import keys, pairing
from enrollment.models import ApiKey, Partner, User
from enrollment.pairing import Asker
from orders import lifecycle
from printers import catalogue, tokens
from printers.models import Printer
from tests.factories import NOW, UserFactory
from tests.orders.parcels import delivered, shipped
from tests.orders.world import World, make_world
from tests.staff import with_second_factor

ROLES = ("Support", "Support lead", "Warehouse", "Catalogue", "Finance")
# Who is let in at which addresses; nobody else is, but to pairing, which is open to all.
OPEN = ("/oauth/",)
LET_IN = {
    "nobody": OPEN,
    "printer": ("/api/v1/telemetry", "/api/v1/device"),
    "store": ("/api/v1/store/",),
    "warehouse": ("/api/v1/fulfilment/",),
}

Headers = dict[str, str]


def make(homes: int, spare_tokens: int) -> dict[str, Any]:
    """As JSON: `callers` with their headers, order `numbers`, `skus`, `device_codes`, and `spare_tokens`."""
    catalogue.load()
    worlds = [make_world() for _ in range(homes)]
    numbers = [number for place, world in enumerate(worlds) for number in _orders(world, place)]
    printer = worlds[0].plan.printer
    assert printer is not None
    return {
        "callers": {
            "nobody": {},
            **_partners(worlds[0].partner),
            **_devices(printer),
            **_people(worlds[0].plan.user),
        },
        "numbers": numbers,
        "skus": [world.sku(code).code for world in worlds for code in ("PGBK", "C")],
        "device_codes": [pairing.begin(Asker(), timezone.now())[1] for _ in range(homes)],
        "spare_tokens": [tokens.issue(printer) for _ in range(spare_tokens)],
    }


def _orders(world: World, place: int) -> Iterator[str]:
    """The numbers of an order in some state, and of a backordered one beside it."""
    world.stock("PGBK", 50)
    if place % 4 == 1:
        made = shipped(world)
    elif place % 4 == 2:
        made = delivered(world)
    else:
        made = world.order()
    if place % 4 == 3:
        lifecycle.cancel(made, NOW, "customer", "", by_customer=True)
    yield made.display_number
    yield world.order("C").display_number


def _partners(partner: Partner) -> dict[str, Headers]:
    issued = {scope.value: keys.issue(partner, scope) for scope in ApiKey.Scope}
    revoked, expired = keys.issue(partner, "warehouse"), keys.issue(partner, "warehouse", NOW)
    ApiKey.objects.filter(key_hash=tokens.digest(revoked)).update(revoked_at=NOW)
    issued |= {"revoked key": revoked, "expired key": expired, "wrong key": f"{issued['warehouse'][:-1]}~"}
    return {name: {"Authorization": f"Api-Key {key}"} for name, key in issued.items()}


def _devices(printer: Printer) -> dict[str, Headers]:
    given_back = tokens.issue(printer)
    tokens.revoke_all(printer, "test", NOW)
    issued = {"printer": tokens.issue(printer), "revoked token": given_back, "wrong token": f"{given_back[:-1]}~"}
    return {name: {"Authorization": f"Bearer {token}"} for name, token in issued.items()}


def _people(customer: User) -> dict[str, Headers]:
    """Signed in to the pages, in whatever role: no cookie opens the API."""
    staff = {role: with_second_factor(UserFactory.create(is_staff=True)) for role in ROLES}
    for role, user in staff.items():
        user.groups.add(Group.objects.get(name=role))
    boss = with_second_factor(UserFactory.create(is_staff=True, is_superuser=True))
    return {name: _session(user) for name, user in {"customer": customer, **staff, "superuser": boss}.items()}


def _session(user: User) -> Headers:
    client = Client()
    client.force_login(user)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}
