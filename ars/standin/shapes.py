"""Stripe's objects as API version 2026-10-28 shows them, each made with every field that a client may read."""

import hashlib
import time
from copy import deepcopy
from typing import Any

from ars.standin.book import new_id
from ars.standin.cards import Card, Decline, brand
from ars.standin.replies import Json

PREFIX = "ARS INK CO"  # what the account is called on statements: as long as Stripe allows
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def blank(*names: str) -> Json:
    return dict.fromkeys(names)


def born(kind: str, name: str) -> Json:
    return {"id": name, "object": kind, "created": int(time.time()), "livemode": False}


def merged(metadata: Json, change: Any) -> Json:
    """Stripe's way with metadata: an empty value removes a key, an empty string all of them."""
    if not isinstance(change, dict):
        return {} if change == "" else metadata
    return {key: value for key, value in {**metadata, **change}.items() if value != ""}


def apply(thing: Json, params: Json, names: tuple[str, ...]) -> None:
    """Sets the named fields that were sent; an empty string unsets."""
    for name in names:
        if name in params:
            thing[name] = None if params[name] == "" else params[name]
    if "metadata" in params:
        thing["metadata"] = merged(thing["metadata"], params["metadata"])


def customer(name: str) -> Json:
    return {
        **born("customer", name),
        **blank("address", "currency", "default_source", "description", "discount", "email", "name", "phone"),
        **blank("shipping", "test_clock"),
        "balance": 0,
        "delinquent": False,
        "invoice_prefix": name[-8:].upper(),
        "invoice_settings": blank("custom_fields", "default_payment_method", "footer", "rendering_options"),
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }


def payment_method(name: str, card: Card, month: int, year: int) -> Json:
    supported = card.authentication != "never" or brand(card.number) != "amex"
    return {
        **born("payment_method", name),
        "allow_redisplay": "unspecified",
        "billing_details": {"address": blank(*ADDRESS), **blank("email", "name", "phone", "tax_id")},
        "card": {
            "brand": brand(card.number),
            "checks": {"cvc_check": "unchecked", **blank("address_line1_check", "address_postal_code_check")},
            "country": "US",
            "display_brand": brand(card.number),
            "exp_month": month,
            "exp_year": year,
            "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
            "funding": "debit" if card.number == "4000056655665556" else "credit",
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [brand(card.number)], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": supported},
            "wallet": None,
        },
        "customer": None,
        "metadata": {},
        "type": "card",
    }


def setup_intent() -> Json:
    name = new_id("seti")
    return {
        **born("setup_intent", name),
        **blank("application", "automatic_payment_methods", "cancellation_reason", "customer", "description"),
        **blank("flow_directions", "last_setup_error", "latest_attempt", "mandate", "next_action", "on_behalf_of"),
        **blank("payment_method", "payment_method_options", "single_use_mandate", "allowed_payment_method_types"),
        "client_secret": f"{name}_secret_{new_id('x')[2:]}",
        "metadata": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def payment_intent(amount: int, currency: str) -> Json:
    name = new_id("pi")
    return {
        **born("payment_intent", name),
        **blank("application", "application_fee_amount", "automatic_payment_methods", "canceled_at", "customer"),
        **blank("cancellation_reason", "description", "last_payment_error", "latest_charge", "next_action", "source"),
        **blank("on_behalf_of", "payment_method", "payment_method_configuration_details", "processing", "review"),
        **blank("receipt_email", "setup_future_usage", "shipping", "statement_descriptor", "transfer_data"),
        **blank("statement_descriptor_suffix", "transfer_group", "allowed_payment_method_types"),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": f"{name}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "currency": currency,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }


def charge(name: str, intent: Json, method: Json, refusal: Decline | None) -> Json:
    """The one attempt to take an intent's money; it has its own copy of the intent's metadata and description."""
    copied = ("customer", "description", "receipt_email", "shipping", "statement_descriptor_suffix", "transfer_group")
    taken = refusal is None
    return {
        **born("charge", name),
        **blank("application", "application_fee", "application_fee_amount", "balance_transaction", "on_behalf_of"),
        **blank("failure_balance_transaction", "receipt_number", "review", "source_transfer", "transfer_data"),
        **{field: intent[field] for field in copied},
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": deepcopy(method["billing_details"]),
        "calculated_statement_descriptor": "* ".join(filter(None, [PREFIX, intent["statement_descriptor_suffix"]])),
        "captured": False,
        "currency": intent["currency"],
        "disputed": False,
        "failure_code": refusal.code if refusal else None,
        "failure_message": refusal.message if refusal else None,
        "fraud_details": {},
        "metadata": dict(intent["metadata"]),
        "outcome": outcome(refusal),
        "paid": taken,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": {**method["card"], "amount_authorized": intent["amount"]}, "type": "card"},
        "radar_options": {},
        "receipt_url": f"https://pay.stripe.invalid/receipts/{name}" if taken else None,
        "refunded": False,
        "source": None,
        "statement_descriptor": None,
        "status": "succeeded" if taken else "failed",
    }


def outcome(refusal: Decline | None) -> Json:
    return {
        **blank("network_advice_code", "network_decline_code"),
        "advice_code": refusal.advice_code if refusal else None,
        "network_status": "declined_by_network" if refusal else "approved_by_network",
        "reason": refusal.decline_code if refusal else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not return any further details." if refusal else "Payment complete.",
        "type": "issuer_declined" if refusal else "authorized",
    }


def refund(name: str, paid: Json, amount: int, params: Json) -> Json:
    return {
        **born("refund", name),
        **blank("balance_transaction", "receipt_number", "source_transfer_reversal", "transfer_reversal"),
        "amount": amount,
        "charge": paid["id"],
        "currency": paid["currency"],
        "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        "metadata": merged({}, params.get("metadata")),
        "payment_intent": paid["payment_intent"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }
