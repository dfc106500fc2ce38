"""The auditor: reads rows and what the world outside knows, and names every promise that was not kept.

In SQL of its own: it shares no code with the rules, and so none of their mistakes. Each promise is a query for what
breaks it. The evidence (bench.chaos.evidence) lies in tables beside the service's.
"""

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class

# What an order may do next, as the table in the design has it; written down once more on purpose.
STEPS = """
    ('', 'placed'), ('placed', 'released'), ('placed', 'backordered'), ('placed', 'payment_failed'),
    ('placed', 'cancelled'), ('backordered', 'released'), ('backordered', 'payment_failed'),
    ('backordered', 'cancelled'), ('released', 'packed'), ('released', 'backordered'), ('released', 'payment_failed'),
    ('released', 'cancelled'), ('packed', 'shipped'), ('packed', 'payment_failed'), ('payment_failed', 'packed'),
    ('payment_failed', 'released'), ('payment_failed', 'backordered'), ('payment_failed', 'cancelled'),
    ('shipped', 'delivered'), ('shipped', 'returned'), ('delivered', 'returned')
"""
# An event that says the state again is a note, unless the note is that of a step that only a move makes.
STEP = """
    (SELECT * FROM (
        SELECT id, order_id, status, lag(status, 1, '') OVER (PARTITION BY order_id ORDER BY id) AS before
          FROM orders_orderevent) e
      WHERE before <> status) step
"""
SIGNALS = """
    (SELECT h.cartridge, g.id, g.closed_cause
       FROM heard h
       JOIN printers_printer p ON p.serial_number = h.printer
       JOIN printers_slot s ON s.model_id = p.model_id AND s.code = h.slot
       JOIN printers_lowsignal g ON g.printer_id = p.id AND g.slot_id = s.id AND g.observed_at = h.at) signal
"""
LEFT_US = "('shipped', 'delivered', 'returned')"
STRIPE_MINIMUM = 50  # cents: what comes to less is on the house
SOON = "interval '5 minutes'"  # a fact due by then is not done; what waits for a person or a day is due much later
# A mail's sender may have died between the server's 250 and its own note of it; a busy machine takes seconds for that.
UNNOTED = "interval '-1 second' AND interval '15 seconds'"

PROMISES = {
    "every accepted low signal led to a decision": f"""
        SELECT DISTINCT h.cartridge FROM heard h WHERE NOT EXISTS (
            SELECT FROM {SIGNALS} JOIN orders_decision d ON d.signal_id = signal.id
             WHERE signal.cartridge = h.cartridge)""",
    "what was decided to be ordered was ordered": """
        SELECT n.id FROM orders_replenishment n WHERE decision = 'ordered'
           AND NOT EXISTS (SELECT FROM orders_orderline l WHERE l.replenishment_id = n.id)""",
    "no supply has two open orders": f"""
        SELECT 'need ' || l.replenishment_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
         WHERE o.kind = 'refill' AND o.status <> 'cancelled' AND o.lost_at IS NULL
         GROUP BY l.replenishment_id HAVING count(*) > 1
        UNION ALL
        SELECT 'plan ' || plan_id || ' slot ' || slot_id FROM orders_replenishment WHERE closed_at IS NULL
         GROUP BY plan_id, slot_id HAVING count(*) > 1
        UNION ALL
        SELECT 'cartridge ' || signal.cartridge FROM {SIGNALS}
          JOIN orders_replenishment n ON n.signal_id = signal.id
          JOIN orders_orderline l ON l.replenishment_id = n.id
          JOIN orders_order o ON o.id = l.order_id AND o.status <> 'cancelled' AND o.lost_at IS NULL
         GROUP BY signal.cartridge HAVING count(DISTINCT o.id) > 1""",
    "paid charges are paid shipments, to the cent": f"""
        SELECT coalesce(t.number, o.number) || ': taken ' || coalesce(t.cents::text, 'nothing') || ' in '
               || coalesce(t.count, 0) || ', shipped for ' || coalesce(o.total_cents::text, 'nothing')
          FROM (SELECT number, sum(cents) AS cents, count(*) AS count FROM taken GROUP BY number) t
          FULL JOIN (SELECT number, total_cents FROM orders_order
                      WHERE status IN {LEFT_US} AND NOT is_test AND total_cents >= {STRIPE_MINIMUM}) o
            ON o.number = t.number
         WHERE t.cents IS DISTINCT FROM o.total_cents OR t.count > 1""",
    "our paid charges are the card service's": """
        SELECT coalesce(t.intent, c.payment_intent_id) FROM taken t
          FULL JOIN (SELECT * FROM billing_charge WHERE status = 'paid') c ON c.payment_intent_id = t.intent
         WHERE t.cents IS DISTINCT FROM c.amount_cents""",
    "what came back was given back, to the cent": """
        SELECT coalesce(g.number, r.number) || ': given ' || coalesce(g.cents::text, 'nothing')
               || ', owed ' || coalesce(r.cents::text, 'nothing')
          FROM (SELECT number, sum(cents) AS cents FROM given GROUP BY number) g
          FULL JOIN (SELECT o.number, sum(l.refund_cents) AS cents FROM orders_order o
                       JOIN orders_returnreceipt b ON b.order_id = o.id
                       JOIN orders_returnreceiptline l ON l.receipt_id = b.id
                      GROUP BY o.number HAVING sum(l.refund_cents) > 0) r ON r.number = g.number
         WHERE g.cents IS DISTINCT FROM r.cents""",
    "what the warehouse was told yes to is kept, once": """
        SELECT a.kind || ' ' || a.id FROM accepted a
         WHERE CASE a.kind
            WHEN 'dispatch' THEN (SELECT count(*) FROM orders_dispatch d JOIN orders_order o ON o.id = d.order_id
                                   WHERE d.dispatch_id = a.id AND o.number = a.number)
            WHEN 'short' THEN (SELECT count(*) FROM orders_short s JOIN orders_order o ON o.id = s.order_id
                                WHERE s.short_id = a.id AND o.number = a.number)
            WHEN 'return' THEN (SELECT count(*) FROM orders_returnreceipt r JOIN orders_order o ON o.id = r.order_id
                                 WHERE r.return_id = a.id AND o.number = a.number)
            WHEN 'receipt' THEN (SELECT count(*) FROM orders_receipt r JOIN printers_sku s ON s.id = r.sku_id
                                  WHERE r.receipt_id = a.id AND s.code = a.sku AND r.quantity = a.quantity)
            ELSE (SELECT count(*) FROM orders_order o WHERE o.number = a.number AND o.delivered_at IS NOT NULL)
         END <> 1""",
    "what was packed was shipped, or is held": """
        SELECT DISTINCT o.number FROM orders_order o JOIN orders_dispatch d ON d.order_id = o.id
         WHERE o.status NOT IN ('shipped', 'delivered', 'returned', 'payment_failed', 'cancelled')""",
    "each mail came": """
        SELECT m.id || ' ' || m.kind || coalesce(': ' || nullif(m.last_error, ''), '') FROM notifications_message m
         WHERE m.sent_at IS NULL OR NOT EXISTS (SELECT FROM delivered d WHERE d.message = m.id)
        UNION ALL
        SELECT 'of nobody: ' || message FROM delivered
         WHERE NOT EXISTS (SELECT FROM notifications_message m WHERE m.id = delivered.message)""",
    "no mail came twice but where its sender was killed": f"""
        SELECT message::text FROM (
            SELECT message, at, lead(at) OVER (PARTITION BY message ORDER BY at) AS again FROM delivered) d
         WHERE again IS NOT NULL AND NOT EXISTS (
            SELECT FROM incident i WHERE i.at - d.at BETWEEN {UNNOTED}
               AND (i.kind LIKE 'postgres_%' OR i.kind = 'killed' AND i.target IN ('worker-2', 'worker-3')))""",
    "what happened was told": """
        SELECT o.number || ' was not confirmed' FROM orders_order o WHERE o.status <> 'cancelled' AND NOT EXISTS (
            SELECT FROM notifications_message m WHERE m.order_id = o.id
               AND m.kind IN ('order_confirmation', 'backordered'))
        UNION ALL
        SELECT o.number || ' shipped' FROM orders_order o WHERE o.shipped_at IS NOT NULL AND 1 <> (
            SELECT count(*) FROM notifications_message m WHERE m.order_id = o.id AND m.kind = 'shipped')
        UNION ALL
        SELECT o.number || ' is unpaid' FROM orders_order o WHERE o.status = 'payment_failed' AND NOT EXISTS (
            SELECT FROM notifications_message m WHERE m.order_id = o.id
               AND m.kind IN ('payment_failed', 'confirm_payment'))""",
    "stock adds up": f"""
        SELECT 'on hand: ' || sku_id FROM orders_stockitem i WHERE on_hand <> (
            SELECT coalesce(sum(quantity), 0) FROM orders_stockmovement m WHERE m.sku_id = i.sku_id)
        UNION ALL
        SELECT 'reserved: ' || sku_id FROM orders_stockitem i WHERE reserved > on_hand OR reserved <> (
            SELECT coalesce(sum(quantity), 0) FROM orders_reservation r WHERE r.sku_id = i.sku_id)
        UNION ALL
        SELECT 'set aside: ' || o.number FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
          LEFT JOIN orders_reservation r ON r.line_id = l.id
         WHERE (o.status IN ('released', 'packed', 'payment_failed')) <> (r.line_id IS NOT NULL)
            OR r.quantity <> l.quantity OR r.sku_id <> l.sku_id
        UNION ALL
        SELECT 'off the shelf: ' || o.number FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
         GROUP BY o.id, o.number, o.status, l.sku_id
        HAVING sum(l.quantity) * (o.status IN {LEFT_US})::int
            <> (SELECT coalesce(-sum(quantity), 0) FROM orders_stockmovement m
                 WHERE m.order_id = o.id AND m.sku_id = l.sku_id AND m.kind = 'shipment')
        UNION ALL
        SELECT 'received: ' || r.sku_id FROM (
            SELECT sku_id, sum(quantity) AS quantity FROM orders_receipt GROUP BY sku_id) r
         WHERE quantity <> (SELECT coalesce(sum(quantity), 0) FROM orders_stockmovement m
                             WHERE m.sku_id = r.sku_id AND m.kind = 'receipt')""",
    "every chain of facts is legal": f"""
        SELECT o.number || ': ' || before || ' to ' || step.status FROM {STEP} JOIN orders_order o ON o.id = order_id
         WHERE (before, step.status) NOT IN (VALUES {STEPS})
        UNION ALL
        SELECT o.number || ' stands elsewhere than its last step' FROM orders_order o WHERE status IS DISTINCT FROM (
            SELECT status FROM orders_orderevent e WHERE e.order_id = o.id ORDER BY id DESC LIMIT 1)
        UNION ALL
        SELECT o.number || ' left undispatched' FROM orders_order o WHERE o.status IN {LEFT_US}
           AND NOT EXISTS (SELECT FROM orders_dispatch d WHERE d.order_id = o.id)
        UNION ALL
        SELECT 'need ' || n.id || ' outlives its signal' FROM orders_replenishment n
          JOIN printers_lowsignal s ON s.id = n.signal_id WHERE n.closed_at IS NULL AND s.closed_at IS NOT NULL
        UNION ALL
        SELECT 'charge ' || c.id || ' is not settled' FROM billing_charge c WHERE c.status = 'pending'
        UNION ALL
        SELECT o.number || ' stays placed' FROM orders_order o WHERE o.status = 'placed'""",
}
DONE = "what is due is done"
FACTS = (
    "SELECT table_name FROM information_schema.columns WHERE column_name = 'due_at' AND table_schema = current_schema()"
)


def audit(cursor: Cursor) -> dict[str, list[str]]:
    """By promise, what breaks it: nothing, where all is well. The service is at rest."""
    found = {}
    for promise, query in PROMISES.items():
        cursor.execute(query)
        found[promise] = [str(key) for (key,) in cursor.fetchall()]
    return {**found, DONE: undone(cursor)}


def undone(cursor: Cursor) -> list[str]:
    """Facts that are due, or will be in a moment: 'billing_charge 17'."""
    cursor.execute(FACTS)
    found = []
    for (table,) in cursor.fetchall():
        cursor.execute(f"SELECT row_to_json(f) FROM {table} f WHERE due_at < now() + {SOON}")
        found += [f"{table} {row.get('id', row)}" for (row,) in cursor.fetchall()]
    return found


def doubled_mails(cursor: Cursor) -> int:
    """How many mails came more than once: each where its sender was killed, or the promise about it is broken."""
    cursor.execute("SELECT count(*) FROM (SELECT FROM delivered GROUP BY message HAVING count(*) > 1) m")
    row = cursor.fetchone()
    return int(row[0]) if row else 0
