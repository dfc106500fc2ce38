"""Series, models, slots and SKUs; printers with their tokens and latest state; what they reported."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy

from printers import tracing
from printers.facts import Fact, due_index

SERIAL_AS_TYPED = Collate(Upper("serial_number"), "C")  # bytes in order, so that how it begins is a range


class Series(models.Model):
    """A family of printers that enrol the same way (promise P2)."""

    class EnrollmentPath(models.TextChoices):
        DOWNLOAD = "download", "Start Enrollment (download)"
        INSTRUCTIONS = "instructions", "View Instructions (web page)"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=40, unique=True)
    enrollment_path = models.CharField(max_length=12, choices=EnrollmentPath)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.name


class PrinterModel(models.Model):
    """A model on the eligible list, or one that used to be."""

    class Picture(models.TextChoices):
        """Our own drawings, each a symbol of static/printers.svg (decision 28)."""

        INKJET = "inkjet", gettext_lazy("Inkjet printer that copies and scans")
        PHOTO = "photo", gettext_lazy("Photo printer")
        PORTABLE = "portable", gettext_lazy("Portable printer")
        LASER = "laser", gettext_lazy("Laser printer")
        LASER_ALL = "laser_all", gettext_lazy("Laser printer that copies and scans")

    series = models.ForeignKey(Series, models.PROTECT, related_name="models")
    name = models.CharField(max_length=60, unique=True, help_text="As printed on the front, without the series.")
    slug = models.SlugField(max_length=60, unique=True)
    eligible = models.BooleanField(default=True, help_text="New plans may be made. Existing plans go on either way.")
    picture = models.CharField(
        max_length=9, choices=Picture, blank=True, help_text="A drawing of its kind on its public page; empty: none."
    )
    supply_source = models.CharField(max_length=80, blank=True, help_text="Where its cartridges were looked up.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.series.name} {self.name}"


class Sku(Fact):
    """A cartridge as it is sold and packed. Due when it is not made any more, for those that wait for it."""

    class Kind(models.TextChoices):
        INK = "ink", "Ink"
        TONER = "toner", "Toner"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind)
    discontinued_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", help_text="What is sent in its place."
    )

    class Meta:
        verbose_name = "SKU"
        ordering = ["code"]
        indexes = [due_index("sku")]
        constraints = [
            models.CheckConstraint(condition=~Q(successor=F("pk")), name="sku_is_not_its_own_successor"),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(discontinued_at__isnull=False), name="successor_of_what_is_not_made"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Slot(models.Model):
    """A place for one supply in a model. Two slots may share a colour: the code is what names one."""

    model = models.ForeignKey(PrinterModel, models.CASCADE, related_name="slots")
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=40, help_text="In plain words, such as Photo Black.")
    colorant = models.CharField(max_length=8, help_text="Which ink is drawn: k, c, m, y, pb, gy, ...")
    position = models.PositiveSmallIntegerField()
    low_threshold = models.PositiveSmallIntegerField(default=15, help_text="Percent; at or below it is low.")
    consumable = models.BooleanField(default=True, help_text="Off for whatever fills instead of empties.")
    mapping_confirmed = models.BooleanField(
        default=False, help_text="A person, or the printer itself, has confirmed which cartridge fits."
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["model", "code"], name="slot_code_once_a_model"),
            models.CheckConstraint(condition=Q(low_threshold__range=(1, 99)), name="slot_threshold_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.code}"


class SlotSku(models.Model):
    """A cartridge that fits a slot, in one of its sizes."""

    class Size(models.TextChoices):
        STANDARD = "standard", gettext_lazy("Standard")
        HIGH = "high", gettext_lazy("XL or H")

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="fits")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="fits")
    size = models.CharField(max_length=8, choices=Size)

    class Meta:
        verbose_name = "cartridge that fits"
        verbose_name_plural = "cartridges that fit"
        constraints = [models.UniqueConstraint(fields=["slot", "size"], name="one_sku_a_slot_and_size")]

    def __str__(self) -> str:
        return f"{self.slot}: {self.sku}"


class SlotAlias(models.Model):
    """Another name a printer may use for a slot; `key` is one of `printers.reports.keys_of`."""

    model = models.ForeignKey(PrinterModel, models.CASCADE, related_name="slot_aliases")
    key = models.CharField(max_length=120)
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = "slot aliases"
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="alias_means_one_slot")]

    def __str__(self) -> str:
        return f"{self.key} = {self.slot}"


class Printer(models.Model):
    """One physical printer and, in `supplies`, all that is known of its ink now.

    `supplies` maps a slot's code to its latest state, one row a printer so that a report is one write:
    `at` (time of the report), `level` (0-100 or null), `last` (last known level), `low`, `genuine`, `serial`,
    `rise` (since when a jump waits to be confirmed), `signal` (open LowSignal) and `replenishment`
    (none, deciding, on_order, waiting). Written by `printers_ingest()` and `printers.supplies` alone.

    `heartbeat_at` is when the helper beside the printer last said that it lives, and `unreachable_reason` what it then
    said of the printer: empty when the printer answered it. A later `seen_at` is newer news.
    """

    class Unreachable(models.TextChoices):
        NO_ANSWER = "no_answer", "No answer"
        REFUSED = "refused", "Refused the connection"
        ASLEEP = "asleep", "Asleep"

    model = models.ForeignKey(PrinterModel, models.PROTECT, related_name="printers")
    serial_number = models.CharField(max_length=64, blank=True)
    uuid = models.UUIDField(null=True, blank=True)
    is_test = models.BooleanField(default=False, help_text="Runs the whole flow; its orders neither charge nor ship.")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    supplies = models.JSONField(default=dict, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    unreachable_reason = models.CharField(max_length=9, choices=Unreachable, blank=True)

    class Meta:
        indexes = [
            models.Index(SERIAL_AS_TYPED, name="printer_serial_as_typed", condition=~Q(serial_number="")),
            models.Index(fields=["id"], name="printer_for_trials", condition=Q(is_test=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "serial_number"], condition=~Q(serial_number=""), name="printer_serial_once_a_model"
            ),
            models.UniqueConstraint(
                fields=["model", "uuid"], condition=Q(serial_number=""), name="printer_without_serial_once_a_uuid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.serial_number}".strip()


class DeviceToken(models.Model):
    """A printer's credential. Only its SHA-256 is kept: 256 random bits need no slow hash."""

    printer = models.ForeignKey(Printer, models.CASCADE, related_name="tokens")
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_cause = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk} of {self.printer}"


class LowSignal(Fact):
    """The first low of a slot: what orders decides about. Open until the supply is replaced.

    Due when it is new and when it closes. One that came too late to act on is born closed (`stale`).
    """

    class ClosedCause(models.TextChoices):
        REPLACED = "replaced", "Replaced"
        STALE = "stale", "Came too late"

    printer = models.ForeignKey(Printer, models.CASCADE, related_name="low_signals")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    level = models.SmallIntegerField(null=True, blank=True)
    threshold = models.PositiveSmallIntegerField()
    said_low = models.BooleanField(help_text="The printer itself said low.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_cause = models.CharField(max_length=8, choices=ClosedCause, blank=True)
    trace = models.CharField(max_length=tracing.LONGEST, blank=True, default="", db_default="", editable=False)

    class Meta:
        indexes = [due_index("lowsignal"), BrinIndex(fields=["received_at"], name="low_signal_received")]
        constraints = [
            models.UniqueConstraint(
                fields=["printer", "slot"], condition=Q(closed_at__isnull=True), name="one_open_signal_a_supply"
            ),
            models.UniqueConstraint(fields=["printer", "slot", "observed_at"], name="one_signal_a_report"),
            models.CheckConstraint(condition=Q(level__range=(0, 100)) | Q(level=None), name="signal_level_in_percent"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_cause="") | (Q(closed_at__isnull=False) & ~Q(closed_cause="")),
                name="closed_signal_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot.code} low on {self.printer}"


class Reading(models.Model):
    """History, on change: monthly partitions by `observed_at`, made by migration and `printers.tasks`."""

    pk = models.CompositePrimaryKey("printer_id", "slot_id", "observed_at")
    printer = models.ForeignKey(Printer, models.DO_NOTHING, related_name="readings")
    slot = models.ForeignKey(Slot, models.DO_NOTHING, related_name="+")
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    level = models.SmallIntegerField(null=True)
    low = models.BooleanField()
    genuine = models.BooleanField(null=True)
    serial = models.CharField(max_length=64, blank=True)
    replaced = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.level} at {self.observed_at:%Y-%m-%d %H:%M}"


class Thinning(models.Model):
    """How far `printers.retention` is: one row. Months before `month`, and of it printers up to this one, are done."""

    month = models.DateField()
    printer_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} up to printer {self.printer_id}"


class UnknownSupply(models.Model):
    """A supply no slot of the model matches: kept for staff, never guessed into an order."""

    printer = models.ForeignKey(Printer, models.CASCADE, related_name="unknown_supplies")
    key = models.CharField(max_length=200)
    described = models.JSONField(help_text="As the printer described it, in its latest report.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "unknown supplies"
        constraints = [
            models.UniqueConstraint(fields=["printer", "key"], name="unknown_supply_once_a_printer"),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("first_seen_at")), name="unknown_supply_seen_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} in {self.printer}"
