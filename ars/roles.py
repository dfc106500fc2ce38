"""The roles of the back office: what each group may see and do there, made by `migrate`, as it stands here.

Who is in a group is a superuser's to say; what a group may do is said here alone, and set again by each migration.
Superusers may do everything, and only they see API keys, partners and groups.
"""

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps

# By role: the models it sees, and of those what else it may do. A verb's admin action asks for "change". How much money
# each gives back without a second person is `billing.refunds.limits`.
CATALOGUE_FACTS = "series printermodel sku slot slotsku slotalias price promotion"
ORDER_FACTS = "order orderline orderevent dispatch"
SUPPORT = {
    "view": f"user address closure plan planslot planevent claim consent purchase pairingrequest printer "
    f"devicetoken lowsignal reading unknownsupply replenishment decision stockitem wait plancard card charge "
    f"refund refundrequest dunning message taxrate question complaint return returnreceipt "
    f"note callercheck look "
    f"{ORDER_FACTS} {CATALOGUE_FACTS}",
    "add": "refundrequest message note callercheck look",
    "change": "devicetoken plan claim order",
}
ROLES: dict[str, dict[str, str]] = {
    "Support": SUPPORT,
    "Support lead": {
        **SUPPORT,
        "view": f"{SUPPORT['view']} change",
        "lead": "refundrequest",
        "change": f"{SUPPORT['change']} complaint",
    },
    "Warehouse": {
        "view": f"{ORDER_FACTS} stockitem stockmovement stockentry reservation receipt short wait sku endpoint "
        f"delivery",
        "add": "stockentry",
        "change": "stockitem delivery",
        "pack": "order",
    },
    "Catalogue": {
        "view": f"{CATALOGUE_FACTS} unknownsupply lowsignal",
        "add": "price promotion slotsku slotalias",
        "change": "series printermodel sku slot slotsku promotion",
        "delete": "slotsku slotalias",
    },
    "Finance": {
        "view": f"user change plancard card stripecustomer charge refund refundrequest dunning dispute "
        f"stripeevent reconciliation difference price promotion taxrate note callercheck look "
        f"{ORDER_FACTS}",
        "add": "taxrate note",
        "without": "callercheck",
        "change": "difference taxrate",
        "unlimited": "refundrequest",
        "export": "charge",
    },
}
OWN = ("printers", "enrollment", "orders", "billing", "notifications")


def make(using: str, apps: Apps = installed, **_: Any) -> None:
    """Make the groups, or make them again as they stand here; a receiver of `post_migrate`."""
    groups = apps.get_model("auth", "Group").objects.using(using)
    permissions = apps.get_model("auth", "Permission").objects.using(using).filter(content_type__app_label__in=OWN)
    for role, rights in ROLES.items():
        wanted = [f"{verb}_{model}" for verb, models in rights.items() for model in models.split()]
        groups.get_or_create(name=role)[0].permissions.set(permissions.filter(codename__in=wanted))
