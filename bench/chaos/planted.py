"""`python -m bench.chaos.planted BUG celery's arguments`: a worker with a bug, so that the auditor is seen to find it.

* fresh_key: each try to charge makes and confirms an intent under a key of its own;
* commit_first: work is noted as done before it is done: mails as sent, facts as acted upon;
* drop_fact: one in so many low signals, and one in so many steps of orders, is never looked at.
"""

import logging
import sys
from collections.abc import Callable, Generator
from datetime import datetime
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import django
from django.utils import timezone
from django.utils.module_loading import import_string

DROPPED_EVERY = 8  # by the last digits of its key
log = logging.getLogger(__name__)


def fresh_key() -> None:
    """What a first version of a shop does (tests/faults/naive.py); it keeps the id of the first that it heard of."""
    naive, lifecycle, steps = module("tests.faults.naive"), module("billing.lifecycle"), module("billing.steps")

    def take(charge: Any) -> Generator[Callable[[], Any], Any, None]:
        outcome = yield partial(naive.take, charge)
        if outcome.payment_intent_id:
            lifecycle.keep_intent(charge.pk, outcome.payment_intent_id)
        steps.conclude(charge, outcome)

    replace(module("billing.charging"), _take=take)


def commit_first() -> None:
    """The mail is noted as sent, then sent; a fact is done, then acted on."""
    outbox, facts = module("notifications.outbox"), module("printers.facts")
    message: Any = import_string("notifications.models.Message")

    def send_next(now: datetime) -> bool:
        claimed = facts.claim(message, now=now, lease=outbox.SENDING, limit=1)
        if not claimed:
            return False
        mail = message.objects.get(pk=claimed[0])
        message.objects.filter(pk=mail.pk).update(sent_at=now, due_at=None, secret="")
        try:
            outbox.as_email(mail).send()
        except OSError:
            log.warning("mail %s was noted as sent", mail.pk)
        return True

    def sweep(kind: Any, act: Callable[[list[int], datetime], None]) -> int:
        now = timezone.now()
        taken: list[int] = facts.claim(kind, now=now, lease=facts.LEASE, limit=facts.BATCH)
        kind._default_manager.filter(pk__in=taken).update(due_at=None)
        if taken:
            act(taken, now)
        return len(taken)

    replace(outbox, send_next=send_next)
    replace(module("orders.tasks"), sweep=sweep)  # billing begins nothing that is not due: it would stand still at once
    replace(module("notifications.tasks"), facts=SimpleNamespace(**{**vars(facts), "sweep": sweep}))


def drop_fact() -> None:
    """The rest is acted on as ever."""
    tasks, outbox = module("orders.tasks"), module("notifications.outbox")
    act, read = tasks.act_on_signals, outbox.read_events

    def act_on_signals(signal_ids: list[int], now: datetime) -> None:
        act([each for each in signal_ids if each % DROPPED_EVERY], now)

    def read_events(event_ids: list[int], now: datetime) -> None:
        read([each for each in event_ids if each % DROPPED_EVERY], now)

    replace(tasks, act_on_signals=act_on_signals)
    replace(outbox, read_events=read_events)


def replace(where: Any, **functions: Any) -> None:
    """AttributeError where there is no such function any more: a bug that nobody has is found by nobody."""
    for name, function in functions.items():
        getattr(where, name)
        setattr(where, name, function)


def module(name: str) -> Any:
    """One of the service's, whose functions are taken from it when they are called."""
    return import_module(name)


BUGS: dict[str, Callable[[], None]] = {each.__name__: each for each in (fresh_key, commit_first, drop_fact)}


def main() -> None:
    django.setup()
    BUGS[sys.argv[1]]()
    sys.argv = ["celery", *sys.argv[2:]]
    celery: Any = import_string("celery.__main__.main")
    celery()


if __name__ == "__main__":
    main()
