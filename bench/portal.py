"""The case of the portal: a customer's pages, with ten printers and hundreds of orders."""

import statistics
import time
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from bench import office, sweeping
from enrollment.models import Address, Plan, User
from orders.models import Order

PRINTERS, ORDERS = 10, 500
TIMES = 200
PAGES = {"overview": "/account/", "order_list": "/account/orders/"}  # "orders" are those that are placed


def measure() -> dict[str, Any]:
    """By page: queries, and the middle and slowest time of an answer in this process, in milliseconds."""
    sweeping.prepare(PRINTERS)
    sweeping.sweep(1)
    while Order.objects.count() < ORDERS:
        office.add_delivered()
    ana = User.objects.earliest("pk")
    for model in (Address, Plan, Order):
        model.objects.update(user=ana)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=office.UNPACKED):
        client = Client(raise_request_exception=True)
        client.force_login(ana)
        return {name: _ask(client, address) for name, address in PAGES.items()}


def _ask(client: Client, address: str) -> dict[str, float]:
    with CaptureQueriesContext(connection) as asked:  # the first, which also reads the templates
        answer = client.get(address, secure=True)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}.")
    queries = len(asked)  # the next request forgets them
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(address, secure=True)
        spent.append(1000 * (time.perf_counter() - began))
    return {
        "queries": queries,
        "p50_ms": round(statistics.median(spent), 1),
        "p99_ms": round(statistics.quantiles(spent, n=100)[98], 1),
    }
