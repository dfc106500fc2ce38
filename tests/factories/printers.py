"""Rows of the physical world: models with their slots, printers and what they said."""

from datetime import UTC, datetime

from factory.declarations import LazyAttribute, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory

from printers.models import (
    DeviceToken,
    LowSignal,
    Printer,
    PrinterModel,
    Reading,
    Series,
    Sku,
    Slot,
    SlotAlias,
    SlotSku,
    UnknownSupply,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class SeriesFactory(DjangoModelFactory[Series]):
    class Meta:
        model = Series
        django_get_or_create = ("slug",)

    slug = "pixma"
    name = LazyAttribute(lambda series: {"pixma": "PIXMA", "imageclass": "imageCLASS"}.get(series.slug, series.slug))
    enrollment_path = Series.EnrollmentPath.DOWNLOAD


class PrinterModelFactory(DjangoModelFactory[PrinterModel]):
    class Meta:
        model = PrinterModel

    series = SubFactory(SeriesFactory)
    name = Sequence(lambda n: f"TR{10000 + n}")
    slug = LazyAttribute(lambda model: model.name.lower())


class SkuFactory(DjangoModelFactory[Sku]):
    class Meta:
        model = Sku
        django_get_or_create = ("code",)

    code = Sequence(lambda n: f"PGI-{280 + n}-PGBK")
    name = LazyAttribute(lambda sku: f"{sku.code} ink")
    kind = Sku.Kind.INK


class SlotFactory(DjangoModelFactory[Slot]):
    class Meta:
        model = Slot

    model = SubFactory(PrinterModelFactory)
    code = "PGBK"
    name = "Pigment Black"
    colorant = "k"
    position = Sequence(lambda n: n % 100)
    mapping_confirmed = True


class SlotSkuFactory(DjangoModelFactory[SlotSku]):
    """A cartridge in its slot: `SlotSkuFactory.create(slot__code="C", sku__code="CLI-281-C")`."""

    class Meta:
        model = SlotSku

    slot = SubFactory(SlotFactory)
    sku = SubFactory(SkuFactory)
    size = SlotSku.Size.STANDARD


class SlotAliasFactory(DjangoModelFactory[SlotAlias]):
    class Meta:
        model = SlotAlias

    slot = SubFactory(SlotFactory)
    model = LazyAttribute(lambda alias: alias.slot.model)
    key = LazyAttribute(lambda alias: f"name:{alias.slot.code.lower()}")


class PrinterFactory(DjangoModelFactory[Printer]):
    class Meta:
        model = Printer

    model = SubFactory(PrinterModelFactory)
    serial_number = Sequence(lambda n: f"KKBC{n:05}")


class DeviceTokenFactory(DjangoModelFactory[DeviceToken]):
    """A live token nobody holds; `printers.tokens.issue` makes one that can be used."""

    class Meta:
        model = DeviceToken

    printer = SubFactory(PrinterFactory)
    token_hash = Sequence(lambda n: n.to_bytes(32, "big"))

    class Params:
        revoked = Trait(revoked_at=NOW, revoked_cause="test")


class LowSignalFactory(DjangoModelFactory[LowSignal]):
    class Meta:
        model = LowSignal

    printer = SubFactory(PrinterFactory)
    slot = SubFactory(SlotFactory, model=LazyAttribute(lambda slot: slot.factory_parent.printer.model))
    observed_at = NOW
    received_at = LazyAttribute(lambda signal: signal.observed_at)
    level = 9
    threshold = 15
    said_low = False
    due_at = NOW


class ReadingFactory(DjangoModelFactory[Reading]):
    class Meta:
        model = Reading

    printer = SubFactory(PrinterFactory)
    slot = SubFactory(SlotFactory, model=LazyAttribute(lambda slot: slot.factory_parent.printer.model))
    observed_at = NOW
    received_at = LazyAttribute(lambda reading: reading.observed_at)
    level = 64
    low = False


class UnknownSupplyFactory(DjangoModelFactory[UnknownSupply]):
    class Meta:
        model = UnknownSupply

    printer = SubFactory(PrinterFactory)
    key = "name:mystery"
    described = {"name": "Mystery", "level": 50}
    first_seen_at = NOW
    last_seen_at = LazyAttribute(lambda supply: supply.first_seen_at)
