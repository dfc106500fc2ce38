"""Of the mails about an order or a decision: each as it was sent, or that it could not be."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from ars.timeline.entry import Entry, Kind, Place, detailed
from notifications.models import Message
from orders.clock import Clock
from orders.models import Decision, Order, Replenishment
from orders.news import ASKED_ON

MAILED = gettext_noop("We wrote to you: “%(subject)s”.")
NOT_SENT = gettext_noop("We could not reach you by mail: “%(subject)s”.")


def of(orders: Sequence[Order], decided: Iterable[Decision], clock: Clock) -> Iterator[Entry]:
    """Mails of these orders, and of the decisions their owner was asked about."""
    asked, unknown = Replenishment.Kind.ASKING, Replenishment.Kind.NOT_GENUINE
    decided = list(decided)
    times = range(1, len(ASKED_ON) + 1)
    of_questions = [f"{each.pk}-{n}" for each in decided if each.kind == asked for n in times]
    of_needs = [str(each.replenishment_id) for each in decided if each.kind == unknown]
    which = Q(order__in=orders) | Q(kind=asked, key__in=of_questions) | Q(kind=unknown, key__in=of_needs)
    for mail in Message.objects.filter(which).defer("text", "html", "secret"):
        yield _mailed(mail, clock)


def _mailed(mail: Message, clock: Clock) -> Entry:
    given_up = mail.sent_at is None and mail.due_at is None
    facts = {name: getattr(mail, name) for name in ("kind", "to", "created_at", "sent_at", "attempts", "last_error")}
    return Entry(
        at=mail.created_at,
        place=Place.TOLD,
        kind=Kind.MAIL,
        when=clock.moment(mail.created_at),
        text=gettext(NOT_SENT if given_up else MAILED) % {"subject": mail.subject},
        ref=f"mail {mail.pk}",
        permission="notifications.view_message",
        details=detailed(facts),
        url=reverse("mail", args=[mail.pk]),
        link=gettext("Read it"),
    )
