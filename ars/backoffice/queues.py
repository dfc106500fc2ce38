"""The queues of the back office: what a person has to look at, by the harm it does, and how long it may wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.urls import reverse

from ars.backoffice import entries, waiting
from ars.backoffice.waiting import Rows
from ars.models import QueueMark
from ars.stuck import WORK, stuck
from billing.models import Charge
from enrollment.models import User
from orders import questions, unpaid
from printers.facts import Fact
from printers.models import LowSignal

DAY = timedelta(days=1)
NAMED_BY: dict[type[Fact], tuple[str, ...]] = {  # what the names of stuck rows are made from
    LowSignal: ("slot__model", "printer__model"),
    Charge: ("order",),
}


@dataclass(frozen=True)
class Queue:
    """What waits, since when (`since` names a field of its rows), and for how long it may.

    `right`: who has it works there. `todo`: what to do about an entry. `page` and `tell` give an entry's page and text.
    `recount`: how old its count may grow, where counting it reads every printer.
    """

    slug: str
    title: str
    right: str
    todo: str
    since: str
    patience: timedelta
    waiting: Callable[[datetime], Rows]
    tell: Callable[[Any], str]
    person: Callable[[Any], User | None] = entries.nobody
    page: Callable[[Any], str] = entries.page_of
    recount: timedelta = timedelta()

    def rows(self, now: datetime) -> Rows:
        """What waits and does not sleep, the oldest first."""
        asleep = QueueMark.objects.filter(queue=self.slug, asleep_until__gt=now).values("key")
        return self.waiting(now).exclude(pk__in=asleep).order_by(self.since, "pk")

    def sleeping(self, now: datetime) -> Rows:
        """What was put off, and would wait here otherwise."""
        asleep = QueueMark.objects.filter(queue=self.slug, asleep_until__gt=now).values("key")
        return self.waiting(now).filter(pk__in=asleep).order_by(self.since, "pk")

    def late(self, now: datetime) -> Rows:
        """What has waited longer than it may."""
        return self.rows(now).filter(**{f"{self.since}__lt": now - self.patience})

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("backoffice:queue", args=[self.slug])


def _stuck(model: type[Fact]) -> Queue:
    """What workers, beat, Stripe or the mail server left lying."""
    return Queue(
        slug=f"stuck-{model._meta.model_name}s",
        title=f"Stuck {model._meta.verbose_name_plural}",
        right=f"{model._meta.app_label}.view_{model._meta.model_name}",
        todo="Look whether worker and beat run, and whether Stripe or the mail server answers.",
        since=WORK[model],
        patience=timedelta(minutes=15),
        waiting=partial(_stuck_rows, model),
        tell=str,
    )


def _stuck_rows(model: type[Fact], now: datetime) -> Rows:
    return stuck(model, now).select_related(*NAMED_BY.get(model, ()))


# By harm: who is without ink, then money, then what may turn into either.
QUEUES: dict[str, Queue] = {
    queue.slug: queue
    for queue in (
        Queue(
            slug="still-low",
            title="Delivered, still low",
            right="orders.view_question",
            todo="Call or write: is the new one in? Say it for them, or send another.",
            since="asked_at",
            patience=questions.STAFF_AFTER + 7 * DAY,
            waiting=waiting.still_low,
            tell=entries.still_low,
            person=entries.of_order,
        ),
        Queue(
            slug="last-days-to-pay",
            title="Card problem, under 3 days left",
            right="billing.view_dunning",
            todo="Call: another card saves the order. Without one it ends by itself.",
            since="began_at",
            patience=unpaid.SET_ASIDE - DAY,
            waiting=waiting.last_days_to_pay,
            tell=entries.last_days_to_pay,
            person=entries.of_order,
        ),
        Queue(
            slug="ready-without-card",
            title="Ready, but no card",
            right="billing.view_dunning",
            todo="Call: with another card it is packed by itself. Or cancel it, and its ink is free for others.",
            since="listed_at",
            patience=3 * DAY,
            waiting=waiting.ready_without_card,
            tell=entries.ready_without_card,
            person=entries.of_user,
        ),
        Queue(
            slug="complaints",
            title="Replacements to decide",
            right="orders.view_complaint",
            todo="Above what goes out unasked: send a new one, or call about it.",
            since="at",
            patience=DAY,
            waiting=waiting.complaints,
            tell=entries.complaint,
            person=entries.of_order,
        ),
        Queue(
            slug="check-cartridge",
            title="Check cartridge",
            right="orders.view_replenishment",
            todo="Is it the right cartridge for that slot? Confirm the mapping, and the order goes out.",
            since="opened_at",
            patience=DAY,
            waiting=waiting.to_confirm,
            tell=entries.to_confirm,
            person=entries.of_plan,
        ),
        Queue(
            slug="answers-due",
            title="Backorder answers due",
            right="orders.view_wait",
            todo="Without an answer it ends on that day: call, if the date has become better.",
            since="answer_by",
            patience=timedelta(),
            waiting=waiting.answers_due,
            tell=entries.answer_due,
            person=entries.of_order,
        ),
        Queue(
            slug="held",
            title="Orders on hold",
            right="orders.view_order",
            todo="Settle why it was stopped, and let it go or cancel it.",
            since="held_at",
            patience=DAY,
            waiting=waiting.held,
            tell=entries.held,
            person=entries.of_user,
        ),
        Queue(
            slug="backorders",
            title="Backorders by cartridge",
            right="orders.view_stockitem",
            todo="Ask the warehouse when more come, and tell the expected day.",
            since="oldest",
            patience=14 * DAY,
            waiting=waiting.backorders,
            tell=entries.backorder,
            page=entries.backorder_page,
        ),
        Queue(
            slug="refunds",
            title="Refunds to approve",
            right="billing.view_refundrequest",
            todo="You or another second person: read why, and grant or decline.",
            since="asked_at",
            patience=DAY,
            waiting=waiting.refunds,
            tell=entries.refund,
            person=entries.of_charge,
        ),
        Queue(
            slug="disputes",
            title="Disputes",
            right="billing.view_dispute",
            todo="Send the evidence before the bank's last day.",
            since="opened_at",
            patience=3 * DAY,
            waiting=waiting.disputes,
            tell=entries.dispute,
            person=entries.of_charge,
        ),
        Queue(
            slug="differences",
            title="Differences with Stripe",
            right="billing.view_difference",
            todo="Look at both sides, then apply the repair.",
            since="since",
            patience=DAY,
            waiting=waiting.differences,
            tell=entries.difference,
        ),
        Queue(
            slug="follow-ups",
            title="Follow-ups due",
            right="enrollment.view_note",
            todo="Do what was noted, and mark it done on the customer's page.",
            since="since",
            patience=DAY,
            waiting=waiting.follow_ups,
            tell=entries.follow_up,
            person=entries.of_user,
            page=entries.customer_page,
        ),
        Queue(
            slug="doubtful-addresses",
            title="Addresses in doubt",
            right="enrollment.view_address",
            todo="Call or write before the next parcel goes: is it right? Confirm it, or give another.",
            since="doubted_at",
            patience=3 * DAY,
            waiting=waiting.doubtful_addresses,
            tell=entries.doubtful_address,
            person=entries.of_user,
            page=entries.address_page,
        ),
        Queue(
            slug="claims",
            title="Printers two accounts want",
            right="enrollment.view_claim",
            todo="Ask both: who has it? End the old plan, or keep it.",
            since="at",
            patience=3 * DAY,
            waiting=waiting.claims,
            tell=entries.claim,
            person=entries.of_plan,
        ),
        Queue(
            slug="unknown-supplies",
            title="Unknown supplies",
            right="printers.view_unknownsupply",
            todo="Which slot is it? Give the slot that name, and the printer's next report is understood.",
            since="first_seen_at",
            patience=3 * DAY,
            waiting=waiting.unknown_supplies,
            tell=entries.unknown_supply,
        ),
        Queue(
            slug="silent-printers",
            title="Printers not heard from",
            right="enrollment.view_plan",
            todo="Off is fine. Write only if its owner misses ink.",
            since="printer__seen_at",
            patience=60 * DAY,
            waiting=waiting.silent,
            tell=entries.silent,
            person=entries.of_user,
            recount=timedelta(minutes=15),
        ),
        *(_stuck(model) for model in WORK),
    )
}


def open_to(staff: User) -> list[Queue]:
    """The queues that somebody works on, by harm."""
    return [queue for queue in QUEUES.values() if staff.has_perm(queue.right)]
