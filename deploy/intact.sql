-- Whether the books of a database add up, for after a restore or any doubt: each promise with how many rows break it,
-- and how far the database goes. It shares nothing with the rules of the application, reads only, and needs no quiet.
--
--   psql -X -d ars -f deploy/intact.sql

WITH broken(promise, rows) AS (
    SELECT 'what is on hand is the sum of its movements', count(*) FROM orders_stockitem i WHERE i.on_hand <> (
        SELECT coalesce(sum(quantity), 0) FROM orders_stockmovement m WHERE m.sku_id = i.sku_id)
    UNION ALL
    SELECT 'what is set aside is the sum of its reservations', count(*) FROM orders_stockitem i WHERE i.reserved <> (
        SELECT coalesce(sum(quantity), 0) FROM orders_reservation r WHERE r.sku_id = i.sku_id)
    UNION ALL
    SELECT 'every order has lines and a history', count(*) FROM orders_order o
     WHERE NOT EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id)
        OR NOT EXISTS (SELECT FROM orders_orderevent e WHERE e.order_id = o.id)
    UNION ALL
    SELECT 'an order stands where its history says', count(*) FROM orders_order o WHERE o.status NOT IN (
        SELECT e.status FROM orders_orderevent e WHERE e.order_id = o.id)
    UNION ALL
    SELECT 'a shipped order is paid once, and of the right amount', count(*) FROM orders_order o
     WHERE o.status IN ('shipped', 'delivered', 'returned') AND o.total_cents > 0 AND 1 <> (
        SELECT count(*) FROM billing_charge c
         WHERE c.order_id = o.id AND c.status IN ('paid', 'waived') AND c.amount_cents = o.total_cents)
    UNION ALL
    SELECT 'nothing is paid that was not shipped', count(*) FROM billing_charge c JOIN orders_order o ON o.id = c.order_id
     WHERE c.status = 'paid' AND o.status NOT IN ('shipped', 'delivered', 'returned')
    UNION ALL
    SELECT 'no more is given back than was taken', count(*) FROM billing_charge c WHERE c.amount_cents < (
        SELECT coalesce(sum(r.amount_cents), 0) FROM billing_refund r WHERE r.charge_id = c.id AND r.status = 'made')
    UNION ALL
    SELECT 'no supply is ordered twice at once', count(*) FROM (
        SELECT FROM orders_replenishment WHERE closed_at IS NULL GROUP BY plan_id, slot_id HAVING count(*) > 1) twice
)
SELECT promise, rows FROM broken
UNION ALL SELECT 'the newest order is of ' || coalesce(max(placed_at)::text, 'no time'), count(*) FROM orders_order
UNION ALL SELECT 'the newest report came at ' || coalesce(max(seen_at)::text, 'no time'), count(*) FROM printers_printer;
