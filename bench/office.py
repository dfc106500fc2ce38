"""The case of the back office: customers by the hundred thousand with two orders each, and the pages of a call."""

import random
import statistics
import time
from datetime import timedelta

from django.core.management.color import no_style
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from ars.backoffice import counting
from bench import sweeping
from enrollment.models import User
from orders import numbers
from orders.models import Order, OrderLine

TIMES = 20  # each page is asked for, of another customer each time
CHUNK = 5_000
EARLIER = timedelta(days=60)
UNPACKED = {  # static files under their own names: none was collected here
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DOOR = 5  # queries of any page: session, user, second factor, rights


def measure(customers: int) -> dict[str, dict[str, float]]:
    """By page: the queries of its worst answer beyond the door's, its middle and slowest time in milliseconds."""
    sweeping.prepare(customers)
    sweeping.sweep(2)
    add_delivered()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [User]):  # made with keys of their own
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    staff = User.objects.create_superuser("staff@ars.example", "correct horse")
    counting.count(Order.objects.latest("placed_at").placed_at)
    dice = random.Random(1)
    some = dice.sample(list(User.objects.filter(is_staff=False).values_list("pk", "email")), TIMES)
    numbers_of = dict(Order.objects.filter(user__in=[pk for pk, _ in some]).values_list("user", "number"))
    pages = {
        "first page": ["/admin/"] * TIMES,
        "find by e-mail": [f"/admin/find/?q={email}" for _, email in some],
        "find by order": [f"/admin/find/?q={numbers_of[pk]}" for pk, _ in some],
        "find by name": ["/admin/find/?q=ana"] * TIMES,
        "customer": [f"/admin/customers/{pk}/" for pk, _ in some],
        "orders": ["/admin/orders/order/"] * TIMES,
        "waiting orders": ["/admin/orders/order/?status__exact=backordered"] * TIMES,
        "customers": ["/admin/enrollment/user/"] * TIMES,
        "backorders": ["/admin/queues/backorders/"] * TIMES,
    }
    with override_settings(STAFF_MFA_REQUIRED=False, ALLOWED_HOSTS=["testserver"], STORAGES=UNPACKED):
        client = Client(raise_request_exception=True)
        client.force_login(staff)
        return {name: _ask(client, addresses) for name, addresses in pages.items()}


def add_delivered() -> None:
    """An earlier order of everybody, delivered."""
    waiting = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(waiting), CHUNK):
        orders = list(Order.objects.filter(pk__in=waiting[start : start + CHUNK]).prefetch_related("lines"))
        lines = []
        for order, number in zip(orders, numbers.free_ones(Order.objects, len(orders)), strict=True):
            line = order.lines.all()[0]
            line.pk, line.replenishment, line.open = None, None, False
            lines.append((line, order))
            order.pk, order.number, order.status = None, number, Order.Status.DELIVERED
            order.placed_at = order.priced_at = order.shipped_at = order.delivered_at = order.placed_at - EARLIER
        Order.objects.bulk_create(orders)
        for line, order in lines:
            line.order = order  # which has a key of its own by now
        OrderLine.objects.bulk_create(line for line, _ in lines)


def _ask(client: Client, addresses: list[str]) -> dict[str, float]:
    client.get(addresses[0], secure=True)  # templates are read once a process
    queries, spent = 0, []
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            client.get(address, secure=True)
        queries = max(queries, len(asked))
        began = time.perf_counter()
        client.get(address, secure=True)
        spent.append(1000 * (time.perf_counter() - began))
    return {
        "queries": max(queries - DOOR, 0),
        "p50_ms": round(statistics.median(spent), 1),
        "slowest_ms": round(max(spent), 1),
    }
