"""Makes the rows a simulated year starts from: the catalogue, its prices, a shelf, and people with their printers."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.management import call_command
from django.db.models import Count

from ars.simulation.truth import Cartridge, Machine, Speech, Supply
from enrollment import lifecycle
from enrollment.models import Address, Partner, Plan, User
from orders import pricelist, stock
from orders.models import Price
from printers import catalogue, tokens
from printers.models import Printer, PrinterModel, Sku, Slot, SlotSku

MODELS, MOST_SLOTS = 8, 4
PLENTY = 1_000_000
CONFIRMED_ON, NAMED_ON, PRICED_ON, FITTED_ON, RESTOCKED_ON = 40, 50, 45, 60, 150  # days of the year
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BY = "simulation"


@dataclass(frozen=True)
class Shop:
    """What the year is played with. `orderable`: slot id to the day from which its cartridge can be ordered."""

    partner: Partner
    orderable: dict[int, int]
    unconfirmed: list[Slot]
    unpriced: Sku
    unfitted: tuple[Slot, Sku]
    unstocked: Sku
    machines: list[Machine]


def gather(count: int, dice: random.Random, began: datetime) -> Shop:
    """`count` printers of eight models, each with an owner; some slots have something amiss for a while."""
    call_command("load_catalogue", verbosity=0, stdout=_Silence())
    Price.objects.update(valid_from=began - timedelta(days=1))
    sized = PrinterModel.objects.annotate(size=Count("slots")).filter(size__lte=MOST_SLOTS, slots__fits__isnull=False)
    models = dice.sample(list(sized.distinct().order_by("pk")), MODELS)
    Slot.objects.exclude(model__in=models[:2]).update(mapping_confirmed=True)
    Slot.objects.filter(model__in=models[:2]).update(mapping_confirmed=False)
    box = Slot.objects.create(
        model=models[2], code="WASTE", name="Maintenance cartridge", colorant="none", position=99, consumable=False
    )
    orderable = dict.fromkeys(Slot.objects.filter(model__in=models[:1]).values_list("pk", flat=True), CONFIRMED_ON)
    orderable |= dict.fromkeys(Slot.objects.filter(model__in=models[1:2]).values_list("pk", flat=True), NAMED_ON)
    partner, _ = Partner.objects.get_or_create(name="Simulated warehouse")
    skus = [_one_size(models[place].slots.exclude(pk=box.pk)[0]) for place in (3, 4, 5)]
    unpriced, unfitted, unstocked = skus
    _withhold(unpriced, unfitted, orderable)
    orderable |= dict.fromkeys(unstocked.fits.values_list("slot_id", flat=True), RESTOCKED_ON)
    for sku in {unfitted, *Sku.objects.filter(fits__slot__model__in=models)}:
        if sku != unstocked:
            stock.receive(partner, f"R-{sku.pk}", sku, PLENTY, began)
    confirming = list(Slot.objects.filter(model=models[0]))
    fitted = (models[4].slots.exclude(pk=box.pk)[0], unfitted)
    machines = [_machine(models[place % MODELS], models[1], place, dice, began) for place in range(count)]
    return Shop(partner, orderable, confirming, unpriced, fitted, unstocked, machines)


def _one_size(slot: Slot) -> Sku:
    """A cartridge of its own for a slot, so that what is amiss with it is amiss with this slot alone."""
    sku = Sku.objects.create(code=f"SIM-{slot.pk}", name=f"Simulated {slot.name}", kind=Sku.Kind.INK)
    slot.fits.all().delete()
    SlotSku.objects.create(slot=slot, sku=sku, size=SlotSku.Size.STANDARD)
    Price.objects.create(sku=sku, amount_cents=1999, valid_from=LONG_AGO, is_demo=True)
    return sku


def _withhold(unpriced: Sku, unfitted: Sku, orderable: dict[int, int]) -> None:
    """One cartridge has no price yet, one slot no cartridge."""
    orderable |= dict.fromkeys(unpriced.fits.values_list("slot_id", flat=True), PRICED_ON)
    orderable |= dict.fromkeys(unfitted.fits.values_list("slot_id", flat=True), FITTED_ON)
    unpriced.prices.all().delete()
    unfitted.fits.all().delete()


def _machine(model: PrinterModel, naming: PrinterModel, place: int, dice: random.Random, began: datetime) -> Machine:
    """A printer, connected, and the plan of its owner."""
    printer = Printer.objects.create(model=model, serial_number=f"SIM{place:06}")
    speech = list(Speech)[place // MODELS % len(Speech)]
    machine = Machine(
        printer_id=printer.pk,
        token=tokens.issue(printer),
        plan_id=plan_of(printer, place, began, active=place % 17 != 5).pk,
        speech=speech,
        tells_serial=dice.random() < 0.3,
        tells_genuine=dice.random() < 0.4,
        eager=dice.random() < 0.4,
        supplies=[],
        dice=random.Random(dice.random()),
        active=place % 17 != 5,
    )
    for slot in model.slots.order_by("position"):
        machine.supplies.append(_supply(machine, slot))
    if model == naming:
        machine.names_parts_from = began.date() + timedelta(days=NAMED_ON)
    return machine


def _supply(machine: Machine, slot: Slot) -> Supply:
    dice = machine.dice
    fit = slot.fits.select_related("sku").first()
    return Supply(
        code=slot.code,
        slot_id=slot.pk,
        consumable=slot.consumable,
        pace=dice.choice([0.5, 0.8, 1.2, 2.0]) if slot.consumable else 0.2,
        low_at=slot.low_threshold,
        cartridge=Cartridge(dice.uniform(25, 100 if slot.consumable else 60), f"{machine.printer_id}-{slot.code}-0"),
        part_number=fit.sku.code if fit else "",
    )


def plan_of(printer: Printer, place: int, now: datetime, *, active: bool = True) -> Plan:
    """Somebody's plan for a printer, with address, card and consent; begun, or lacking only its beginning."""
    user = User.objects.create(email=f"{printer.pk}-{place}-{now:%j}@simulation.invalid", full_name="Sim Owner")
    address = Address.objects.create(
        user=user, full_name="Sim Owner", line1="12 Elm Street", city="Portland", state="OR", postal_code="97201"
    )
    plan = lifecycle.create_plan(user, printer.model, printer=printer, now=now, by=BY)
    lifecycle.change_address(plan, address, now)
    lifecycle.set_payable(plan.pk, now)
    if active:
        begin(plan, now)
    return plan


def begin(plan: Plan, now: datetime) -> None:
    """The last step: its owner agrees to the terms."""
    if not lifecycle.agree(plan, {}, None, now):
        raise RuntimeError(f"plan {plan.pk} was agreed to before")


def mend(shop: Shop, day: int, now: datetime) -> None:
    """What staff do on their days."""
    if day == CONFIRMED_ON:
        for slot in shop.unconfirmed:
            catalogue.confirm_mapping(slot)
    if day == FITTED_ON:
        slot, sku = shop.unfitted
        SlotSku.objects.create(slot=slot, sku=sku, size=SlotSku.Size.STANDARD)
        catalogue.decide_again([slot.pk])
    if day == PRICED_ON - 10:  # known ten days before it begins
        Price.objects.create(
            sku=shop.unpriced, amount_cents=2099, valid_from=now + timedelta(days=10, hours=-1), is_demo=True
        )
        pricelist.decide_again([shop.unpriced.pk])
    if day == RESTOCKED_ON:
        stock.receive(shop.partner, "R-late", shop.unstocked, PLENTY, now)


class _Silence:
    """Where a command's words go that nobody reads here."""

    def write(self, words: str) -> int:
        return len(words)
