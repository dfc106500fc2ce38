-- Writes one row to enrollment_change for each row that an acting person or partner adds, changes or removes.
--
-- Who acts is the session's setting `ars.actor`, a JSON object: {"who", "user", "key", "from", "id", "request",
-- "action"} (enrollment/acting.py). Without one the triggers' WHEN holds and this function is not called.
--
-- Arguments: the model's label, the column of its primary key, a column that names it or '', the column that holds the
-- customer it is about or '', the columns that are hidden, and those that are no change; both with commas between.
CREATE FUNCTION enrollment_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    HIDDEN CONSTANT jsonb := '"(hidden)"';
    actor CONSTANT jsonb := current_setting('ars.actor')::jsonb;
    hidden_columns CONSTANT text[] := string_to_array(TG_ARGV[4], ',');
    no_change CONSTANT text[] := string_to_array(TG_ARGV[5], ',');
    old_row CONSTANT jsonb := to_jsonb(OLD) - no_change;
    new_row CONSTANT jsonb := to_jsonb(NEW) - no_change;
    named CONSTANT jsonb := coalesce(to_jsonb(NEW), to_jsonb(OLD));
    was jsonb := old_row;
    becomes jsonb := new_row;
    hide text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, new_row -> o.key) INTO was, becomes
          FROM jsonb_each(old_row) o WHERE o.value IS DISTINCT FROM new_row -> o.key;
        IF was IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    FOREACH hide IN ARRAY hidden_columns LOOP  -- that it is empty is no secret
        IF was -> hide NOT IN ('null', '""') THEN
            was := jsonb_set(was, ARRAY[hide], HIDDEN);
        END IF;
        IF becomes -> hide NOT IN ('null', '""') THEN
            becomes := jsonb_set(becomes, ARRAY[hide], HIDDEN);
        END IF;
    END LOOP;
    INSERT INTO enrollment_change (at, request_id, user_id, key_id, who, from_address, request, action, model,
                                   object_id, object_text, about_id, verb, before, after)
    VALUES (clock_timestamp(), (actor ->> 'id')::uuid, (actor ->> 'user')::bigint, (actor ->> 'key')::bigint,
            actor ->> 'who', (actor ->> 'from')::inet, actor ->> 'request', actor ->> 'action', TG_ARGV[0],
            named ->> TG_ARGV[1], coalesce(left(named ->> TG_ARGV[2], 120), ''), (named ->> TG_ARGV[3])::bigint,
            CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END, was, becomes);
    RETURN NULL;
END $$;

-- What is written there stays: no row is edited, removed, or written by anybody but the function above.
CREATE FUNCTION enrollment_keep_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of changes is written by the database alone, and never edited: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER changes_stay BEFORE UPDATE OR DELETE ON enrollment_change
    FOR EACH STATEMENT EXECUTE FUNCTION enrollment_keep_changes();
CREATE TRIGGER changes_are_not_emptied BEFORE TRUNCATE ON enrollment_change
    FOR EACH STATEMENT EXECUTE FUNCTION enrollment_keep_changes();
CREATE TRIGGER changes_are_not_made_up BEFORE INSERT ON enrollment_change
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION enrollment_keep_changes();
