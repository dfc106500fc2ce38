"""Test printers: the whole way of an order, from the report to the delivery, without a charge and without a parcel.

Everything is done by the verbs and sweeps of real orders; staff only play the printer, the warehouse and the carrier.
"""

import json
from datetime import datetime
from secrets import token_hex

from django.db import transaction

from enrollment import lifecycle as plans
from enrollment.models import Address, Partner, Plan, User
from orders import lifecycle
from orders.models import Order
from printers import reports, tokens
from printers.facts import Refused
from printers.models import DeviceToken, Printer, PrinterModel
from printers.telemetry import ingest

BENCH = "Test bench"  # the partner that packs what no warehouse sees
PARCEL = {"carrier": "UPS", "tracking_number": "1Z0000TEST"}
LOW, FULL = 5, 100
HOUSE = {
    "full_name": "Test printer",
    "line1": "100 Depot Road",
    "city": "Memphis",
    "state": "TN",
    "postal_code": "38118",
}


def make(model: PrinterModel, staff: User, now: datetime) -> tuple[Plan, str]:
    """A test printer of a model with an active plan of its own, and the printer's token, which is kept nowhere."""
    with transaction.atomic():
        printer = Printer.objects.create(model=model, serial_number=f"TEST{token_hex(4).upper()}", is_test=True)
        token = tokens.issue(printer)
        plan = plans.create_plan(staff, model, printer=printer, now=now, by=staff.get_username())
        plans.change_address(plan, Address.objects.create(user=staff, **HOUSE), now)
        plans.set_payable(plan.pk, now)
        plans.agree(Plan.objects.get(pk=plan.pk), {}, None, now)
        return Plan.objects.get(pk=plan.pk), token


def report(plan: Plan, code: str, level: int, now: datetime) -> None:
    """The printer says how much of one supply is left. Refused `no_token` when it may not report any more."""
    live = DeviceToken.objects.filter(printer=plan.printer_id, revoked_at=None).first()
    body = {
        "message_id": token_hex(8),
        "observed_at": now.isoformat(),
        "supplies": [{"slot": code, "level": level}],
    }
    taken = reports.parse(json.dumps(body).encode())
    if live is None or ingest(taken, bytes(live.token_hash), now) is None:
        raise Refused("This printer is not connected any more. Make another.", "no_token")


def pack(order: Order, now: datetime) -> None:
    """As a warehouse packs: what comes after it, billing waives. Refused as `lifecycle.dispatch` says."""
    _check(order)
    bench, _ = Partner.objects.get_or_create(name=BENCH)
    lifecycle.dispatch(order, bench, f"test-{order.pk}", PARCEL, now)


def deliver(order: Order, now: datetime) -> None:
    """As a carrier delivers. Refused when it never left."""
    _check(order)
    lifecycle.deliver(order, now, now, BENCH)


def _check(order: Order) -> None:
    if not order.is_test:
        raise Refused("This is a customer's order, and no test.", "no_test")


def is_under_way(orders: list[Order]) -> bool:
    """Whether workers have something to do with them just now, so that a page should look again."""
    return any(order.status == Order.Status.PACKED for order in orders)
