"""Fulfilment: parcels that came back."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enrollment.authentication import partner_of
from enrollment.models import ApiKey
from orders import returns
from orders.api.orders import NUMBER, find
from orders.api.serializers import OrderBody, ReturnBody


class OrderReturn(APIView):
    """Ink that came back."""

    scope = ApiKey.Scope.WAREHOUSE

    @extend_schema(
        operation_id="return_order",
        tags=["Fulfilment"],
        parameters=[NUMBER],
        request=ReturnBody,
        responses={201: OrderBody, 200: OrderBody, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        """A parcel came back: what is accepted is refunded. The same return again is 200 and counts once.

        The order reads `returned` when all of it is back. What is accepted does not go back on the shelf by this: when
        somebody has looked at it and put it there, book a receipt.
        """
        body = ReturnBody(data=request.data)
        body.is_valid(raise_exception=True)
        now, sent = timezone.now(), body.validated_data
        order = find(number, now)
        known = {line.sku.code for line in order.lines.all()}
        if unknown := [line["sku"] for line in sent["lines"] if line["sku"] not in known]:
            raise ValidationError({"lines": [f"Order {order.display_number} has no {sku}." for sku in unknown]})
        undeliverable = sent.get("undeliverable", False)
        _, new = returns.receive(
            partner_of(request), order, sent["return_id"], sent["lines"], now, undeliverable=undeliverable
        )
        return Response(OrderBody(find(number, now)).data, status=201 if new else 200)
