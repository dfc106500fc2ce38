"""Reads rows and names the promises they break, in SQL of its own: it shares no code with the rules, and no mistake.

Each promise is a query for what breaks it. Rows are looked at when all is at rest: what is due by `now` counts as left
behind, so whoever asks lets the sweeps run first.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

# What an order may do next, as the table in the design has it; written down a second time on purpose.
STEPS = """
    ('', 'placed'), ('placed', 'released'), ('placed', 'backordered'), ('placed', 'payment_failed'),
    ('placed', 'cancelled'), ('backordered', 'released'), ('backordered', 'payment_failed'),
    ('backordered', 'cancelled'), ('released', 'packed'), ('released', 'backordered'), ('released', 'payment_failed'),
    ('released', 'cancelled'), ('packed', 'shipped'), ('packed', 'payment_failed'), ('payment_failed', 'packed'),
    ('payment_failed', 'released'), ('payment_failed', 'backordered'), ('payment_failed', 'cancelled'),
    ('shipped', 'delivered'), ('shipped', 'returned'), ('delivered', 'returned')
"""
# What is noted of an order without a step.
NOTES = """
    'It goes to another address.', 'Asked whether it has come.', 'Asked whether it is in the printer.',
    'It was looked at, and goes on.',
    'The customer says that something is wrong with it.', 'The customer sends it back.', 'Part of it came back.',
    'Money was given back.', 'When it is expected has changed.'
"""
# The rows in question: the orders of some SKUs, and their plans.
ROWS = f"""
    mine AS MATERIALIZED (SELECT * FROM orders_orderline WHERE sku_id = ANY($1)),
    o AS MATERIALIZED (SELECT * FROM orders_order WHERE id IN (SELECT order_id FROM mine)),
    l AS MATERIALIZED (SELECT * FROM orders_orderline WHERE order_id IN (SELECT id FROM o)),
    item AS MATERIALIZED (SELECT * FROM orders_stockitem WHERE sku_id = ANY($1)),
    slot AS MATERIALIZED (SELECT slot_id AS id FROM printers_slotsku WHERE sku_id = ANY($1)),
    need AS MATERIALIZED (SELECT * FROM orders_replenishment WHERE slot_id IN (SELECT id FROM slot)),
    queue AS MATERIALIZED (
        SELECT o.id, l.sku_id, sum(l.quantity) OVER (PARTITION BY l.sku_id ORDER BY o.placed_at, o.id) AS up_to
          FROM o JOIN l ON l.order_id = o.id WHERE o.status = 'backordered'),
    event AS MATERIALIZED (
        SELECT id, order_id, status, note, lag(status, 1, '') OVER (PARTITION BY order_id ORDER BY id) AS before
          FROM orders_orderevent WHERE order_id IN (SELECT id FROM o)),
    step AS MATERIALIZED (
        SELECT * FROM event WHERE before <> status
            OR (note NOT IN ({NOTES}) AND note NOT LIKE 'A person looks at it before it is packed.%')),
    piece AS MATERIALIZED (
        SELECT l.id, l.quantity,
            (SELECT coalesce(sum(c.quantity), 0) FROM orders_complaintline c
                LEFT JOIN orders_orderline new ON new.id = c.replaced_by_id
                LEFT JOIN orders_order n ON n.id = new.order_id
              WHERE c.line_id = l.id AND n.status IS DISTINCT FROM 'cancelled') AS replaced,
            (SELECT coalesce(sum(quantity), 0) FROM orders_returnline WHERE line_id = l.id) AS announced,
            (SELECT coalesce(sum(quantity), 0) FROM orders_returnreceiptline WHERE line_id = l.id) AS came_back
          FROM l)
"""
PROMISES = {
    "what is on hand is the sum of its movements": """
        SELECT sku_id FROM item WHERE on_hand <> (
            SELECT coalesce(sum(quantity), 0) FROM orders_stockmovement m WHERE m.sku_id = item.sku_id)""",
    "what is reserved is the sum of its reservations, and on hand": """
        SELECT sku_id FROM item WHERE reserved > on_hand OR reserved <> (
            SELECT coalesce(sum(quantity), 0) FROM orders_reservation r WHERE r.sku_id = item.sku_id)""",
    "an order that is to be sent, and no other, has its pieces set aside": """
        SELECT o.id FROM o JOIN l ON l.order_id = o.id LEFT JOIN orders_reservation r ON r.line_id = l.id
         WHERE (o.status IN ('released', 'packed', 'payment_failed')) <> (r.line_id IS NOT NULL)
            OR r.quantity <> l.quantity OR r.sku_id <> l.sku_id""",
    "an order that left, and no other, has taken its pieces off the shelf": """
        SELECT o.id FROM o JOIN l ON l.order_id = o.id
         GROUP BY o.id, o.status, l.sku_id
        HAVING sum(l.quantity) * (o.status IN ('shipped', 'delivered', 'returned'))::int
            <> (SELECT coalesce(-sum(quantity), 0) FROM orders_stockmovement m
                 WHERE m.order_id = o.id AND m.sku_id = l.sku_id AND m.kind = 'shipment')""",
    "nobody waits for what there is": """
        SELECT queue.id FROM queue LEFT JOIN orders_stockitem s ON s.sku_id = queue.sku_id GROUP BY queue.id
        HAVING bool_and(s.missed_at IS NULL AND s.on_hand - s.reserved >= queue.up_to)""",
    "an order only moves along the table": f"""
        SELECT id FROM step WHERE (before, status) NOT IN (VALUES {STEPS})""",
    "an order stands where its last step led": """
        SELECT o.id FROM o WHERE status IS DISTINCT FROM (
            SELECT status FROM step WHERE order_id = o.id ORDER BY id DESC LIMIT 1)""",
    "nobody stays placed": "SELECT id FROM o WHERE status = 'placed'",
    "a need has one open line at most": """
        SELECT replenishment_id FROM l WHERE open GROUP BY replenishment_id HAVING count(*) > 1""",
    "what was cancelled is waited for by nobody": """
        SELECT l.id FROM l JOIN o ON o.id = l.order_id WHERE l.open AND o.status = 'cancelled'""",
    "only an open need waits for an order": """
        SELECT l.id FROM l JOIN orders_replenishment n ON n.id = l.replenishment_id
         WHERE l.open AND n.closed_at IS NOT NULL""",
    "what waits for an order was decided so": """
        SELECT n.id FROM l JOIN orders_replenishment n ON n.id = l.replenishment_id
         WHERE l.open AND n.decision <> 'ordered'""",
    "a plan has one open need a slot at most": """
        SELECT min(id) FROM need WHERE closed_at IS NULL GROUP BY plan_id, slot_id HAVING count(*) > 1""",
    "an open need is due, or was decided and written down": """
        SELECT id FROM need WHERE closed_at IS NULL AND due_at IS NULL AND decision <> coalesce((
            SELECT kind FROM orders_decision d WHERE d.replenishment_id = need.id ORDER BY at DESC, id DESC LIMIT 1
            ), '')""",
    "a need lives no longer than its signal and its plan": """
        SELECT need.id FROM need JOIN printers_lowsignal s ON s.id = need.signal_id
          JOIN enrollment_plan p ON p.id = need.plan_id
         WHERE need.closed_at IS NULL AND (s.closed_at IS NOT NULL OR p.status = 'cancelled')""",
    "what is low in an enrolled printer is a need of its plan": """
        SELECT s.id FROM printers_lowsignal s
          JOIN enrollment_plan p ON p.printer_id = s.printer_id AND p.status = 'active'
         WHERE s.slot_id IN (SELECT id FROM slot) AND s.closed_at IS NULL
           AND NOT EXISTS (SELECT FROM need WHERE closed_at IS NULL AND signal_id = s.id AND plan_id = p.id)""",
    "who is packed was dispatched, and priced no higher than quoted": """
        SELECT o.id FROM o WHERE status IN ('packed', 'shipped', 'delivered', 'returned')
           AND (priced_at IS NULL OR total_cents > quoted_total_cents + moved_tax_cents
                OR NOT EXISTS (SELECT FROM orders_dispatch d WHERE d.order_id = o.id))""",
    "what staff hold is not packed": """
        SELECT id FROM o WHERE held_at IS NOT NULL AND status IN ('packed', 'shipped', 'delivered', 'returned')""",
    "no piece is replaced, or comes back, twice": """
        SELECT id FROM piece WHERE came_back > quantity OR replaced + announced > quantity""",
    "every payment taken has a receipt": """
        SELECT id FROM billing_charge WHERE order_id IN (SELECT id FROM o) AND receipt_number IS NULL
            AND (status = 'paid' OR outcome = 'paid_too_late')""",
    "no more is owed than was charged": """
        SELECT o.id FROM o WHERE total_cents < (
            SELECT coalesce(sum(refund_cents), 0) FROM orders_returnreceiptline r JOIN l ON l.id = r.line_id
             WHERE l.order_id = o.id)""",
    "what is given back is part of what was paid": """
        SELECT c.id FROM billing_charge c WHERE order_id IN (SELECT id FROM o) AND (c.refunded_cents > c.amount_cents
            OR c.refunded_cents < (SELECT coalesce(sum(amount_cents), 0) FROM billing_refund r
                                    WHERE r.charge_id = c.id AND r.status <> 'failed'))""",
    "what is due is done": """
        SELECT id FROM need WHERE due_at <= $2
        UNION ALL SELECT id FROM printers_lowsignal WHERE due_at <= $2 AND slot_id IN (SELECT id FROM slot)
        UNION ALL SELECT sku_id FROM item WHERE due_at <= $2
        UNION ALL SELECT order_id FROM orders_wait WHERE due_at <= $2 AND order_id IN (SELECT id FROM o)
        UNION ALL SELECT id FROM orders_question WHERE due_at <= $2 AND order_id IN (SELECT id FROM o)
        UNION ALL SELECT id FROM enrollment_plan WHERE due_at <= $2 AND id IN (SELECT plan_id FROM need)""",
}
AUDIT = f"PREPARE audit (bigint[], timestamptz) AS WITH {ROWS} " + " UNION ALL ".join(
    f"SELECT '{promise}' AS promise, broken.* FROM ({query}) AS broken(id)" for promise, query in PROMISES.items()
)


def broken(sku_ids: Iterable[int], now: datetime) -> list[str]:
    """The promises that the orders, needs and stock of these SKUs break, each with the key of a row that does.

    Prepared once a connection: to plan it takes five times as long as to run it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_prepared_statements WHERE name = 'audit'")
        if not cursor.rowcount:
            cursor.execute(AUDIT)
        cursor.execute("EXECUTE audit (%s, %s)", [list(sku_ids), now])
        return sorted(f"{promise} ({key})" for promise, key in cursor.fetchall())
