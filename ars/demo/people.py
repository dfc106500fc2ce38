"""Who takes part in the demo: its people, the printers they own, and how an outsider may use each."""

from dataclasses import dataclass

DOMAIN = "@example.com"  # nobody real has an address there
GOOD_CARD = "pm_card_visa"
DECLINING_CARD = "pm_card_chargeCustomerFail"  # can be saved, and is refused when it is charged


@dataclass(frozen=True)
class Person:
    """A customer of the demo."""

    email: str
    full_name: str
    card: str
    address: dict[str, str]


@dataclass(frozen=True)
class Part:
    """A printer with a plan: whose it is, what it is called, and which of its slots has nothing in stock."""

    owner: Person
    nickname: str
    model: str
    serial_number: str
    backordered_slot: str = ""


@dataclass(frozen=True)
class Device:
    """A printer as an outsider may use it: its token, and the SKU it gets for each slot."""

    nickname: str
    model: str
    serial_number: str
    token: str
    skus: dict[str, str]
    backordered_slot: str

    def told(self) -> dict[str, object]:
        """In the contract's words."""
        return {
            "token": self.token,
            "model": self.model,
            "serial_number": self.serial_number,
            "slots": list(self.skus),
            "backordered_slot": self.backordered_slot,
        }


@dataclass(frozen=True)
class Cast:
    """Everybody, with the secrets by which they are let in."""

    customer: dict[str, str]
    staff: dict[str, str]
    device: Device
    declining_device: Device
    fleet: tuple[Device, ...]
    store_api_key: str
    warehouse_api_key: str


STAFF = Person(f"sam.lee{DOMAIN}", "Sam Lee", "", {})
ANA = Person(
    f"ana.ruiz{DOMAIN}",
    "Ana Ruiz",
    GOOD_CARD,
    {"line1": "12 Elm Street", "city": "Portland", "state": "OR", "postal_code": "97201"},
)
BEN = Person(
    f"ben.okafor{DOMAIN}",
    "Ben Okafor",
    DECLINING_CARD,
    {"line1": "480 Lake Avenue", "city": "Rochester", "state": "NY", "postal_code": "14608"},
)

# Nothing happens to the first two until someone posts for them; the others are the simulated fleet's.
DEVICE = Part(ANA, "Home office", "TS8320", "KKBC04471", backordered_slot="PB")
DECLINING_DEVICE = Part(BEN, "Print room", "PRO-200", "ADPR07703", backordered_slot="LGY")
FLEET = (
    Part(ANA, "Front desk", "TS8320", "KKBC15528"),
    Part(ANA, "Accounting", "LBP622Cdw", "NMTA32209"),
    Part(ANA, "Studio", "PRO-200", "ADPR15816"),
)
PARTS = (DEVICE, DECLINING_DEVICE, *FLEET)
