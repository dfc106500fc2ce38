"""Fulfilment: what is on the shelf, and what arrives there."""

from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enrollment.authentication import partner_of
from enrollment.models import ApiKey
from orders import stock
from orders.api.pagination import KeysetPagination
from orders.api.serializers import ExpectedBody, ReceiptBody, StockBody
from orders.models import Order, OrderLine
from printers.models import Sku


def shelf() -> QuerySet[Sku]:
    """Every SKU with what is on hand, promised and waited for; zeros where it was never stocked."""
    waiting = OrderLine.objects.filter(sku=OuterRef("pk"), order__status=Order.Status.BACKORDERED, order__is_test=False)
    pieces = waiting.order_by().values("sku").values(pieces=Sum("quantity"))
    return Sku.objects.annotate(
        on_hand=Coalesce(F("stock__on_hand"), 0),
        reserved=Coalesce(F("stock__reserved"), 0),
        backordered=Coalesce(Subquery(pieces), 0),
        expected_on=F("stock__expected_on"),
    )


class StockList(ListAPIView[Sku]):
    """The shelf."""

    scope = ApiKey.Scope.WAREHOUSE
    serializer_class = StockBody
    pagination_class = KeysetPagination
    ordering = ("code",)

    def get_queryset(self) -> QuerySet[Sku]:
        return shelf()

    @extend_schema(operation_id="list_stock", tags=["Fulfilment"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every SKU by its code. Follow `next` until it is null."""
        return super().get(request, *args, **kwargs)


def find(code: str) -> Sku:
    """The SKU of a code, or 404."""
    sku = Sku.objects.filter(code=code).first()
    if sku is None:
        raise NotFound(f"There is no SKU {code}.")
    return sku


class StockExpected(APIView):
    """When more is expected."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(
        operation_id="expect_stock",
        tags=["Fulfilment"],
        request=ExpectedBody,
        responses={200: ExpectedBody, 404: None},
    )
    def post(self, request: Request) -> Response:
        """When more of a SKU should be here, or null: nobody knows. Customers who wait for it are told of a change."""
        body = ExpectedBody(data=request.data)
        body.is_valid(raise_exception=True)
        stock.expect(find(body.validated_data["sku"]), body.validated_data["expected_on"], timezone.now())
        return Response(body.data)


class StockReceipts(APIView):
    """Stock that arrived."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(
        operation_id="book_receipt",
        tags=["Fulfilment"],
        request=ReceiptBody,
        responses={201: ReceiptBody, 200: ReceiptBody, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        """Stock arrived: it releases backorders, oldest first. The same receipt again is 200 and counts once."""
        body = ReceiptBody(data=request.data)
        body.is_valid(raise_exception=True)
        sent = body.validated_data
        sku = find(sent["sku"])
        _, new = stock.receive(partner_of(request), sent["receipt_id"], sku, sent["quantity"], timezone.now())
        return Response(sent, status=201 if new else 200)
