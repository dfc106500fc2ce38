"""The outbox: reads each step of an order or a plan once, keeps the mail it makes, and sends it until it is gone."""

import logging
import re
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

import mjml
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template import Context, Engine
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enrollment import lifecycle as plans
from enrollment.models import PlanEvent
from notifications import after_messages, decision_messages, mailbox, messages, plan_messages
from notifications.models import HIDDEN, Message
from notifications.webhooks import deliveries
from orders import lifecycle, news
from orders.models import Decision, OrderEvent
from printers import facts, tracing

log = logging.getLogger(__name__)

# A mail is claimed for longer than a server that does not answer is waited for. One that answers each command just in
# time may get the same mail twice, under the same Message-ID. Below two minutes, so that a killed worker's mail is soon
# sent by another.
SENDING = timedelta(seconds=5 * settings.EMAIL_TIMEOUT)
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
PATIENCE = timedelta(days=3)

OF_ORDER = ("order__user__closure", "order__plan__model", "order__plan__printer")  # what an order's mails speak of

# Mails are written in the service's own language, whatever language the thread that writes them was left in.
in_our_language = translation.override(settings.LANGUAGE_CODE)


@in_our_language
def read_events(event_ids: list[int], now: datetime) -> None:
    """Keep what these steps tell people and partners, and call them told: all or nothing, however often it is done."""
    with transaction.atomic():
        events = list(OrderEvent.objects.select_related(*OF_ORDER).filter(pk__in=event_ids).order_by("pk"))
        deliveries.keep_order_steps(events, now)
        steps = [(event, after_messages.mail_for(event)) for event in events]
        told = [(mail, event) for event, mail in steps if mail and mailbox.of(event.order.user, mail.kind)]
        made = [render(mail, event, now) for mail, event in told]
        Message.objects.bulk_create(made, ignore_conflicts=True)
        lifecycle.told(event_ids)
        if made:
            facts.nudge("message")


@in_our_language
def read_plan_events(event_ids: list[int], now: datetime) -> None:
    """The same for the steps of plans."""
    with transaction.atomic():
        related = PlanEvent.objects.select_related(
            *("plan__user__closure", "plan__model__series", "plan__printer", "plan__shipping_address")
        )
        events = list(related.filter(pk__in=event_ids).order_by("pk"))
        deliveries.keep_plan_steps(events, now)
        later = {event.pk: at for event in events if (at := plan_messages.not_before(event, now))}
        made = [mail for event in events if event.pk not in later for mail in plan_mails(event, now)]
        Message.objects.bulk_create(made, ignore_conflicts=True)
        plans.told(event.pk for event in events if event.pk not in later)
        plans.tell_later(later)
        if made:
            facts.nudge("message")


@in_our_language
def read_decisions(decision_ids: list[int], now: datetime) -> None:
    """The same for decisions their customer is to hear of, or to answer."""
    with transaction.atomic():
        read = list(decision_messages.related().filter(pk__in=decision_ids))
        made = [render_decision(decision, now) for decision in read if news.is_still_so(decision)]
        Message.objects.bulk_create(made, ignore_conflicts=True)
        news.told(read, now)
        if made:
            facts.nudge("message")


@in_our_language
def render_decision(decision: Decision, now: datetime, key: str = "") -> Message:
    """The mail of a decision, under its own key or another. Not saved."""
    kind, user = decision.kind, decision_messages.plan_of(decision).user
    context = decision_messages.context_for(decision, now)
    key = key or decision_messages.key_for(decision, now)
    return compose(kind, context, now, to=user.email, user=user, key=key)


@in_our_language
def plan_mails(event: PlanEvent, now: datetime) -> list[Message]:
    """The mail a step of a plan makes, if it makes one."""
    kind, user = plan_messages.kind_for(event), event.plan.user
    if kind is None or not (to := mailbox.of(user, kind)):
        return []
    context, secret = plan_messages.context_for(event, now)
    return [compose(kind, context, now, to=to, user=user, plan_event=event, secret=secret)]


@in_our_language
def render(mail: messages.Mail, event: OrderEvent, now: datetime) -> Message:
    """The mail as it will be sent, addressed to where its owner reads mail now. Not saved."""
    user, context = event.order.user, messages.context_for(mail, event, now)
    to = mailbox.of(user, mail.kind)
    return compose(mail.kind, context, now, to=to, user=user, order=event.order, order_event=event)


@in_our_language
def compose(kind: str, context: messages.Context, now: datetime, *, to: str, **about: Any) -> Message:
    """A mail of `kind`, due now. Not saved.

    The folder `emails/<kind>/` has its subject and its text; HTML of its own, or the text's words in the frame of HTML.
    """
    known = {**messages.brand(), **context}
    subject = " ".join(_render([f"{kind}/subject.txt"], known, autoescape=False).split())
    text = _render([f"{kind}/body.txt"], {**known, "layout": "emails/notice.txt"}, autoescape=False)
    as_html = {**known, "subject": subject, "layout": "emails/notice.mjml", "support_phone": _unbroken_phone()}
    markup = _render([f"{kind}/body.mjml", f"{kind}/body.txt"], as_html, autoescape=True)
    return Message(
        kind=kind,
        to=to,
        subject=subject[:200],
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=_short_lines(mjml.mjml2html(markup, fonts={})),
        created_at=now,
        due_at=now,
        **about,
    )


def _unbroken_phone() -> SafeString:
    """The number to call, on one line however narrow the window."""
    return format_html('<span class="whole">{}</span>', settings.SUPPORT_PHONE)


def send_soon(message: Message) -> None:
    """Keep a composed mail, and wake who sends it."""
    message.save(force_insert=True)
    facts.nudge("message")


def send_once(message: Message) -> None:
    """The same, unless there is one of its kind and key: whoever was interrupted tells it again."""
    Message.objects.bulk_create([message], ignore_conflicts=True)
    facts.nudge("message")


def _render(names: list[str], context: messages.Context, *, autoescape: bool) -> str:
    """The first of the templates there is. Plain text has nothing to escape."""
    template = Engine.get_default().select_template([f"emails/{name}" for name in names])
    return template.render(Context(context, autoescape=autoescape))


def _short_lines(html: str) -> str:
    """The same page with line breaks where tables ignore them: a line of a mail ends before 998 bytes (RFC 5322)."""
    return re.sub(r"(</(?:tr|table|tbody|head)>|<tr>|<tbody>)", r"\1\n", html)


def send_next(now: datetime) -> bool:
    """Send the mail that is due longest, outside any transaction; False when none is due."""
    claimed = facts.claim(Message, now=now, lease=SENDING, limit=1)
    if not claimed:
        return False
    message = Message.objects.select_related("order").get(pk=claimed[0])
    with tracing.under(message.order.trace if message.order else ""):
        _send(message, now)
    return True


def _send(message: Message, now: datetime) -> None:
    try:
        as_email(message).send()
    except (OSError, ValueError) as error:  # refused, unreachable, too slow; or an address no header can carry
        _failed(message, error, now)
    else:
        _unsent(message).update(sent_at=now, due_at=None, attempts=message.attempts + 1, last_error="", secret="")
        log.info("mail %s sent: %s", message.pk, message.kind)


def as_email(message: Message) -> EmailMultiAlternatives:
    """The kept mail, ready to send; under one Message-ID however often it is."""
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text.replace(HIDDEN, message.secret or HIDDEN),
        from_email=formataddr((settings.BRAND_NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[message.to],
        reply_to=[settings.SUPPORT_EMAIL],
        headers={
            "Message-ID": f"<message-{message.pk}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    email.attach_alternative(message.html.replace(HIDDEN, message.secret or HIDDEN), "text/html")
    return email


def _failed(message: Message, error: Exception, now: datetime) -> None:
    """Keep why, and try later; not when the address is refused for good, nor after three days."""
    hopeless = _refused_for_good(error) or now - message.created_at >= PATIENCE
    later = None if hopeless else now + PAUSES[min(message.attempts, len(PAUSES) - 1)]
    why = f"{type(error).__name__}: {error}"[:300]
    secret = "" if hopeless else message.secret
    _unsent(message).update(attempts=message.attempts + 1, last_error=why, due_at=later, secret=secret)
    log.warning("mail %s not sent, %s: %s", message.pk, "given up" if hopeless else "tried again later", why)


def _refused_for_good(error: Exception) -> bool:
    """The server will not take mail for this address (a reply of 5xx, RFC 5321), now or later."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())


def _unsent(message: Message) -> QuerySet[Message]:
    """The row, unless another sender was quicker."""
    return Message.objects.filter(pk=message.pk, sent_at=None)
