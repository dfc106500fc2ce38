"""Users, addresses, what staff note and see, plans with consents and events, partners with keys, who changed what."""

from enrollment.models.calls import CallerCheck, Look, Note
from enrollment.models.changes import Change
from enrollment.models.partners import ApiKey, Partner, Purchase
from enrollment.models.people import Address, Closure, User, UserManager
from enrollment.models.plans import Claim, Consent, PairingRequest, Plan, PlanEvent, PlanSlot

__all__ = [
    "Address",
    "ApiKey",
    "CallerCheck",
    "Change",
    "Claim",
    "Closure",
    "Consent",
    "Look",
    "Note",
    "PairingRequest",
    "Partner",
    "Plan",
    "PlanEvent",
    "PlanSlot",
    "Purchase",
    "User",
    "UserManager",
]
