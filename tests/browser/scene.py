"""Ana's account on the morning before Thanksgiving: a printer in each state, and an order in each of most."""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from billing.models import Card, Charge, PlanCard, Refund
from enrollment.models import Plan, User
from orders import pricelist
from orders.models import Order, Price, Replenishment, Return, ReturnLine
from orders.money import damm
from printers import catalogue
from printers.models import LowSignal, PrinterModel, Reading, Slot, SlotSku
from tests.factories import (
    AddressFactory,
    ClaimFactory,
    DecisionFactory,
    DispatchFactory,
    LowSignalFactory,
    MessageFactory,
    OrderEventFactory,
    OrderFactory,
    OrderLineFactory,
    PlanFactory,
    PrinterFactory,
    ReadingFactory,
    ReplenishmentFactory,
    UserFactory,
)

NOW = datetime(2025, 11, 26, 9, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
PASSWORD = "paper and ink, calm and dark"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Kind = Replenishment.Kind
Status = Order.Status


def ago(**passed: float) -> datetime:
    return NOW - timedelta(**passed)


def ana() -> User:
    """Ana, her printers and her orders; the same numbers every time."""
    catalogue.load()
    pricelist.load(pricelist.DEFAULT, ago(days=200))
    user = UserFactory.create(email="ana.ruiz@example.com", full_name="Ana Ruiz", password=make_password(PASSWORD))
    _front_desk(user)
    _accounting(user)
    _studio(user)
    _quiet(user)
    _claim(PlanFactory.create(user=user, model=_model("TS702"), nickname="Warehouse", pending=True))
    _plan(user, "TR4520", "Old office", {}, status=Plan.Status.CANCELLED, ended_at=ago(days=23), seen_at=ago(days=23))
    MessageFactory.create(user=user, created_at=ago(hours=3), sent_at=ago(hours=3))
    return user


def _claim(waiting: Plan) -> None:
    """It waits for a printer that is still active in Ben's account."""
    ben = UserFactory.create(email="ben@example.com", full_name="Ben Ode")
    plan = PlanFactory.create(user=ben, model=waiting.model, nickname="Reception")
    asked = ago(hours=5)
    ClaimFactory.create(plan=plan, by=waiting.user, waiting=waiting, at=asked, ends_at=asked + timedelta(hours=72))


def _front_desk(user: User) -> None:
    """Cyan is on its way; earlier ones came, and one went back."""
    levels = {"PGBK": 64, "BK": 58, "C": 9, "M": 41, "Y": 73, "PB": 90}
    plan = _plan(user, "TS8320", "Front desk", levels, on_order={"C"}, seen_at=ago(hours=2))
    for days, code in ((120, "BK"), (61, "M")):
        _deliver(_order(plan, code, placed_at=ago(days=days), still_open=False), ago(days=days - 6))
    _send_back(_order(plan, "Y", placed_at=ago(days=40), still_open=False), ago(days=34))
    order = _order(plan, "C", placed_at=ago(days=1, hours=2))
    _charge(_ship(order, ago(hours=3)), Charge.Status.PAID)


def _accounting(user: User) -> None:
    """Black toner is packed, and the card was refused."""
    plan = _plan(user, "LBP622Cdw", "Accounting", {"K": 6, "C": 52, "M": 48, "Y": 61}, on_order={"K"})
    order = _order(plan, "K", placed_at=ago(days=2))
    _charge(_pack(order, ago(days=1)), Charge.Status.DECLINED)
    _step(order, Status.PAYMENT_FAILED, ago(days=1), "billing")


def _studio(user: User) -> None:
    """Light gray is out of stock; a photo ink is low and not recognised."""
    levels = {"BK": 33, "GY": 27, "LGY": 14, "C": 66, "M": 71, "Y": 80, "PC": 12, "PM": 45}
    plan = _plan(user, "PRO-200", "Studio", levels, on_order={"LGY"}, foreign={"PC"}, waiting={"PC"})
    order = _order(plan, "LGY", placed_at=ago(hours=20))
    _step(order, Status.BACKORDERED, ago(hours=20), "stock")
    _need(plan, "PC", Kind.NOT_GENUINE, ago(days=3))


def _quiet(user: User) -> None:
    """Switched off for twelve days, and never able to say how much colour is left."""
    _plan(user, "TR150", "Travel", {"K": 38, "COLOR": None}, seen_at=ago(days=12))


def _model(name: str) -> PrinterModel:
    return PrinterModel.objects.get(name=name)


def _plan(
    user: User,
    model: str,
    nickname: str,
    levels: Mapping[str, int | None],
    *,
    on_order: Set[str] = frozenset(),
    waiting: Set[str] = frozenset(),
    foreign: Set[str] = frozenset(),
    seen_at: datetime | None = None,
    **fields: Any,
) -> Plan:
    """A plan paid by Visa 4242, its printer's last report holding these levels."""
    seen_at = seen_at or ago(minutes=25)
    marks = dict(Slot.objects.filter(model__name=model).values_list("code", "low_threshold"))
    supplies = {
        code: {
            "at": seen_at.isoformat(),
            "level": level,
            "last": level,
            "low": level is not None and level <= marks[code],
            "genuine": code not in foreign,
            "serial": None,
            "rise": None,
            "signal": None,
            "replenishment": "on_order" if code in on_order else "waiting" if code in waiting else "none",
        }
        for code, level in levels.items()
    }
    serial = f"KKBC{14471 + 13 * user.plans.count()}"
    printer = PrinterFactory.create(model=_model(model), serial_number=serial, seen_at=seen_at, supplies=supplies)
    address = user.addresses.first() or AddressFactory.create(user=user)
    plan = PlanFactory.create(
        user=user, model=printer.model, printer=printer, nickname=nickname, shipping_address=address, **fields
    )
    PlanCard.objects.create(plan=plan, card=_card(user))
    _history(plan)
    return plan


def _history(plan: Plan) -> None:
    """Half a year of use: each supply fell at a pace of its own to where it is, with a new cartridge on the way."""
    assert plan.printer is not None
    Plan.objects.filter(pk=plan.pk).update(created_at=ago(days=200))
    heard = plan.printer.seen_at or NOW
    for place, slot in enumerate(plan.model.slots.all()):
        level = plan.printer.supplies.get(slot.code, {}).get("level")
        if level is None:
            continue
        pace, new = 4 + place % 4, (100 - level) // (4 + place % 4)
        steps = [(days, level + days * pace) for days in range(1, min(new, 22))]
        steps += [(new + days, 8 + days * pace) for days in range(1, min(22 - new, 15))]
        Reading.objects.bulk_create(
            ReadingFactory.build(
                printer=plan.printer,
                slot=slot,
                observed_at=heard - (8 * days + (days * 3) % 5) * DAY,
                level=min(left, 100),
                replaced=days == new - 1,
            )
            for days, left in steps
        )


def _card(user: User) -> Card:
    shown = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2028}
    return Card.objects.get_or_create(user=user, stripe_id=f"pm_{user.pk}", defaults=shown)[0]


def _need(plan: Plan, code: str, kind: str, at: datetime, *, still_open: bool = True) -> Replenishment:
    """A low signal of a slot, and what was decided about it."""
    slot = Slot.objects.get(model=plan.model, code=code)
    closed = {} if still_open else {"closed_at": at + 8 * DAY, "closed_cause": LowSignal.ClosedCause.REPLACED}
    known = plan.printer.supplies[code]["level"] if plan.printer else None
    signal = LowSignalFactory.create(
        printer=plan.printer,
        slot=slot,
        observed_at=at,
        level=known if still_open else 9,
        threshold=slot.low_threshold,
        due_at=None,
        **closed,
    )
    need = ReplenishmentFactory.create(
        plan=plan, slot=slot, signal=signal, decision=kind, opened_at=at, due_at=None, **closed
    )
    DecisionFactory.create(replenishment=need, kind=kind, at=at)
    return need


def _order(plan: Plan, code: str, *, placed_at: datetime, still_open: bool = True) -> Order:
    """An order of the cartridge for one slot, at its list price."""
    need = _need(plan, code, Kind.ORDERED, placed_at, still_open=still_open)
    sku = SlotSku.objects.filter(slot=need.slot).order_by("size")[0].sku
    cents = Price.objects.filter(sku=sku)[0].amount_cents
    digits = str(48_271_936 + 1_107_063 * plan.user.orders.count())
    order = OrderFactory.create(
        plan=plan, number=f"{digits}{damm(digits)}", placed_at=placed_at, quoted_total_cents=cents
    )
    OrderLineFactory.create(
        order=order, replenishment=need, slot=need.slot, sku=sku, quoted_unit_price_cents=cents, open=still_open
    )
    OrderEventFactory.create(order=order, status=Status.PLACED, at=placed_at, by="printer", due_at=None)
    return order


def _step(order: Order, to: str, at: datetime, by: str, **fields: Any) -> Order:
    """Move an order as its lifecycle would have."""
    Order.objects.filter(pk=order.pk).update(status=to, updated_at=at, **fields)
    OrderEventFactory.create(order=order, status=to, at=at, by=by, due_at=None)
    order.refresh_from_db()
    return order


def _pack(order: Order, at: datetime) -> Order:
    tracking = f"1Z999AA1{order.number}"
    _step(order, Status.RELEASED, order.placed_at, "stock")
    _step(order, Status.PACKED, at, "Demo warehouse", carrier="UPS", tracking_number=tracking, priced_at=at)
    DispatchFactory.create(order=order, at=at, due_at=None)
    return order


def _ship(order: Order, at: datetime) -> Order:
    return _step(_pack(order, at), Status.SHIPPED, at + timedelta(minutes=1), "billing", shipped_at=at)


def _deliver(order: Order, at: datetime) -> Order:
    _charge(_ship(order, at - 4 * DAY), Charge.Status.PAID)
    return _step(order, Status.DELIVERED, at, "carrier", delivered_at=at)


def _send_back(order: Order, at: datetime) -> Order:
    """Delivered, not needed, back in the warehouse ten days later, and paid back."""
    _deliver(order, at)
    announced = Return.objects.create(number="271828187", order=order, at=at + DAY, send_by=(at + 30 * DAY).date())
    ReturnLine.objects.create(announced=announced, line=order.lines.get(), quantity=1)
    paid, back = order.charges.get(), at + 10 * DAY
    Refund.objects.create(
        charge=paid, amount_cents=paid.amount_cents, status="made", stripe_id="re_1", created_at=back, settled_at=back
    )
    Charge.objects.filter(pk=paid.pk).update(refunded_cents=paid.amount_cents)
    return _step(order, Status.RETURNED, back, "Demo warehouse")


def _charge(order: Order, status: str) -> Charge:
    """What the bank said when it was packed."""
    packed_at = order.priced_at or order.placed_at
    return Charge.objects.create(
        order=order,
        dispatch=order.dispatches.get(),
        card=_card(order.user),
        attempt=1,
        status=status,
        amount_cents=order.total_cents,
        currency="usd",
        payment_intent_id=f"pi_{order.number}",
        created_at=packed_at,
        settled_at=packed_at + timedelta(seconds=2),
    )
