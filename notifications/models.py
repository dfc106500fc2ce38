"""The outboxes: each mail as it was sent, and each message to a partner's system, kept for whom they concern."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from enrollment.models import Partner, PlanEvent, User
from orders.models import Order, OrderEvent
from printers.facts import Fact, due_index

HIDDEN = "[hidden]"  # stands in a kept mail for its secret


class Message(Fact):
    """One e-mail, rendered when its fact was read. Due until it is sent or given up (then `last_error` says why).

    One a fact and kind: reading a fact twice makes no second mail. Where no row of its own is the fact, as with a card
    that runs out, `key` names it: one a key and kind. What opens an account - a code, a link - is kept apart as
    `secret` and forgotten once it is sent: who reads kept mails in the back office opens no account with them.
    """

    kind = models.CharField(max_length=40)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="messages")
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, related_name="messages")
    order_event = models.ForeignKey(OrderEvent, models.SET_NULL, null=True, blank=True, related_name="messages")
    plan_event = models.ForeignKey(PlanEvent, models.SET_NULL, null=True, blank=True, related_name="messages")
    key = models.CharField(max_length=80, blank=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    secret = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            due_index("message"),
            models.Index(fields=["user", "-created_at"], name="message_user_newest"),
            BrinIndex(fields=["created_at"], name="message_created"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order_event", "kind"], name="one_mail_a_fact_and_kind"),
            models.UniqueConstraint(fields=["plan_event", "kind"], name="one_mail_a_plan_event_and_kind"),
            models.UniqueConstraint(
                fields=["kind", "key"], condition=~models.Q(key=""), name="one_mail_a_kind_and_key"
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=False) | models.Q(secret=""), name="done_message_has_no_secret"
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(due_at=None), name="sent_message_is_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"


class WebhookType(models.TextChoices):
    """What partners can be told of: each is a step of an order or of a plan."""

    ORDER_PLACED = "order.placed"
    ORDER_BACKORDERED = "order.backordered"
    ORDER_RELEASED = "order.released"
    ORDER_SHIPPED = "order.shipped"
    ORDER_PAYMENT_FAILED = "order.payment_failed"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_DELIVERED = "order.delivered"
    ENROLLMENT_ACTIVATED = "enrollment.activated"
    ENROLLMENT_CANCELLED = "enrollment.cancelled"


PING = "ping"  # a trial that staff ask for


class Endpoint(models.Model):
    """Where a partner's system listens, and for what. Its row is the lock for pausing and resuming.

    The secret signs, so it is kept as it is. After a rotation the former one signs too, until `old_secret_until`.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="endpoints")
    url = models.CharField("address", max_length=500)
    secret = models.CharField(max_length=100, editable=False)
    old_secret = models.CharField(max_length=100, blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    types = ArrayField(models.CharField(max_length=40, choices=WebhookType), verbose_name="events")
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Nothing has been taken since.")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_cause = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at=None, paused_cause="") | (Q(paused_at__isnull=False) & ~Q(paused_cause="")),
                name="paused_endpoint_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url} of {self.partner}"

    def secrets(self, now: datetime) -> list[str]:
        """Those that sign at `now`, the newest first."""
        old = self.old_secret_until is not None and now < self.old_secret_until
        return [self.secret, self.old_secret] if old else [self.secret]


class Delivery(Fact):
    """One message to one endpoint, under one id however often it is sent.

    Due until it is taken or given up; while its endpoint is paused it is neither, and not due once it was looked at.
    """

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    webhook_id = models.CharField(max_length=40, unique=True)
    order_event = models.ForeignKey(OrderEvent, models.SET_NULL, null=True, blank=True, related_name="deliveries")
    plan_event = models.ForeignKey(PlanEvent, models.SET_NULL, null=True, blank=True, related_name="deliveries")
    type = models.CharField(max_length=40, choices=[*WebhookType.choices, (PING, PING)])
    body = models.TextField(help_text="As it is signed and sent.")
    created_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it was made, or was last sent again.")
    last_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: there was no answer.")
    last_error = models.CharField(max_length=300, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    # By name, what each looks like in the database.
    STATES = {
        "delivered": Q(delivered_at__isnull=False),
        "given up": Q(given_up_at__isnull=False),
        "waits until resumed": Q(delivered_at=None, given_up_at=None, endpoint__paused_at__isnull=False),
        "to be sent": Q(delivered_at=None, given_up_at=None, endpoint__paused_at=None),
    }

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [due_index("delivery")]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "order_event"], name="one_delivery_an_endpoint_and_order_step"),
            models.UniqueConstraint(fields=["endpoint", "plan_event"], name="one_delivery_an_endpoint_and_plan_step"),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(delivered_at=None, given_up_at=None), name="ended_delivery_is_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.webhook_id}"

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.delivered_at or self.given_up_at:
            return "delivered" if self.delivered_at else "given up"
        return "waits until resumed" if self.endpoint.paused_at else "to be sent"
