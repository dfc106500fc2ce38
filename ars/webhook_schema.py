"""The schema's part on outgoing webhooks: what partners' systems are sent, and what they answer."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema, inline_serializer
from rest_framework import serializers

from notifications.models import WebhookType
from notifications.webhooks.catalogue import ENROLLMENTS, ORDERS, EnrollmentData, OrderData

SIGNED = (
    "Signed as Standard Webhooks (standardwebhooks.com): `webhook-id` is the same however often it is sent, "
    "`webhook-timestamp` is that of the try, `webhook-signature` has a `v1,` signature for each secret that is good. "
    "Answer within ten seconds."
)
ANSWERS = {
    "2XX": OpenApiResponse(description="Taken. After anything else it is sent again, for three days."),
    "410": OpenApiResponse(description="Nobody listens here any more: nothing is sent until a person resumes it."),
}


def _message(name: str, family: str, data: Any) -> Any:
    """The body of the messages whose type begins with `family`."""
    types = [each.value for each in WebhookType if each.startswith(f"{family}.")]
    happened = serializers.DateTimeField(help_text="When it happened.")
    return inline_serializer(name, {"type": serializers.ChoiceField(types), "timestamp": happened, "data": data})


OrderMessage = _message("OrderMessage", ORDERS, OrderData())
EnrollmentMessage = _message("EnrollmentMessage", ENROLLMENTS, EnrollmentData())


def _webhook(type_: WebhookType, summary: str) -> OpenApiWebhook:
    body = OrderMessage if type_.startswith(ORDERS) else EnrollmentMessage
    told = extend_schema(summary=summary, description=SIGNED, tags=["Webhooks"], request=body, responses=ANSWERS)
    return OpenApiWebhook(type_.value, told)


order_placed = _webhook(WebhookType.ORDER_PLACED, "Ink was ordered.")
order_backordered = _webhook(WebhookType.ORDER_BACKORDERED, "It is not in stock, and waits for it.")
order_released = _webhook(WebhookType.ORDER_RELEASED, "It is to be packed.")
order_shipped = _webhook(WebhookType.ORDER_SHIPPED, "Its card was charged: hand the parcel over.")
order_payment_failed = _webhook(WebhookType.ORDER_PAYMENT_FAILED, "It cannot be charged: keep it, or unpack it.")
order_cancelled = _webhook(WebhookType.ORDER_CANCELLED, "It ended before it was packed.")
order_delivered = _webhook(WebhookType.ORDER_DELIVERED, "The parcel arrived.")
enrollment_activated = _webhook(WebhookType.ENROLLMENT_ACTIVATED, "The printer is connected, and orders begin.")
enrollment_cancelled = _webhook(WebhookType.ENROLLMENT_CANCELLED, "The plan ended.")
