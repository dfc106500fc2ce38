"""Which tables the audit watches, and why not the others; the triggers that do it, made by `migrate` as it stands here.

What they write, and that nobody edits it, is in enrollment/sql/changes.sql; docs/decisions/0024-audit.md says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.conf import settings
from django.db import connections
from django.db.models import Model

SECRET = {"password", "key_hash", "token_hash", "secret", "old_secret"}
NO_CHANGE = {"due_at", "updated_at", "last_login", "last_used_at"}  # who does the work notes there how far it is


@dataclass(frozen=True)
class Watched:
    """A table whose changes are written down: the column its rows are called by, and those that name a person."""

    called: str = ""
    hidden: tuple[str, ...] = ()


ADDRESS = ("full_name", "attention", "line1", "line2", "city", "phone")
WATCHED: dict[str, Watched] = {
    "printers.Series": Watched("name"),
    "printers.PrinterModel": Watched("name"),
    "printers.Sku": Watched("code"),
    "printers.Slot": Watched("code"),
    "printers.SlotSku": Watched("size"),
    "printers.SlotAlias": Watched("key"),
    "printers.DeviceToken": Watched(),
    "enrollment.User": Watched(hidden=("email", "full_name")),
    "enrollment.User_groups": Watched(),
    "enrollment.User_user_permissions": Watched(),
    "enrollment.Address": Watched(hidden=ADDRESS),
    "enrollment.Plan": Watched(hidden=("nickname",)),
    "enrollment.PlanSlot": Watched(),
    "enrollment.Claim": Watched(),
    "enrollment.Look": Watched(hidden=("why",)),
    "enrollment.Partner": Watched("name"),
    "enrollment.ApiKey": Watched("prefix"),
    "enrollment.Purchase": Watched("purchase_id", ("body",)),
    "orders.Order": Watched("number", ("ship_to",)),
    "orders.OrderLine": Watched(),
    "orders.Price": Watched(),
    "orders.TaxRate": Watched("state"),
    "orders.Promotion": Watched("name"),
    "orders.Promotion_series": Watched(),
    "orders.Promotion_skus": Watched(),
    "orders.StockItem": Watched(),
    "orders.StockEntry": Watched("kind"),
    "orders.Question": Watched("kind"),
    "orders.Complaint": Watched("kind"),
    "orders.ComplaintLine": Watched(),
    "orders.Return": Watched("number"),
    "orders.ReturnLine": Watched(),
    "orders.ReturnReceipt": Watched("return_id"),
    "orders.ReturnReceiptLine": Watched(),
    "orders.Dispatch": Watched("dispatch_id"),
    "orders.Receipt": Watched("receipt_id"),
    "orders.Short": Watched("short_id"),
    "billing.Charge": Watched("receipt_number"),
    "billing.Refund": Watched(),
    "billing.RefundRequest": Watched(),
    "billing.RefundRequestLine": Watched(),
    "billing.Dispute": Watched("stripe_id"),
    "billing.Reconciliation": Watched(),
    "billing.Difference": Watched("stripe_id"),
    "notifications.Endpoint": Watched("url"),
    "notifications.Delivery": Watched("webhook_id", ("body",)),
    "auth.Group": Watched("name"),
    "auth.Group_permissions": Watched(),
    "account.EmailAddress": Watched(hidden=("email",)),
    "mfa.Authenticator": Watched("type", ("data",)),
}
_BY_PRINTERS = "Printers write it with each report, and people only read it."
_BY_RULES = "Rules write it as a consequence of what is watched; nobody edits it."
_HISTORY = "A history itself: it says when and by whom, and is never edited."
_BY_OWNERS = "Customers write it on their own pages; staff only read it."
UNWATCHED: dict[str, str] = {
    **dict.fromkeys(("printers.Printer", "printers.Reading", "printers.LowSignal"), _BY_PRINTERS),
    "printers.UnknownSupply": _BY_PRINTERS,
    **dict.fromkeys(("enrollment.Closure", "enrollment.Consent", "enrollment.PairingRequest"), _BY_OWNERS),
    **dict.fromkeys(("billing.StripeCustomer", "billing.Card", "billing.PlanCard"), _BY_OWNERS),
    **dict.fromkeys(("enrollment.PlanEvent", "orders.OrderEvent", "orders.StockMovement"), _HISTORY),
    **dict.fromkeys(("enrollment.Note", "enrollment.CallerCheck"), _HISTORY),
    "printers.Thinning": "How far a sweep is; nobody sees it.",
    "enrollment.Change": "The audit itself, which nobody edits.",
    **dict.fromkeys(("orders.Replenishment", "orders.Decision", "orders.Reservation", "orders.Wait"), _BY_RULES),
    **dict.fromkeys(("orders.LinePromotion", "billing.Dunning", "notifications.Message"), _BY_RULES),
    "billing.StripeEvent": "What Stripe signed, kept as it came.",
}
TRIGGER, FUNCTION = "note_change", "enrollment_note_change"


def arguments(model: type[Model], watched: Watched) -> tuple[str, ...]:
    """What a table's trigger is told, in the order that enrollment/sql/changes.sql says."""
    columns = [field.column for field in model._meta.concrete_fields]
    pk = str(model._meta.pk.column)
    about = pk if model._meta.label == settings.AUTH_USER_MODEL else "user_id" if "user_id" in columns else ""
    hidden = [name for name in columns if name in SECRET or name in watched.hidden]
    no_change = [name for name in columns if name in NO_CHANGE]
    return model._meta.label_lower, pk, watched.called, about, ",".join(hidden), ",".join(no_change)


def wanted(apps: Apps = installed) -> dict[str, tuple[str, ...]]:
    """By table: the arguments of its trigger."""
    return {model._meta.db_table: arguments(model, watched) for model, watched in models(apps)}


def models(apps: Apps = installed) -> Iterator[tuple[type[Model], Watched]]:
    """The models of WATCHED."""
    return ((apps.get_model(label), watched) for label, watched in WATCHED.items())


def standing(using: str) -> dict[str, tuple[str, ...]]:
    """The triggers there are."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = %s AND tgfoid = %s::regproc",
            [TRIGGER, FUNCTION],
        )
        return {table: tuple(bytes(told).decode().split("\0")[:-1]) for table, told in cursor.fetchall()}


def install(using: str, **_: Any) -> None:
    """Make the triggers that are missing or told something else, and drop the others; a receiver of `post_migrate`."""
    meant, there = wanted(), standing(using)
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in there.keys() - meant.keys():
            cursor.execute(f"DROP TRIGGER {TRIGGER} ON {connection.ops.quote_name(table)}")
        for table, told in meant.items():
            if there.get(table) != told:
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE "
                    f"ON {connection.ops.quote_name(table)} FOR EACH ROW "
                    "WHEN (current_setting('ars.actor', true) <> '') "
                    f"EXECUTE FUNCTION {FUNCTION}({', '.join(['%s'] * len(told))})",
                    told,
                )
