"""Fulfilment: the orders to pack, and what a warehouse tells of them."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enrollment.authentication import partner_of
from enrollment.models import ApiKey
from orders import lifecycle
from orders.api import telling
from orders.api.pagination import KeysetPagination
from orders.api.serializers import DeliveryBody, DispatchBody, OrderBody, OrderQuery, ShortBody
from orders.models import Order
from orders.money import parse_number
from orders.packing import listed

# A parameter that is there and empty counts as left out.
EMPTY = [
    OpenApiParameter("updated_since", {"anyOf": [{"type": "string", "format": "date-time"}, {"const": ""}]}),
    OpenApiParameter("status", {"enum": [*Order.Status.values, ""]}),
]
CLOCK_SKEW = timedelta(minutes=5)  # between a carrier's scanner and us
NUMBER = OpenApiParameter("number", str, "path", description="With or without dashes: 4827-1936-5 or 482719365.")


def find(number: str, now: datetime) -> Order:
    """The order of a number as typed, or 404."""
    order = listed(now).filter(number=parse_number(number)).first()
    if order is None:
        raise NotFound("There is no such order.")
    return order


class OrderList(ListAPIView[Order]):
    """What to pack, oldest first; not what staff hold."""

    scope = ApiKey.Scope.WAREHOUSE
    serializer_class = OrderBody
    pagination_class = KeysetPagination
    ordering = ("placed_at", "pk")

    def get_queryset(self) -> QuerySet[Order]:
        asked = OrderQuery(data={name: value for name, value in self.request.query_params.items() if value})
        asked.is_valid(raise_exception=True)
        orders = listed(timezone.now()).exclude(status=Order.Status.RELEASED, held_at__isnull=False)
        if status := asked.validated_data.get("status"):
            orders = orders.filter(status=status)
        if since := asked.validated_data.get("updated_since"):
            orders = orders.filter(updated_at__gte=since)
        return orders

    @extend_schema(operation_id="list_orders", tags=["Fulfilment"], parameters=[OrderQuery, *EMPTY])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Orders of any status, first placed first, whenever they changed. Follow `next` until it is null."""
        return super().get(request, *args, **kwargs)


class OrderDetail(APIView):
    """One order."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(operation_id="read_order", tags=["Fulfilment"], parameters=[NUMBER], responses=OrderBody)
    def get(self, request: Request, number: str) -> Response:
        """One order with its history."""
        return Response(OrderBody(find(number, timezone.now())).data)


class OrderDispatch(APIView):
    """A packed order."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(
        operation_id="dispatch_order",
        tags=["Fulfilment"],
        parameters=[NUMBER],
        request=DispatchBody,
        responses={202: OrderBody, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        """The order is packed: its card is charged now. Hand the parcel over when it reads `shipped`."""
        now = timezone.now()
        telling.packed(partner_of(request), lambda: find(number, now), request.data, now)
        return Response(OrderBody(find(number, now)).data, status=202)


class OrderShort(APIView):
    """An order that is not on the shelf."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(
        operation_id="short_order",
        tags=["Fulfilment"],
        parameters=[NUMBER],
        request=ShortBody,
        responses={200: OrderBody, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        """Part of it is not on the shelf: all of it waits for stock again, in its old place. Say what is missing.

        What is missing is taken off the shelf. Nobody is promised that SKU before a receipt or a count, or a day later.
        The same short again changes nothing.
        """
        now = timezone.now()
        telling.not_found(partner_of(request), lambda: find(number, now), request.data, now)
        return Response(OrderBody(find(number, now)).data)


class OrderDelivery(APIView):
    """A parcel that arrived."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(
        operation_id="deliver_order",
        tags=["Fulfilment"],
        parameters=[NUMBER],
        request=DeliveryBody,
        responses={200: OrderBody, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        """The parcel arrived. Told again, the first time stays."""
        body = DeliveryBody(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        order, delivered_at = find(number, now), body.validated_data["delivered_at"]
        _refuse_impossible(order, delivered_at, now)
        lifecycle.deliver(order, delivered_at, now, partner_of(request).name)
        return Response(OrderBody(find(number, now)).data)


def _refuse_impossible(order: Order, delivered_at: datetime, now: datetime) -> None:
    if delivered_at > now + CLOCK_SKEW:
        raise ValidationError({"delivered_at": ["Must not lie in the future."]})
    if order.shipped_at and delivered_at < order.shipped_at - CLOCK_SKEW:
        raise ValidationError({"delivered_at": ["Must not lie before the order was shipped."]})
