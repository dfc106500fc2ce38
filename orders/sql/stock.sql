-- Stock that cannot lie: `moved` and `promised` of a stock row are added up here, by whoever writes a movement or a
-- reservation, and no transaction commits while `on_hand` or `reserved` says something else. Costs one row a statement.

CREATE FUNCTION orders_add_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO orders_stockitem AS item (sku_id, on_hand, reserved, moved, promised)
        SELECT sku_id, 0, 0, sum(quantity), 0 FROM new_rows GROUP BY sku_id ORDER BY sku_id
        ON CONFLICT (sku_id) DO UPDATE SET moved = item.moved + EXCLUDED.moved;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE orders_stockitem AS item SET moved = item.moved - gone.pieces
          FROM (SELECT sku_id, sum(quantity) AS pieces FROM old_rows GROUP BY sku_id) AS gone
         WHERE item.sku_id = gone.sku_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION orders_add_reservations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO orders_stockitem AS item (sku_id, on_hand, reserved, moved, promised)
        SELECT sku_id, 0, 0, 0, sum(quantity) FROM new_rows GROUP BY sku_id ORDER BY sku_id
        ON CONFLICT (sku_id) DO UPDATE SET promised = item.promised + EXCLUDED.promised;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE orders_stockitem AS item SET promised = item.promised - gone.pieces
          FROM (SELECT sku_id, sum(quantity) AS pieces FROM old_rows GROUP BY sku_id) AS gone
         WHERE item.sku_id = gone.sku_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER movements_in AFTER INSERT ON orders_stockmovement REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_movements();
CREATE TRIGGER movements_changed AFTER UPDATE ON orders_stockmovement
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_movements();
CREATE TRIGGER movements_out AFTER DELETE ON orders_stockmovement REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_movements();

CREATE TRIGGER reservations_in AFTER INSERT ON orders_reservation REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_reservations();
CREATE TRIGGER reservations_changed AFTER UPDATE ON orders_reservation
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_reservations();
CREATE TRIGGER reservations_out AFTER DELETE ON orders_reservation REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION orders_add_reservations();

CREATE FUNCTION orders_stock_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item orders_stockitem;
BEGIN
    SELECT * INTO item FROM orders_stockitem WHERE sku_id = NEW.sku_id;
    IF item.on_hand <> item.moved OR item.reserved <> item.promised THEN
        RAISE EXCEPTION 'stock of SKU % does not add up: % on hand, movements say %; % reserved, reservations say %',
            item.sku_id, item.on_hand, item.moved, item.reserved, item.promised
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_adds_up';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER stock_adds_up AFTER INSERT OR UPDATE ON orders_stockitem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orders_stock_adds_up();
