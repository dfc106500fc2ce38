"""The bodies of the fulfilment API, in and out."""

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enrollment.bodies import Moment, Text, Ticked, Whole
from enrollment.models import Address
from orders import parcels, stock
from orders.models import Order


class OrderLineBody(serializers.Serializer[Any]):
    """So many of a SKU."""

    sku = serializers.CharField(source="sku.code")
    quantity = serializers.IntegerField()
    unit_price_cents = serializers.IntegerField()


class ParcelOut(serializers.Serializer[Any]):
    """One parcel of an order, and the carrier's page of it; empty when we know none."""

    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()


class OrderStep(serializers.Serializer[Any]):
    """A step of an order's life."""

    status = serializers.ChoiceField(Order.Status.choices)
    at = serializers.DateTimeField()
    note = serializers.CharField()


ShipTo = type(
    "ShipTo",
    (serializers.Serializer,),
    {"__doc__": "Where the parcel goes.", **{name: serializers.CharField() for name in Address.SHIPPING_FIELDS}},
)


class OrderFacts(serializers.Serializer[Any]):
    """What an order is, without whom it is for."""

    number = serializers.CharField(source="display_number")
    status = serializers.ChoiceField(Order.Status.choices)
    revision = serializers.IntegerField(help_text="Rises when the address changes.")
    lines = OrderLineBody(many=True)
    discount_cents = serializers.IntegerField()
    tax_cents = serializers.IntegerField()
    shipping_cents = serializers.IntegerField()
    total_cents = serializers.IntegerField()
    currency = serializers.CharField()
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    parcels = serializers.SerializerMethodField(help_text="All of them, the one above first.")

    @extend_schema_field(ParcelOut(many=True))
    def get_parcels(self, order: Order) -> Any:
        return ParcelOut(parcels.of(order), many=True).data


class OrderBody(OrderFacts):
    """An order as a warehouse sees it."""

    ship_to = ShipTo()
    history = OrderStep(many=True, source="events")


class OrderQuery(serializers.Serializer[Any]):
    """What a list of orders may be narrowed by."""

    status = serializers.ChoiceField(Order.Status.choices, required=False)
    updated_since = Moment(
        required=False,
        help_text="Orders changed at or after this time. Ask again from a little before the last answer: "
        "two changes may become visible in the other order.",
    )


class ParcelBody(serializers.Serializer[Any]):
    """One of several parcels."""

    carrier = Text(max_length=40)
    tracking_number = Text(max_length=80)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if objection := parcels.objection(attrs["carrier"], attrs["tracking_number"]):
            raise serializers.ValidationError({"tracking_number": [objection]})
        return attrs


class DispatchBody(ParcelBody):
    """A packed order. `revision` is that of the order as it was packed."""

    dispatch_id = Text(max_length=100, trim_whitespace=False, help_text="Your own id: sent again, it counts once.")
    parcels = serializers.ListField(child=ParcelBody(), min_length=1, max_length=20, required=False)
    revision = Whole(min_value=1, max_value=2_147_483_647, required=False)


class MissingLineBody(serializers.Serializer[Any]):
    """So many of a SKU that are not on the shelf."""

    sku = Text(max_length=40)
    quantity = Whole(min_value=1, max_value=1_000)


class ShortBody(serializers.Serializer[Any]):
    """What of an order is not on the shelf."""

    short_id = Text(max_length=100, trim_whitespace=False, help_text="Your own id: sent again, it counts once.")
    lines = serializers.ListField(child=MissingLineBody(), min_length=1, max_length=50)


class DeliveryBody(serializers.Serializer[Any]):
    """When the parcel arrived."""

    delivered_at = Moment()


class ReturnedLineBody(serializers.Serializer[Any]):
    """So many of a SKU that came back."""

    sku = Text(max_length=40)
    quantity = Whole(min_value=1, max_value=1_000)
    accepted = Ticked(help_text="True: as new, and refunded. It does not go back on the shelf by this: book a receipt.")


class ReturnBody(serializers.Serializer[Any]):
    """A parcel that came back."""

    return_id = Text(max_length=100, trim_whitespace=False, help_text="Your own id: sent again, it counts once.")
    lines = serializers.ListField(child=ReturnedLineBody(), min_length=1, max_length=50)
    undeliverable = Ticked(
        required=False, help_text="True: the carrier brought it back. Its owner is asked whether the address is right."
    )


class StockBody(serializers.Serializer[Any]):
    """What is on the shelf, what of it is promised, and what is waited for."""

    sku = serializers.CharField(source="code")
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    backordered = serializers.IntegerField()
    expected_on = serializers.DateField(allow_null=True, help_text="When more of it should be here.")


class ExpectedBody(serializers.Serializer[Any]):
    """When more of a SKU should be here."""

    sku = Text(max_length=40)
    expected_on = serializers.DateField(allow_null=True, help_text="The day; null: nobody knows.")

    def validate_expected_on(self, day: date | None) -> date | None:
        if objection := stock.objection(day, timezone.now().date()):
            raise serializers.ValidationError(objection)
        return day


class ReceiptBody(serializers.Serializer[Any]):
    """Stock that arrived."""

    receipt_id = Text(max_length=100, trim_whitespace=False, help_text="Your own id: sent again, it counts once.")
    sku = Text(max_length=40)
    quantity = Whole(min_value=1, max_value=100_000)
