-- Takes one report of a printer, durably, in one round trip: authenticate, compare, write, tell what is known.
--
--   token       SHA-256 of the device token
--   observed    the printer's time of the report; a time in the future is taken as now
--   received    our time: the only clock this function knows
--   items       [{"level": 0-100 or null, and what was said: "slot": code, "low": bool, "genuine": bool,
--                 "serial_number", "name", "part_number", "colorant", "type", "class": texts, "index": number,
--                 "keys": [alias keys, best first], "unknown_key": what tells it from others, where it names no slot}]
--   says_low    the printer says "low" without saying which: it counts where the model has one supply only
--   trace       the id under which what comes of this report is logged
--   usual       the state of every slot, by its code, once this report is taken, if it is as nearly all are: of supplies
--               that are known, not low, not new, and of which nothing waits. NULL where it says that it is not.
--
-- Returns NULL for an unknown or revoked token, {} where all is as `usual` says, else
--   {"signalled": bool, "named": [slot id], "supplies": [{"slot", "name", "status", "replenishment"}]}, the supplies in
-- the order of `items`. `named`: slots nobody has confirmed yet, of which the printer names the part number we list.
--
-- Per slot, time is kept: the same time again is the same report, and what is older than the latest never becomes
-- state. It still tells what the latest left out, and whether the supply that is low was replaced: neither depends on
-- the order in which reports come. For that, every report that may show a new cartridge is kept while one is low.
--
-- The state of a slot (printers_printer.supplies) has these keys beside those that models.py names, each only where it
-- says something: `last_at`, `serial_at` (of which report they are, when not of the latest), `sent` (the printer's own
-- time, when its clock is ahead), `fine_at` (since when a low that is still open is not low any more), `met_at` and
-- `met_level` (when a person said that a new one is in, and the level then).

-- Whether a supply was replaced after it was reported low, by all that is known of it: `replaced` is the report that
-- shows the last new cartridge, `rise` a jump that still waits to be confirmed. The rules are those of
-- printers_ingest(), which knows them for the usual case, reports that come in order; this is for one that came late.
CREATE OR REPLACE FUNCTION printers_replay(
    printer bigint, slot bigint, low_signal bigint, latest jsonb, OUT replaced timestamptz, OUT rise timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    opened record;
    report record;
    began timestamptz;
    last smallint;
    serial text;
BEGIN
    SELECT s.observed_at, s.level INTO opened FROM printers_lowsignal s WHERE s.id = low_signal;
    -- Two known levels before it tell whether a jump waited then.
    SELECT min(b.observed_at) INTO began FROM (
        SELECT r.observed_at FROM printers_reading r
         WHERE r.printer_id = printer AND r.slot_id = slot AND r.observed_at < opened.observed_at AND r.level IS NOT NULL
         ORDER BY r.observed_at DESC LIMIT 2) b;
    SELECT r.serial INTO serial FROM printers_reading r
     WHERE r.printer_id = printer AND r.slot_id = slot AND r.observed_at < coalesce(began, opened.observed_at)
       AND r.serial <> ''
     ORDER BY r.observed_at DESC LIMIT 1;
    FOR report IN
        SELECT DISTINCT ON (a.observed_at) a.* FROM (
            SELECT r.observed_at, r.level, nullif(r.serial, '') AS serial, 1 AS rank FROM printers_reading r
             WHERE r.printer_id = printer AND r.slot_id = slot AND r.observed_at >= coalesce(began, opened.observed_at)
            UNION ALL
            SELECT opened.observed_at, opened.level, NULL, 2
            UNION ALL
            SELECT (latest ->> 'at')::timestamptz, (latest ->> 'level')::smallint,
                   CASE WHEN latest ->> 'serial_at' IS NULL THEN latest ->> 'serial' END, 2
        ) a ORDER BY a.observed_at, a.rank
    LOOP
        IF report.serial <> serial OR (rise IS NOT NULL AND report.level >= 60) THEN
            replaced := CASE WHEN report.observed_at > opened.observed_at THEN report.observed_at END;
            rise := NULL;
        ELSIF report.level IS NOT NULL THEN
            rise := CASE WHEN report.level >= last + 40 AND report.level >= 70 THEN report.observed_at END;
        END IF;
        last := coalesce(report.level, last);
        serial := coalesce(report.serial, serial);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION printers_ingest(
    token bytea, observed timestamptz, received timestamptz, items text, says_low boolean, trace text, usual jsonb
) RETURNS jsonb LANGUAGE plpgsql
-- Few rows of few tables, all of them in memory: an index is always the shorter way, even into a small table.
SET random_page_cost = 1.1 AS $$
DECLARE
    RISE_BY CONSTANT integer := 40;        -- a new cartridge: at least this much more ...
    RISE_TO CONSTANT integer := 70;        -- ... to at least this level ...
    CONFIRMED_AT CONSTANT integer := 60;   -- ... and the next report still at or above this
    FINE_FOR CONSTANT interval := '21 days';  -- or where no level can show it: low again after so long of not being low
    TOO_OLD CONSTANT interval := '7 days';
    LONG_AGO CONSTANT timestamptz := '-infinity';
    SEEN_EVERY CONSTANT interval := '10 minutes';
    CHANGES CONSTANT text[] := '{at,sent,level,last}';  -- what a usual report makes new
    at timestamptz := least(observed, received);
    printer record;
    look record;
    item record;
    replay record;
    was jsonb;
    state jsonb;
    answers jsonb := '[]';
    named jsonb := '[]';
    low boolean;
    said_low boolean;
    late boolean;
    opens boolean;
    replaced boolean;
    genuine boolean;
    rise timestamptz;
    met timestamptz;
    fine timestamptz;
    signal bigint;
    replenishment text;
    changed boolean := false;
    signalled boolean := false;
    same boolean;
    single boolean;
    seen_again boolean;
BEGIN
    SELECT p.id, p.model_id, p.supplies, p.seen_at INTO printer
      FROM printers_devicetoken t JOIN printers_printer p ON p.id = t.printer_id
     WHERE t.token_hash = token AND t.revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    seen_again := printer.seen_at IS NULL OR printer.seen_at < received - SEEN_EVERY;

    -- Nearly every report is the same again, or one of supplies that are known, not low and not new, of which nothing
    -- waits. Then `usual` tells all: one look at the row shows the first, one at the slots the second.
    IF printer.supplies @> usual THEN  -- it only reads
        IF seen_again THEN
            UPDATE printers_printer SET seen_at = greatest(seen_at, received) WHERE id = printer.id;
        END IF;
        RETURN '{}';
    ELSIF usual IS NOT NULL THEN
        SELECT array_agg(o.code) AS codes, array_agg(o.id) FILTER (WHERE o.was -> 'level' <> o.told -> 'level') AS moved
          INTO look
          FROM (
            SELECT s.id, s.code, s.low_threshold AS threshold, printer.supplies -> s.code AS was, usual -> s.code AS told
              FROM printers_slot s
             WHERE s.model_id = printer.model_id AND s.mapping_confirmed AND usual ? s.code
            OFFSET 0) o  -- OFFSET 0: what was found is not found anew for each place that uses it
         WHERE (o.was ->> 'at')::timestamptz < at AND (o.was ->> 'sent')::timestamptz IS DISTINCT FROM observed
           AND o.was - CHANGES = o.told - CHANGES
           AND (o.told ->> 'level')::smallint > o.threshold
           AND ((o.told ->> 'level')::smallint < (o.was ->> 'level')::smallint + RISE_BY
                OR (o.told ->> 'level')::smallint < RISE_TO);
        IF usual - look.codes = '{}' THEN  -- that is true of all
            UPDATE printers_printer SET supplies = supplies || usual, seen_at = greatest(seen_at, received)
             WHERE id = printer.id AND supplies = printer.supplies;
            IF FOUND THEN  -- else another report came between the look and the write
                IF look.moved IS NOT NULL THEN
                    INSERT INTO printers_reading
                           (printer_id, slot_id, observed_at, received_at, level, low, genuine, serial, replaced)
                    SELECT printer.id, s.id, at, received, (usual -> s.code ->> 'level')::smallint, false,
                           (usual -> s.code ->> 'genuine')::boolean, coalesce(usual -> s.code ->> 'serial', ''), false
                      FROM printers_slot s WHERE s.id = ANY (look.moved)
                    ON CONFLICT DO NOTHING;
                END IF;
                RETURN '{}';
            END IF;
        END IF;
    END IF;

    -- One by one. The same again only reads, so it needs no lock.
    SELECT bool_and(coalesce((printer.supplies -> s.code ->> 'at')::timestamptz = at, false)) INTO same
      FROM jsonb_array_elements(items::jsonb) i
      LEFT JOIN printers_slot s ON s.model_id = printer.model_id AND s.code = i ->> 'slot';
    IF NOT same THEN
        SELECT p.id, p.model_id, p.supplies, p.seen_at INTO printer
          FROM printers_printer p WHERE p.id = printer.id FOR NO KEY UPDATE;
    END IF;
    SELECT count(*) = 1 INTO single FROM printers_slot s WHERE s.model_id = printer.model_id AND s.consumable;

    FOR item IN
        SELECT i.item AS sent, (i.item ->> 'level')::smallint AS level, i.item ->> 'serial_number' AS serial,
               (i.item ->> 'genuine')::boolean AS genuine, coalesce((i.item ->> 'low')::boolean, false) AS said_low,
               s.id AS slot_id, s.code, s.name, s.low_threshold AS threshold, s.consumable, s.mapping_confirmed
          FROM jsonb_array_elements(items::jsonb) WITH ORDINALITY AS i(item, place)
          LEFT JOIN LATERAL (
                SELECT c.* FROM printers_slot c
                 WHERE c.model_id = printer.model_id
                   AND c.id = coalesce(
                       (SELECT b.id FROM printers_slot b
                         WHERE b.model_id = printer.model_id AND b.code = i.item ->> 'slot'),
                       (SELECT a.slot_id FROM jsonb_array_elements_text(i.item -> 'keys') WITH ORDINALITY AS k(key, rank)
                          JOIN printers_slotalias a ON a.model_id = printer.model_id AND a.key = k.key
                         ORDER BY k.rank LIMIT 1))
          ) s ON true
         ORDER BY i.place
    LOOP
        IF item.slot_id IS NULL THEN
            INSERT INTO printers_unknownsupply AS u (printer_id, key, described, first_seen_at, last_seen_at)
            VALUES (printer.id, coalesce(item.sent ->> 'unknown_key', 'slot:' || (item.sent ->> 'slot')),
                    item.sent - '{keys,unknown_key,low,genuine,serial_number}'::text[], received, received)
            ON CONFLICT (printer_id, key) DO UPDATE
               SET described = EXCLUDED.described, last_seen_at = EXCLUDED.last_seen_at
             WHERE u.described <> EXCLUDED.described OR u.last_seen_at < EXCLUDED.last_seen_at - SEEN_EVERY;
            answers := answers || jsonb_build_object(
                'slot', item.sent ->> 'slot', 'name', NULL, 'status', 'unknown', 'replenishment', 'none');
            CONTINUE;
        END IF;
        IF NOT item.mapping_confirmed AND EXISTS (
            SELECT FROM printers_slotalias a
             WHERE a.model_id = printer.model_id AND a.slot_id = item.slot_id AND a.key LIKE 'part:%'
               AND item.sent -> 'keys' ? a.key
        ) THEN
            named := named || to_jsonb(item.slot_id);
        END IF;

        was := coalesce(printer.supplies -> item.code, '{}');
        state := was;
        -- The one definition of low (domain rules, section 3).
        said_low := item.said_low OR (says_low AND single AND item.consumable);
        low := said_low OR coalesce(item.level <= item.threshold, false);
        late := coalesce((was ->> 'at')::timestamptz > at, false);
        signal := (was ->> 'signal')::bigint;
        rise := (was ->> 'rise')::timestamptz;
        met := (was ->> 'met_at')::timestamptz;
        replenishment := coalesce(was ->> 'replenishment', 'none');
        replaced := false;
        opens := false;

        IF (was ->> 'at')::timestamptz = at OR coalesce(
            (was ->> 'sent')::timestamptz = observed AND (was ->> 'low')::boolean = low
            AND (was ->> 'level')::smallint IS NOT DISTINCT FROM item.level
            AND was ->> 'serial' IS NOT DISTINCT FROM coalesce(item.serial, was ->> 'serial'), false)
        THEN
            NULL;  -- the same report again
        ELSIF late THEN
            INSERT INTO printers_reading
                   (printer_id, slot_id, observed_at, received_at, level, low, genuine, serial, replaced)
            VALUES (printer.id, item.slot_id, at, received, item.level, low, item.genuine, coalesce(item.serial, ''), false)
            ON CONFLICT DO NOTHING;
            IF FOUND THEN
                -- What the latest report left out is known from the latest that did not.
                IF item.level IS NOT NULL AND was -> 'level' = 'null' AND at > coalesce(
                    (was ->> 'last_at')::timestamptz, CASE WHEN was ->> 'last' IS NULL THEN LONG_AGO ELSE 'infinity' END)
                THEN
                    state := state || jsonb_build_object('last', item.level, 'last_at', at);
                END IF;
                IF item.serial IS NOT NULL AND at > coalesce(
                    (was ->> 'serial_at')::timestamptz, CASE WHEN was ->> 'serial' IS NULL THEN LONG_AGO ELSE 'infinity' END)
                THEN
                    state := state || jsonb_build_object('serial', item.serial, 'serial_at', at);
                END IF;
                IF signal IS NOT NULL THEN
                    SELECT * INTO replay FROM printers_replay(printer.id, item.slot_id, signal, was);
                    replaced := replay.replaced IS NOT NULL;
                    rise := replay.rise;
                    opens := replaced AND (was ->> 'low')::boolean;
                    state := state || jsonb_build_object('rise', rise);
                    IF low AND was ? 'fine_at' AND at > (was ->> 'fine_at')::timestamptz THEN
                        state := state || jsonb_build_object('fine_at', was -> 'at');
                    END IF;
                ELSIF low THEN
                    INSERT INTO printers_lowsignal (printer_id, slot_id, observed_at, received_at, level, threshold,
                                                    said_low, closed_at, closed_cause, due_at, trace)
                    VALUES (printer.id, item.slot_id, at, received, item.level, item.threshold,
                            said_low, received, 'stale', received, printers_ingest.trace)
                    ON CONFLICT DO NOTHING;
                    signalled := true;
                END IF;
            END IF;
        ELSE
            fine := (was ->> 'fine_at')::timestamptz;
            replaced := coalesce(item.serial <> was ->> 'serial', false)
                     OR coalesce(rise IS NOT NULL AND item.level >= CONFIRMED_AT, false)
                     OR coalesce(low AND signal IS NOT NULL AND fine <= at - FINE_FOR
                                 AND (was ->> 'last' IS NULL OR (was ->> 'last')::smallint + RISE_BY > 100), false);
            rise := CASE
                WHEN replaced THEN NULL
                WHEN item.level IS NULL THEN rise
                WHEN item.level >= (was ->> 'last')::smallint + RISE_BY AND item.level >= RISE_TO THEN at
            END;
            -- After a person said that a new one is in, a low that only goes on is no new one.
            opens := low AND (signal IS NULL OR replaced) AND NOT coalesce(
                at <= met OR ((was ->> 'low')::boolean
                              AND NOT coalesce(item.level < (was ->> 'met_level')::smallint, false) AND met IS NOT NULL),
                false);
            genuine := CASE WHEN replaced THEN item.genuine ELSE coalesce(item.genuine, (was ->> 'genuine')::boolean) END;
            state := jsonb_build_object(
                'at', at, 'level', item.level, 'last', coalesce(item.level::text, was ->> 'last')::smallint,
                'low', low, 'genuine', genuine, 'serial', coalesce(item.serial, was ->> 'serial'), 'rise', rise,
                'signal', signal, 'replenishment', replenishment);
            IF observed > received THEN
                state := state || jsonb_build_object('sent', observed);
            END IF;
            IF item.level IS NULL AND was ->> 'last' IS NOT NULL THEN
                state := state || jsonb_build_object('last_at', coalesce(was -> 'last_at', was -> 'at'));
            END IF;
            IF item.serial IS NULL AND was ->> 'serial' IS NOT NULL THEN
                state := state || jsonb_build_object('serial_at', coalesce(was -> 'serial_at', was -> 'at'));
            END IF;
            IF NOT low AND signal IS NOT NULL AND NOT replaced THEN
                state := state || jsonb_build_object('fine_at', coalesce(fine, at));
            END IF;
            IF met IS NOT NULL AND NOT opens AND (low OR at <= met) THEN
                state := state || jsonb_build_object('met_at', met, 'met_level', was -> 'met_level');
            END IF;
            IF signal IS NOT NULL AND rise = at THEN  -- what the jump is measured from, kept or not
                INSERT INTO printers_reading
                       (printer_id, slot_id, observed_at, received_at, level, low, genuine, serial, replaced)
                VALUES (printer.id, item.slot_id, (was ->> 'at')::timestamptz, received, (was ->> 'level')::smallint,
                        (was ->> 'low')::boolean, (was ->> 'genuine')::boolean, '', false)
                ON CONFLICT DO NOTHING;
            END IF;
            IF was = '{}' OR replaced
               OR (was ->> 'level')::smallint IS DISTINCT FROM item.level OR (was ->> 'low')::boolean <> low
               OR (was ->> 'genuine')::boolean IS DISTINCT FROM genuine
               OR (was ->> 'serial' IS NULL AND item.serial IS NOT NULL)
               OR (signal IS NOT NULL AND item.level >= CONFIRMED_AT)
            THEN
                INSERT INTO printers_reading
                       (printer_id, slot_id, observed_at, received_at, level, low, genuine, serial, replaced)
                VALUES (printer.id, item.slot_id, at, received, item.level, low, genuine, coalesce(item.serial, ''), replaced)
                ON CONFLICT DO NOTHING;
            END IF;
        END IF;

        IF replaced AND signal IS NOT NULL THEN
            UPDATE printers_lowsignal SET closed_at = received, closed_cause = 'replaced', due_at = received
             WHERE id = signal;
            signal := NULL;
            replenishment := 'none';
            signalled := true;
            IF late THEN  -- kept with the others: of this one the page shows that a new cartridge was in
                UPDATE printers_reading SET replaced = true
                 WHERE printer_id = printer.id AND slot_id = item.slot_id AND observed_at = replay.replaced;
            END IF;
        END IF;
        IF opens THEN
            INSERT INTO printers_lowsignal (printer_id, slot_id, observed_at, received_at, level, threshold,
                                            said_low, closed_at, closed_cause, due_at, trace)
            SELECT printer.id, item.slot_id, o.at, received, o.level, item.threshold,
                   CASE WHEN late THEN coalesce(o.level > item.threshold, true) ELSE said_low END,
                   CASE WHEN o.at < received - TOO_OLD THEN received END,
                   CASE WHEN o.at < received - TOO_OLD THEN 'stale' ELSE '' END, received, printers_ingest.trace
              FROM (SELECT (state ->> 'at')::timestamptz AS at, (state ->> 'level')::smallint AS level) o
            ON CONFLICT DO NOTHING
            RETURNING CASE WHEN closed_at IS NULL THEN id END INTO signal;
            signalled := true;
            IF signal IS NOT NULL THEN
                replenishment := 'deciding';
            END IF;
        END IF;
        -- What a waiting decision looked at has changed: it is made again.
        IF signal IS NOT NULL AND replenishment = 'waiting' AND state <> was AND (
            (was ->> 'low')::boolean <> (state ->> 'low')::boolean
            OR (was ->> 'genuine') IS DISTINCT FROM (state ->> 'genuine')
            OR (was ->> 'level' IS NULL) <> (state ->> 'level' IS NULL)
        ) THEN
            UPDATE printers_lowsignal SET due_at = received WHERE id = signal;
            signalled := true;
        END IF;
        IF state <> was OR replaced THEN
            was := state || jsonb_build_object('signal', signal, 'replenishment', replenishment);
            printer.supplies := printer.supplies || jsonb_build_object(item.code, was);
            changed := true;
        END IF;
        answers := answers || jsonb_build_object(
            'slot', item.code, 'name', item.name,
            'status', CASE WHEN (was ->> 'low')::boolean THEN 'low' ELSE 'ok' END,
            'replenishment', was ->> 'replenishment');
    END LOOP;

    IF changed THEN
        UPDATE printers_printer SET supplies = printer.supplies, seen_at = greatest(seen_at, received)
         WHERE id = printer.id;
    ELSIF seen_again THEN
        UPDATE printers_printer SET seen_at = greatest(seen_at, received) WHERE id = printer.id;
    END IF;
    RETURN jsonb_build_object('signalled', signalled, 'named', named, 'supplies', answers);
END $$;
