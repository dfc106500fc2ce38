-- `printers` printers of one model with a plan each, whose tokens are ars_device_bench_1 and up, and which have just
-- reported: what is said again is said again at once, because its answer was lost.
INSERT INTO printers_printer (id, model_id, serial_number, is_test, created_at, seen_at, unreachable_reason, supplies)
SELECT n, %(model)s, 'BENCH' || n, false, now(), now(), '', (
    SELECT jsonb_object_agg(slot, jsonb_build_object(
        'at', '2026-01-01T00:00:00+00:00'::timestamptz, 'level', 60, 'last', 60, 'low', false, 'genuine', NULL,
        'serial', NULL, 'rise', NULL, 'signal', NULL, 'replenishment', 'none'))
      FROM unnest(%(slots)s) slot)
  FROM generate_series(1, %(printers)s) n;
INSERT INTO printers_devicetoken (printer_id, token_hash, created_at, revoked_cause)
SELECT n, sha256(convert_to('ars_device_bench_' || n, 'UTF8')), now(), '' FROM generate_series(1, %(printers)s) n;
