"""The names that printers have for their slots, as staff give them: what was unknown is understood from then on."""

from django.db import IntegrityError, transaction

from printers.catalogue import alias_key
from printers.facts import Refused
from printers.models import Slot, SlotAlias, UnknownSupply
from printers.reports import keys_of

# What a printer may say of a supply that names its slot, and how staff call it. The words of alias keys.
KINDS = {"part": "Part number", "name": "Name", "colorant": "Colour", "index": "Position, where it tells nothing else"}


def key_of(kind: str, text: str) -> str:
    """The key by which a slot is found; Refused where nothing is left of the text."""
    key = alias_key(kind, text)
    if kind not in KINDS or key == f"{kind}:":
        raise Refused("A name has letters or digits.", "no_name")
    if kind == "index" and not text.strip().isdecimal():
        raise Refused("A position is a number, as the printer tells it.", "no_name")
    return key


def name_slot(slot: Slot, key: str) -> SlotAlias:
    """From the printers' next reports on, this means this slot; what was kept as unknown by that name is done with.

    Refused when it means another slot of the model: one name never orders two cartridges.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                alias = SlotAlias.objects.create(model_id=slot.model_id, slot=slot, key=key)
        except IntegrityError:
            raise Refused(f"{meant(slot, key)} is called so already.", "name_taken") from None
        unknown = UnknownSupply.objects.filter(printer__model_id=slot.model_id)
        UnknownSupply.objects.filter(pk__in=[each.pk for each in unknown if key in keys_of(each.described)]).delete()
    return alias


def meant(slot: Slot, key: str) -> Slot | None:
    """The slot of the same model that is called so, if one is."""
    alias = SlotAlias.objects.filter(model_id=slot.model_id, key=key).select_related("slot__model").first()
    return alias.slot if alias else None
