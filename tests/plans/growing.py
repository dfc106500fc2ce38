"""One customer, and thousands of copies: every row of the tables that grow with the fleet, by one statement a table."""

from django.apps import apps
from django.db import connection, models
from django.db.models import Field, Model

COPIES = 20_000  # fewer are read whole however they are asked for: that is cheaper then
STRIDE = 100_000  # between a row and its copy, in keys: a copy of an order is of the copy of its plan
DAY = 24 * 3600

# What does not grow with the fleet: the catalogue, the trade, staff, what is counted by the hour ...
OF_THE_HOUSE = {
    *("printers_series", "printers_printermodel", "printers_sku", "printers_slot", "printers_slotsku"),
    *("printers_slotalias", "printers_thinning", "enrollment_partner", "enrollment_apikey"),
    *("orders_price", "orders_taxrate", "orders_promotion", "orders_promotion_series", "orders_promotion_skus"),
    *("orders_stockitem", "orders_receipt", "orders_stockentry", "billing_reconciliation", "notifications_endpoint"),
    *("ars_queuemark", "ars_queuecount", "ars_figure", "ars_tick", "mfa_authenticator", "enrollment_user_groups"),
    *("enrollment_user_user_permissions", "auth_group_permissions", "auth_permission", "auth_group"),
    *("django_content_type", "django_admin_log", "account_emailconfirmation", "orders_short", "billing_difference"),
    # ... and what holds only what waits now, or what somebody has to look at.
    *("orders_reservation", "orders_wait", "printers_unknownsupply"),
}
# How far back a table reaches, in seconds, where it is not two years.
RECENT = dict.fromkeys(("notifications_delivery", "billing_stripeevent", "enrollment_pairingrequest"), 89 * DAY)
# What is another in each copy: nothing waits for it, nobody is staff, and names are not the same.
OTHER = {
    "due_at": "NULL",
    "is_staff": "false",
    "is_superuser": "false",
    "full_name": "'Cal ' || md5(n::text)",
    "seen_at": "seen_at",
    "nickname": "md5(n::text)",
    "tracking_number": "'1Z' || md5(n::text)",
    "parcels": """replace(parcels::text, '"1Z', '"1Z' || n)::jsonb""",
    "expire_date": "expire_date + n * interval '1 minute'",  # sessions that are over are deleted each day
    "last4": "right('000' || n, 4)",
}


def tables() -> dict[str, type[Model]]:
    """Those that grow with the fleet."""
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    return {table: model for table, model in models.items() if table not in OF_THE_HOUSE}


def copy() -> list[str]:
    """Copy what is there; the tables of which there was nothing to copy."""
    empty = []
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no triggers: the copies are as right as the original
        for table, model in tables().items():
            fields = [field for field in model._meta.concrete_fields if field.column]  # a composite key has no column
            names = ", ".join(f'"{field.column}"' for field in fields)
            copied = ", ".join(_copied(field, f'"{field.column}"') for field in fields)
            every = f"FROM {table} CROSS JOIN generate_series(1, %s) n"
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {copied} {every}", [COPIES])
            if not cursor.rowcount:
                empty.append(table)
        cursor.execute("SET session_replication_role = DEFAULT")
    return empty


def _copied(field: "Field[object, object]", column: str) -> str:
    """What stands in a column of copy number `n`."""
    if field.column in OTHER:
        return OTHER[field.column]
    of = field.related_model if isinstance(field, models.ForeignKey) else field.model
    of_table = of._meta.db_table
    if isinstance(field, models.ForeignKey) or (field.primary_key and not isinstance(field, models.CharField)):
        return column if of_table in OF_THE_HOUSE else f"{column} + n * {STRIDE}"
    by_kind = {
        models.DateTimeField: f"{column} - n * interval '{RECENT.get(of_table, 2 * 365 * DAY) / COPIES} seconds'",
        models.UUIDField: "gen_random_uuid()",
        models.BinaryField: f"sha256({column} || n::text::bytea)",
    }
    if type(field) in by_kind:
        return by_kind[type(field)]
    if not _is_unique(field):
        return column
    return f"CASE {column} WHEN '' THEN '' ELSE left(lpad(n::text, 5, '0') || {column}, {field.max_length}) END"


def _is_unique(field: "Field[object, object]") -> bool:
    """Whether a text must differ from copy to copy."""
    if not isinstance(field, models.CharField) or field.choices:
        return False
    options = field.model._meta
    unique = [c.fields for c in options.constraints if isinstance(c, models.UniqueConstraint)]
    return field.unique or any(field.name in names for names in (*options.unique_together, *unique))
