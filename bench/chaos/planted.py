"""`python -m bench.chaos.planted BUG celery's arguments`: a worker with a bug, so that the auditor is seen to find it.

* fresh_key: each try to charge makes and confirms an intent under a key of its own;
* commit_first: work is noted as done before it is done: mails as sent, facts as acted upon;
* drop_fact: one in so many low signals, and one in so many steps of orders, is never looked at.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django
from django.utils.module_loading import import_string

DROPPED_EVERY = 8  # by the last digits of its key
log = logging.getLogger(__name__)


def fresh_key() -> None:
    """As in tests/faults/naive.py: what a first version of a shop does."""
    charging: Any = import_string("billing.tasks.charging")
    naive: Any = import_string("tests.faults.naive.advance")
    charging.advance = naive


def commit_first() -> None:
    """The mail is noted as sent, then sent; a fact is done, then acted on."""
    facts: Any = import_string("printers.facts.Fact")
    outbox: Any = import_string("notifications.tasks.outbox")
    claim: Any = import_string("printers.facts.claim")
    message: Any = import_string("notifications.models.Message")
    lease: Any = import_string("printers.facts.LEASE")
    assert facts

    def send_next(now: datetime) -> bool:
        claimed = claim(message, now=now, lease=outbox.SENDING, limit=1)
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
        now = django.utils.timezone.now()
        taken: list[int] = claim(kind, now=now, lease=lease, limit=100)
        kind._default_manager.filter(pk__in=taken).update(due_at=None)
        time.sleep(0.05)
        if taken:
            act(taken, now)
        return len(taken)

    outbox.send_next = send_next
    for tasks in ("orders", "billing", "notifications"):
        import_string(f"{tasks}.tasks.sweep_dispatches" if tasks == "billing" else f"{tasks}.tasks.sweep")
        sys.modules[f"{tasks}.tasks"].__dict__["sweep"] = sweep


def drop_fact() -> None:
    """The rest is acted on as ever."""
    orders: Any = import_string("orders.tasks.act_on_signals")
    outbox: Any = import_string("notifications.tasks.outbox")
    read = outbox.read_events

    def act_on_signals(signal_ids: list[int], now: datetime) -> None:
        orders([each for each in signal_ids if each % DROPPED_EVERY], now)

    def read_events(event_ids: list[int], now: datetime) -> None:
        kept = [each for each in event_ids if each % DROPPED_EVERY]
        if kept:
            read(kept, now)

    sys.modules["orders.tasks"].__dict__["act_on_signals"] = act_on_signals
    outbox.read_events = read_events


BUGS: dict[str, Callable[[], None]] = {each.__name__: each for each in (fresh_key, commit_first, drop_fact)}


def main() -> None:
    django.setup()
    BUGS[sys.argv[1]]()
    sys.argv = ["celery", *sys.argv[2:]]
    celery: Any = import_string("celery.__main__.main")
    celery()


if __name__ == "__main__":
    main()
