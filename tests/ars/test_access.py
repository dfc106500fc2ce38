"""Who may go where: every address of the service and everybody who may knock. A new address without a row fails."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from enrollment import invitations, links
from enrollment.models import ApiKey, Plan, User
from notifications import mail_links
from notifications.models import Message
from orders.models import Order
from printers import tokens
from tests.ars.access_callers import CALLERS, ROLES, Outcome
from tests.ars.access_table import TABLE, expected_of
from tests.factories import NOW, ClaimFactory, MessageFactory, UserFactory
from tests.orders.world import World, make_world
from tests.partners import PartnerClient
from tests.staff import with_second_factor

# What stands for the variable part of an address that is matched by a regular expression.
EXAMPLES = {
    "^(?:api|webhooks)(?:/.*)?$": "api/v1/nothing",
    "^oauth(?:/.*)?$": "oauth/nothing",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-forged/",
    "admin/(?P<url>.*)$": "admin/nothing/",
}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address


def row(address: str) -> str:
    """The key of an address in TABLE: the admin's own pages for each model share theirs."""
    listed = re.sub(r"<app_label>[\w|]+\)", "<app_label>APP)", address)
    return (
        listed
        if listed in TABLE
        else re.sub(r"^admin/[a-z]+/[a-z]+/(?=$|add/$|<path:object_id>/)", "admin/APP/MODEL/", listed)
    )


ADDRESSES = sorted(addresses(get_resolver().url_patterns))


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Its plan and its order are the owner's."""
    with time_machine.travel(NOW, tick=False):
        made = make_world()
        made.stock("PGBK", 10)
        order = made.order()
        MessageFactory.create(user=made.plan.user, order=order)
        ClaimFactory.create(plan=made.plan)
        yield made


def everyone(world: World) -> list[Client]:
    assert world.plan.printer is not None
    signed_in = [UserFactory.create(), world.plan.user, *map(with_second_factor, _staff())]
    clients = [Client(raise_request_exception=False) for _ in signed_in]
    for client, user in zip(clients, signed_in, strict=True):
        client.force_login(user)
    return [
        Client(),
        Client(headers={"authorization": f"Bearer {tokens.issue(world.plan.printer)}"}),
        PartnerClient(world.partner, ApiKey.Scope.STORE),
        PartnerClient(world.partner, ApiKey.Scope.WAREHOUSE),
        *clients,
    ]


def _staff() -> list[User]:
    """One without rights, one of each role, and a superuser."""
    staff = [UserFactory.create(is_staff=True, is_superuser=role == "superuser") for role in (None, *ROLES)]
    for user, role in zip(staff[1:-1], ROLES, strict=False):
        user.groups.add(Group.objects.get(name=role))
    return staff


def signed(address: str, plan: Plan, order: Order) -> str:
    """What the link of a mail carries: a plan, an order, or the need it was for."""
    if address.startswith("pay/"):
        return links.sign(links.PAY, order.pk)
    if not address.startswith("mail/"):
        return invitations.sign(plan)
    purpose = address.split("/")[1]
    thing = {mail_links.ASKED: order.lines.get().replenishment, mail_links.CLAIM: plan.claims.get()}.get(purpose, order)
    assert thing is not None
    return links.sign(mail_links.purpose_of(purpose), thing.pk)


def filled(address: str) -> str:
    """The address of something that is there: the order, the plan, or number 1."""
    plan, order = Plan.objects.get(), Order.objects.get()
    values = {
        "number": order.number,
        "plan_id": str(plan.pk),
        "object_id": "0",
        "content_type_id": "0",
        "order_id": "0",
        "kind": "models",
        "user_id": str(plan.user_id),
        "note_id": "0",
        "sku_id": "0",
        "address_id": "0",
    }
    values |= {"month": "2026-11", "slug": plan.model.slug, "series": plan.model.series.slug}
    values["signed"] = signed(address, plan, order)
    values |= {"slot_id": str(plan.model.slots.all()[0].pk), "message_id": str(Message.objects.get().pk)}
    address = EXAMPLES.get(row(address), re.sub(r"\^\(\?P<app_label>(\w+).*", r"\1/", address))
    return re.sub(r"<\w+:(\w+)>", lambda found: values[found[1]], f"/{address}")


def knock(client: Client, method: str, address: str) -> Outcome:
    answer = client.generic(method, address, b"", "application/json")
    sent_on = answer.headers.get("Location", "").partition("?")[0]
    own = r"^(/activate/|/account/(?:replenishment|orders)/|/admin/pack/)[\d-]+/"
    sent_on = re.sub(own, r"\g<1>1/", sent_on and urljoin(address, sent_on))
    sent_on = re.sub(r"^/admin/customers/\d+/", "/admin/customers/1/", sent_on)
    sent_on = re.sub(r"^/pay/[^/]+/", "/pay/1/", sent_on)
    return re.sub(r"^/admin/\w+/\w+/0/", "/admin/APP/MODEL/0/", sent_on) or answer.status_code


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {row(address) for address in ADDRESSES} == set(TABLE)


def batches() -> dict[tuple[str, str], list[str]]:
    """The addresses of each row; those of the admin's own pages apart for each app, or one test would take minutes."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for address in ADDRESSES:
        key = row(address)
        found[key, address.split("/")[1] if "MODEL" in key else ""].append(address)
    return dict(found)


BATCHES = batches()


@pytest.mark.parametrize("batch", BATCHES, ids="-".join)
def test_everybody_gets_what_the_table_says(world: World, batch: tuple[str, str]) -> None:
    method, expected = TABLE[batch[0]]
    clients = everyone(world)
    for address in BATCHES[batch]:
        door = filled(address)
        outcomes = [knock(client, method, door) for client in clients]
        due = expected_of(address, expected)
        assert dict(zip(CALLERS, outcomes, strict=True)) == dict(zip(CALLERS, due, strict=True)), address
