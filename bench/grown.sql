-- A fleet of `printers` as it is after two years: no two that report one after the other lie side by side, and each has
-- said `history` things, spread over 24 months, of one of its `slots` after the other.
CREATE INDEX bench_shuffled ON printers_printer (hashint8(id));
CLUSTER printers_printer USING bench_shuffled;
DROP INDEX bench_shuffled;
CREATE INDEX bench_shuffled ON printers_devicetoken (token_hash);
CLUSTER printers_devicetoken USING bench_shuffled;
DROP INDEX bench_shuffled;
INSERT INTO printers_reading (printer_id, slot_id, observed_at, received_at, level, low, genuine, serial, replaced)
SELECT n, (%(slots)s)[1 + k %% array_length(%(slots)s, 1)], at, at, 90 - k, false, NULL, '', false
  FROM generate_series(1, %(history)s) k, generate_series(1, %(printers)s) n,
       LATERAL (SELECT now() - (k - (n %% 1000 * 7919 %% 1000) / 1000.0) * interval '720 days' / %(history)s AS at) moment;
