"""People, plans and partners."""

from datetime import timedelta

from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory

from enrollment.models import Address, ApiKey, Claim, Consent, Partner, Plan, PlanEvent, PlanSlot, User
from tests.factories.printers import NOW, PrinterFactory, PrinterModelFactory, SlotFactory


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = Sequence(lambda n: f"ana{n}@example.com")
    full_name = "Ana Ruiz"


class AddressFactory(DjangoModelFactory[Address]):
    class Meta:
        model = Address

    user = SubFactory(UserFactory)
    full_name = LazyAttribute(lambda address: address.user.full_name)
    line1 = "12 Elm Street"
    city = "Portland"
    state = "OR"
    postal_code = "97201"


class PlanFactory(DjangoModelFactory[Plan]):
    """An active plan that can be paid. `pending=True` has only its user and model; `cancelled=True` has ended."""

    class Meta:
        model = Plan

    user = SubFactory(UserFactory)
    model = SubFactory(PrinterModelFactory)
    printer = SubFactory(PrinterFactory, model=LazyAttribute(lambda printer: printer.factory_parent.model))
    shipping_address = SubFactory(AddressFactory, user=LazyAttribute(lambda address: address.factory_parent.user))
    status = Plan.Status.ACTIVE
    payable_since = NOW - timedelta(days=30)
    activated_at = NOW - timedelta(days=30)

    class Params:
        pending = Trait(
            status=Plan.Status.PENDING, printer=None, shipping_address=None, payable_since=None, activated_at=None
        )
        ready = Trait(status=Plan.Status.PENDING, activated_at=None)
        cancelled = Trait(status=Plan.Status.CANCELLED, ended_at=NOW - timedelta(days=1))


class PlanSlotFactory(DjangoModelFactory[PlanSlot]):
    class Meta:
        model = PlanSlot

    plan = SubFactory(PlanFactory)
    slot = SubFactory(SlotFactory, model=LazyAttribute(lambda slot: slot.factory_parent.plan.model))


class PlanEventFactory(DjangoModelFactory[PlanEvent]):
    class Meta:
        model = PlanEvent

    plan = SubFactory(PlanFactory)
    status = LazyAttribute(lambda event: event.plan.status)
    at = NOW
    by = "customer"


class ConsentFactory(DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    plan = SubFactory(PlanFactory)
    text_version = "2026-11"
    prices = LazyFunction(dict)
    given_at = NOW


class ClaimFactory(DjangoModelFactory[Claim]):
    """Made at NOW, with 72 hours to answer."""

    class Meta:
        model = Claim

    plan = SubFactory(PlanFactory)
    by = SubFactory(UserFactory)
    at = NOW
    ends_at = NOW + timedelta(hours=72)
    due_at = LazyAttribute(lambda claim: claim.ends_at)


class PartnerFactory(DjangoModelFactory[Partner]):
    class Meta:
        model = Partner

    name = Sequence(lambda n: f"Warehouse {n}")


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    """A live key nobody holds; `enrollment.keys.issue` makes one that can be used."""

    class Meta:
        model = ApiKey

    partner = SubFactory(PartnerFactory)
    prefix = "ars_warehous"
    key_hash = Sequence(lambda n: n.to_bytes(32, "big"))
    scope = ApiKey.Scope.WAREHOUSE
