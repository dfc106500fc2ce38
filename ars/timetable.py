"""What the workers do and when: which sweep acts on which fact, how often each runs anyway, and on which queue."""

from typing import Any

from kombu import Queue

HOUR, DAY = 3600, 24 * 3600  # seconds

# A nudge runs the sweep of a fact at once; beat runs it every so many seconds, whatever happens.
NUDGES = {
    "low_signal": "orders.tasks.sweep_signals",
    "claim": "enrollment.tasks.sweep_claims",
    "plan": "orders.tasks.sweep_plans",
    "replenishment": "orders.tasks.sweep_replenishments",
    "dispatch": "billing.tasks.sweep_dispatches",
    "charge": "billing.tasks.sweep_charges",
    "card": "billing.tasks.sweep_cards",
    "return": "billing.tasks.sweep_returns",
    "refund": "billing.tasks.sweep_refunds",
    "order_event": "notifications.tasks.sweep_order_events",
    "plan_event": "notifications.tasks.sweep_plan_events",
    "reconciliation": "notifications.tasks.sweep_reconciliations",
    "dispute": "notifications.tasks.sweep_disputes",
    "closure": "notifications.tasks.sweep_closures",
    "decision": "notifications.tasks.sweep_decisions",
    "message": "notifications.tasks.sweep_messages",
    "delivery": "notifications.tasks.sweep_deliveries",
}
EVERY = {
    **dict.fromkeys(NUDGES.values(), 2),
    "orders.tasks.sweep_questions": 60,
    "billing.tasks.sweep_dunning": 60,
    "orders.tasks.sweep_waits": 10,
    "orders.tasks.sweep_skus": 10,
    "orders.tasks.sweep_stock": 60,
    "ars.tasks.count": 60,
    "printers.tasks.make_partitions": 6 * HOUR,
    "printers.tasks.keep_history": HOUR,
    "notifications.tasks.remind": 6 * HOUR,
    "billing.tasks.stop_expired_cards": HOUR,
    "notifications.tasks.forget_deliveries": DAY,
    "enrollment.tasks.forget_pairings": DAY,
    "enrollment.tasks.forget_sessions": DAY,
    "orders.tasks.check_stock": DAY,
    "billing.tasks.forget_events": DAY,
    "billing.tasks.reconcile": DAY,
}
SCHEDULE: dict[str, dict[str, Any]] = {
    task: {"task": task, "schedule": seconds, "options": {"expires": 5 * seconds}} for task, seconds in EVERY.items()
}

# What waits for the outside world has a queue of its own: a slow Stripe, mail server or partner holds up no decision.
OUTSIDE = "outside"
QUEUES = [Queue("celery"), Queue(OUTSIDE)]

# Through each queue a sign of life: that beat sends, that workers take, and how long that took.
TICK = "ars.tasks.tick"
TICK_SECONDS = 15
SCHEDULE |= {
    f"tick-{queue.name}": {
        "task": TICK,
        "args": [queue.name],
        "schedule": TICK_SECONDS,
        "options": {"queue": queue.name, "expires": 5 * TICK_SECONDS},
    }
    for queue in QUEUES
}
ROUTES = {
    task: {"queue": OUTSIDE}
    for task in (
        "billing.tasks.sweep_charges",
        "billing.tasks.sweep_cards",
        "billing.tasks.sweep_refunds",
        "billing.tasks.reconcile",
        "notifications.tasks.sweep_messages",
        "notifications.tasks.sweep_deliveries",
    )
}
