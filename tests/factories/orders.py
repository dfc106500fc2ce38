"""Prices, needs, orders, stock and fulfilment facts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from orders.models import (
    Decision,
    Dispatch,
    LinePromotion,
    Order,
    OrderEvent,
    OrderLine,
    Price,
    Promotion,
    Receipt,
    Replenishment,
    Reservation,
    StockItem,
    StockMovement,
    TaxRate,
)
from orders.money import new_number
from tests.factories.enrollment import PartnerFactory, PlanFactory
from tests.factories.printers import NOW, LowSignalFactory, SkuFactory, SlotFactory


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price

    sku = SubFactory(SkuFactory)
    amount_cents = 2499
    valid_from = NOW - timedelta(days=365)


class TaxRateFactory(DjangoModelFactory[TaxRate]):
    """Where most tests send their ink, since long; of several the first made is the one that holds."""

    class Meta:
        model = TaxRate

    state = "OR"
    percent = Decimal("7.2500")
    valid_from = Sequence(lambda n: (NOW - timedelta(days=365 + n)).date())


class PromotionFactory(DjangoModelFactory[Promotion]):
    """10 % off everything, running for a month around NOW."""

    class Meta:
        model = Promotion

    name = "Autumn weeks"
    percent = 10
    scope = Promotion.Scope.EVERYTHING
    starts_at = NOW - timedelta(days=10)
    ends_at = NOW + timedelta(days=20)


class ReplenishmentFactory(DjangoModelFactory[Replenishment]):
    """An open, undecided need of a plan's printer."""

    class Meta:
        model = Replenishment

    plan = SubFactory(PlanFactory)
    slot = SubFactory(SlotFactory, model=LazyAttribute(lambda slot: slot.factory_parent.plan.model))
    signal = SubFactory(
        LowSignalFactory,
        printer=LazyAttribute(lambda signal: signal.factory_parent.plan.printer),
        slot=LazyAttribute(lambda signal: signal.factory_parent.slot),
    )
    opened_at = NOW
    due_at = NOW


class DecisionFactory(DjangoModelFactory[Decision]):
    class Meta:
        model = Decision

    replenishment = SubFactory(ReplenishmentFactory)
    signal = LazyAttribute(lambda decision: decision.replenishment.signal)
    kind = Replenishment.Kind.ORDERED
    reason = "9 % is below the mark of 15 %."
    evidence = LazyFunction(dict)
    at = NOW


class OrderFactory(DjangoModelFactory[Order]):
    """A placed order without lines. A status from packed on needs `priced_at`."""

    class Meta:
        model = Order

    number = LazyFunction(new_number)
    plan = SubFactory(PlanFactory)
    user = LazyAttribute(lambda order: order.plan.user)
    ship_to = LazyAttribute(lambda order: order.plan.shipping_address.as_ship_to())
    placed_at = NOW
    listed_at = LazyAttribute(lambda order: order.placed_at)
    updated_at = LazyAttribute(lambda order: order.placed_at)
    quoted_total_cents = 2499
    tax_cents = 0
    quoted_tax_cents = LazyAttribute(lambda order: order.tax_cents)
    total_cents = LazyAttribute(lambda order: order.quoted_total_cents)


class OrderLineFactory(DjangoModelFactory[OrderLine]):
    class Meta:
        model = OrderLine

    order = SubFactory(OrderFactory)
    sku = SubFactory(SkuFactory)
    quoted_unit_price_cents = 2499
    unit_price_cents = LazyAttribute(lambda line: line.quoted_unit_price_cents)


class LinePromotionFactory(DjangoModelFactory[LinePromotion]):
    """What a line keeps of a promotion; its discount is the line's own."""

    class Meta:
        model = LinePromotion

    line = SubFactory(OrderLineFactory)
    promotion = SubFactory(PromotionFactory)
    name = LazyAttribute(lambda kept: kept.promotion.name)
    percent = LazyAttribute(lambda kept: kept.promotion.percent)
    amount_cents = LazyAttribute(lambda kept: kept.promotion.amount_cents)


class OrderEventFactory(DjangoModelFactory[OrderEvent]):
    class Meta:
        model = OrderEvent

    order = SubFactory(OrderFactory)
    status = LazyAttribute(lambda event: event.order.status)
    at = NOW
    by = "system"
    due_at = NOW


class DispatchFactory(DjangoModelFactory[Dispatch]):
    class Meta:
        model = Dispatch

    partner = SubFactory(PartnerFactory)
    dispatch_id = Sequence(lambda n: f"D-{n}")
    order = SubFactory(OrderFactory, status=Order.Status.PACKED, priced_at=NOW)
    body = LazyAttribute(
        lambda dispatch: {"dispatch_id": dispatch.dispatch_id, "carrier": "UPS", "tracking_number": "1Z999"}
    )
    at = NOW
    due_at = NOW


class StockItemFactory(DjangoModelFactory[StockItem]):
    """With the movement that brought it, and a reservation of `reserved` pieces if there are any."""

    class Meta:
        model = StockItem

    sku = SubFactory(SkuFactory)
    on_hand = 10

    @classmethod
    @transaction.atomic  # what does not add up is not committed
    def _create(cls, model_class: type[StockItem], *args: Any, **kwargs: Any) -> StockItem:
        item = model_class._default_manager.create(**kwargs)
        if item.on_hand:
            StockMovement.objects.create(sku=item.sku, kind=StockMovement.Kind.RECEIPT, quantity=item.on_hand, at=NOW)
        if item.reserved:
            line = OrderLineFactory.create(sku=item.sku, quantity=item.reserved, order__status=Order.Status.RELEASED)
            Reservation.objects.create(line=line, sku=item.sku, quantity=item.reserved, at=NOW)
        return item


class StockMovementFactory(DjangoModelFactory[StockMovement]):
    class Meta:
        model = StockMovement

    sku = SubFactory(SkuFactory)
    kind = StockMovement.Kind.RECEIPT
    quantity = 10
    at = NOW

    @classmethod
    @transaction.atomic  # what does not add up is not committed
    def _create(cls, model_class: type[StockMovement], *args: Any, **kwargs: Any) -> StockMovement:
        movement = model_class._default_manager.create(**kwargs)
        StockItem.objects.filter(sku=movement.sku_id).update(on_hand=F("on_hand") + movement.quantity)
        return movement


class ReservationFactory(DjangoModelFactory[Reservation]):
    """With what it is promised of: more comes to the shelf where there is not enough."""

    class Meta:
        model = Reservation

    line = SubFactory(OrderLineFactory)
    sku = LazyAttribute(lambda reservation: reservation.line.sku)
    quantity = LazyAttribute(lambda reservation: reservation.line.quantity)
    at = NOW

    @classmethod
    @transaction.atomic  # what does not add up is not committed
    def _create(cls, model_class: type[Reservation], *args: Any, **kwargs: Any) -> Reservation:
        reservation = model_class._default_manager.create(**kwargs)
        item = StockItem.objects.get(sku=reservation.sku_id)
        if item.on_hand < item.reserved + reservation.quantity:
            StockMovementFactory.create(sku=reservation.sku, quantity=reservation.quantity)
        StockItem.objects.filter(pk=item.pk).update(reserved=F("reserved") + reservation.quantity)
        return reservation


class ReceiptFactory(DjangoModelFactory[Receipt]):
    class Meta:
        model = Receipt

    partner = SubFactory(PartnerFactory)
    receipt_id = Sequence(lambda n: f"R-{n}")
    sku = SubFactory(SkuFactory)
    quantity = 10
    at = NOW
