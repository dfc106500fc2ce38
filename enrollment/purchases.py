"""Enrolment at the time of purchase (promise P3): a store's word becomes a pending plan of the person who bought."""

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q, Value
from django.db.models.functions import Concat

from enrollment import lifecycle, pairing
from enrollment.models import Address, Partner, Plan, Purchase, User
from printers.facts import Refused
from printers.models import PrinterModel


def record(partner: Partner, purchase_id: str, body: dict[str, Any], now: datetime) -> tuple[Purchase, bool]:
    """The purchase with its pending plan, and whether it is new: one an id, however often and at once it is told.

    `body` is as `enrollment.api.PurchaseBody` reads it, without the id. Refused (`id_reused`) when the id came before
    with another body, (`unknown_model`, `model_not_eligible`) for a printer that cannot be enrolled.
    """
    # The plan is made with the row, in its transaction: where two are told at once, the later one's goes with its row.
    made: dict[str, Any] = {"body": body, "at": now, "plan": lambda: _enrol(partner, body, now)}
    purchases = Purchase.objects.select_related("plan__model__series")
    purchase, new = purchases.get_or_create(partner=partner, purchase_id=purchase_id, defaults=made)
    if purchase.body != body:
        raise Refused(f"Purchase {purchase_id} was told before, with another body.", "id_reused")
    return purchase, new


def find_model(named: str) -> PrinterModel:
    """The model of a name with its series or without, or of a slug; Refused when there is none."""
    models = PrinterModel.objects.annotate(full_name=Concat("series__name", Value(" "), "name"))
    known = Q(name__iexact=named) | Q(full_name__iexact=named) | Q(slug__iexact=named)
    if (model := models.filter(known).select_related("series").first()) is None:
        raise Refused(f"We know of no model {named}.", "unknown_model")
    return model


def _enrol(partner: Partner, body: dict[str, Any], now: datetime) -> Plan:
    """A pending plan for whom the address belongs to. An account there is already stays as it is."""
    model = find_model(body["model"])
    user, _ = User.objects.get_or_create(
        email=body["email"], defaults={"full_name": body["full_name"], "password": make_password(None)}
    )
    serial = pairing.normalise_serial(body.get("serial_number", ""))
    plan = lifecycle.create_plan(user, model, serial=serial, now=now, by=partner.name)
    lifecycle.change_address(plan, Address.objects.create(user=user, **body["shipping_address"]), now)
    return plan
