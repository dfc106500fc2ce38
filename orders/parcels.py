"""The parcels of an order: who carries them, where to follow them, and numbers that cannot be of that carrier."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from orders.models import Order

# By the first word of what the warehouse calls the carrier: "FedEx Home Delivery" is FedEx.
TRACKING_PAGES = {
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "dhl": "https://www.dhl.com/us-en/home/tracking.html?tracking-id={}",
}
NAMES = {"ups": "UPS", "usps": "USPS", "fedex": "FedEx", "dhl": "DHL"}
LONGEST = 40  # no carrier prints more
UPS = re.compile(r"1Z[0-9A-Z]{15}[0-9]", re.ASCII)
S10 = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])US", re.ASCII)  # the postal union's form, of the United States
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@dataclass(frozen=True)
class Parcel:
    """What to follow, and where."""

    carrier: str
    tracking_number: str

    @property
    def tracking_url(self) -> str:
        """The carrier's page of it; empty when the carrier is not known."""
        page = TRACKING_PAGES.get(known(self.carrier), "") if self.tracking_number else ""
        return page.format(quote(self.tracking_number, safe=""))


def of(order: Order) -> list[Parcel]:
    """The parcels of an order, none before it is packed."""
    sent = order.parcels or [{"carrier": order.carrier, "tracking_number": order.tracking_number}]
    return [Parcel(each["carrier"], each["tracking_number"]) for each in sent if each["carrier"]]


def named(body: Mapping[str, object]) -> list[dict[str, object]]:
    """The parcels of a dispatch, the one it names itself first; each once."""
    others = body.get("parcels") or []
    assert isinstance(others, Iterable)
    found = [(each["carrier"], each["tracking_number"]) for each in (body, *others)]
    return [{"carrier": carrier, "tracking_number": number} for carrier, number in dict.fromkeys(found)]


def known(carrier: str) -> str:
    """The key of a carrier we know; empty of any other."""
    name = re.match("[a-z]+", carrier.strip().lower())
    return name.group() if name and name.group() in TRACKING_PAGES else ""


def objection(carrier: str, tracking_number: str) -> str:
    """Why a number cannot be of a carrier we know; empty when it may be.

    Lenient on purpose: carriers hand parcels to each other and print many forms, so only what certainly is none, or
    certainly is another's, is refused. Of other carriers we know nothing.
    """
    key = known(carrier)
    if not key:
        return ""
    if not re.fullmatch(r"[0-9A-Za-z -]+", tracking_number, re.ASCII):
        return f"A tracking number of {NAMES[key]} has letters, digits, blanks and dashes only."
    compact = re.sub("[ -]", "", tracking_number).upper()
    if not 0 < len(compact) <= LONGEST:
        return f"A tracking number of {NAMES[key]} has at most {LONGEST} letters and digits."
    owner = _owner(compact)
    return f"This is a tracking number of {NAMES[owner]}, not of {NAMES[key]}." if owner not in ("", key) else ""


def _owner(compact: str) -> str:
    """Whose number it certainly is, by its form and check digit; empty when that is not certain."""
    if UPS.fullmatch(compact) and _ups_check_digit(compact[2:17]) == int(compact[17]):
        return "ups"
    if (postal := S10.fullmatch(compact)) and _s10_check_digit(postal[1]) == int(postal[2]):
        return "usps"
    return ""


def _ups_check_digit(body: str) -> int:
    """Of the 15 characters after 1Z: letters count from A = 2 on, every second one double."""
    values = [int(each) if each.isdigit() else (ord(each) - 63) % 10 for each in body]
    return -(sum(values[0::2]) + 2 * sum(values[1::2])) % 10


def _s10_check_digit(serial: str) -> int:
    """Of the 8 digits (UPU standard S10)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)
