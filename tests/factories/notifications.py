"""Mails that were sent, and messages for partners that wait."""

from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from notifications.models import Delivery, Endpoint, Message, WebhookType
from notifications.webhooks.endpoints import new_secret
from tests.factories.enrollment import PartnerFactory, UserFactory
from tests.factories.printers import NOW


class MessageFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    kind = "order_confirmation"
    user = SubFactory(UserFactory)
    to = LazyAttribute(lambda message: message.user.email)
    subject = "Ordered: Cyan for Front desk, $24.99"
    text = "We ordered Cyan for Front desk.\n"
    html = "<p>We ordered Cyan for Front desk.</p>"
    created_at = NOW
    sent_at = NOW


class EndpointFactory(DjangoModelFactory[Endpoint]):
    """Wants everything; its partner holds no key."""

    class Meta:
        model = Endpoint

    partner = SubFactory(PartnerFactory)
    url = "https://hooks.example/ars"
    secret = LazyFunction(new_secret)
    types = LazyFunction(lambda: list(WebhookType.values))
    created_at = NOW


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    endpoint = SubFactory(EndpointFactory)
    webhook_id = Sequence(lambda n: f"msg_{n}")
    type = WebhookType.ORDER_SHIPPED
    body = '{"type": "order.shipped"}'
    created_at = NOW
    due_at = NOW
