"""Parcels: where they are followed, and which numbers are refused."""

import pytest

from orders import parcels
from orders.models import Dispatch, Order
from tests.orders.world import World
from tests.partners import PartnerClient, refusal

UPS_NUMBER, POSTAL_NUMBER = "1Z999AA10123456784", "RA123456785US"


@pytest.mark.parametrize(
    ("carrier", "url"),
    [
        ("UPS", "https://www.ups.com/track?tracknum=1Z%209%2F9"),
        ("usps", "https://tools.usps.com/go/TrackConfirmAction?tLabels=1Z%209%2F9"),
        ("FedEx Home Delivery", "https://www.fedex.com/fedextrack/?trknbr=1Z%209%2F9"),
        (" DHL-Express", "https://www.dhl.com/us-en/home/tracking.html?tracking-id=1Z%209%2F9"),
        ("Upside Couriers", ""),
        ("", ""),
    ],
)
def test_a_known_carrier_has_a_tracking_page(carrier: str, url: str) -> None:
    assert parcels.Parcel(carrier, "1Z 9/9").tracking_url == url


def test_no_number_is_followed_nowhere() -> None:
    assert parcels.Parcel("UPS", "").tracking_url == ""


@pytest.mark.parametrize(
    ("carrier", "number"),
    [
        ("UPS", UPS_NUMBER),
        ("UPS", "1z 999 aa1 01 2345 6784"),
        ("UPS", "1Z999AA10123456785"),  # a wrong check digit: perhaps a form we do not know
        ("UPS", "92748999985403513201000012"),  # handed to the post for the last mile
        ("USPS", POSTAL_NUMBER),
        ("FedEx", "77"),
        ("DHL", "JJD01 4600-0000"),
        ("Acme", "anything/goes"),
        ("Acme", UPS_NUMBER),
    ],
)
def test_what_may_be_a_number_is_taken(carrier: str, number: str) -> None:
    assert parcels.objection(carrier, number) == ""


@pytest.mark.parametrize(
    ("carrier", "number", "why"),
    [
        ("FedEx", UPS_NUMBER, "This is a tracking number of UPS, not of FedEx."),
        ("UPS", POSTAL_NUMBER, "This is a tracking number of USPS, not of UPS."),
        ("USPS Ground", "94/00", "A tracking number of USPS has letters, digits, blanks and dashes only."),
        ("dhl", " - ", "A tracking number of DHL has at most 40 letters and digits."),
        ("UPS", "1" * 41, "A tracking number of UPS has at most 40 letters and digits."),
    ],
)
def test_what_cannot_be_one_is_refused(carrier: str, number: str, why: str) -> None:
    assert parcels.objection(carrier, number) == why


def test_all_parcels_of_a_dispatch_are_kept_each_once(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    first, second = ({"carrier": "UPS", "tracking_number": number} for number in (UPS_NUMBER, "1Z000"))
    body = {"dispatch_id": "D-1", **first, "parcels": [first, second]}
    answer = warehouse.tell(f"/orders/{order.number}/dispatch", body)
    page = "https://www.ups.com/track?tracknum="
    assert answer.json()["parcels"] == [
        {**first, "tracking_url": page + UPS_NUMBER},
        {**second, "tracking_url": f"{page}1Z000"},
    ]
    assert warehouse.tell(f"/orders/{order.number}/dispatch", body).status_code == 202


def test_a_wrong_number_packs_nothing(world: World) -> None:
    order, warehouse = world.order(), PartnerClient(world.partner)
    wrong = {"carrier": "FedEx", "tracking_number": UPS_NUMBER}
    body = {"dispatch_id": "D-1", "carrier": "FedEx", "tracking_number": "77"}
    assert refusal(warehouse.tell(f"/orders/{order.number}/dispatch", body | wrong))[2] == "tracking_number"
    answer = warehouse.tell(f"/orders/{order.number}/dispatch", body | {"parcels": [body, wrong]})
    assert refusal(answer)[2] == "parcels.1.tracking_number"
    assert (Order.objects.get().status, Dispatch.objects.exists()) == ("released", False)
