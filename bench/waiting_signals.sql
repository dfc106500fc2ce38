-- Customers who wait: each has a plan, a printer of the catalogue and one supply that was just reported low.
-- %(signals)s is how many; all is made in a few statements, and every signal got here at a moment of its own.
CREATE TEMPORARY TABLE supply AS
SELECT s.id AS slot_id, s.code, s.model_id, row_number() OVER (ORDER BY s.id) - 1 AS place, count(*) OVER () AS number
  FROM printers_slot s WHERE s.consumable AND EXISTS (
        SELECT FROM printers_slotsku f JOIN orders_price p ON p.sku_id = f.sku_id WHERE f.slot_id = s.id);

CREATE TEMPORARY TABLE full_tanks AS
SELECT s.model_id, jsonb_object_agg(s.code, jsonb_build_object(
        'at', now(), 'level', 64, 'last', 65, 'low', false, 'genuine', true, 'serial', null, 'rise', null,
        'signal', null, 'replenishment', 'none')) AS supplies
  FROM printers_slot s GROUP BY s.model_id;

CREATE TEMPORARY TABLE customer AS
SELECT n, supply.* FROM generate_series(1, %(signals)s) AS n JOIN supply ON supply.place = n %% supply.number;

INSERT INTO enrollment_user (id, password, is_superuser, email, full_name, is_staff, is_active, date_joined)
SELECT n, '', false, 'customer' || n || '@example.com', 'Ana Ruiz', false, true, now() FROM customer;

INSERT INTO enrollment_address (id, user_id, full_name, attention, line1, line2, city, state, postal_code, country,
                                phone, created_at, doubt)
SELECT n, n, 'Ana Ruiz', '', n || ' Elm Street', '', 'Portland', 'OR', '97201', 'US', '', now(), '' FROM customer;

INSERT INTO printers_printer (id, model_id, serial_number, is_test, created_at, supplies, unreachable_reason)
SELECT n, model_id, 'KKBC' || n, false, now(),
       supplies || jsonb_build_object(code, (supplies -> code)
           || jsonb_build_object('level', 9, 'low', true, 'signal', n, 'replenishment', 'deciding')), ''
  FROM customer JOIN full_tanks USING (model_id);

INSERT INTO enrollment_plan (id, user_id, model_id, printer_id, expected_serial, nickname, status, shipping_address_id,
                             payable_since, when_low, created_at, activated_at)
SELECT n, n, model_id, n, '', '', 'active', n, now(), 'send', now(), now() FROM customer;

INSERT INTO printers_lowsignal (id, printer_id, slot_id, observed_at, received_at, level, threshold, said_low,
                                closed_cause, due_at)
SELECT n, n, slot_id, at, at, 9, 15, false, '', at
  FROM customer, LATERAL (SELECT now() - (%(signals)s - n) * interval '1 millisecond' AS at) AS reported;

INSERT INTO orders_stockitem (sku_id, on_hand, reserved, moved, promised)
SELECT id, %(signals)s, 0, 0, 0 FROM printers_sku;

INSERT INTO orders_stockmovement (sku_id, kind, quantity, reason, by, at)
SELECT id, 'receipt', %(signals)s, '', '', now() FROM printers_sku;
