"""Makes the people of the demo with their printers, plans, cards and keys; finds them again at the next start."""

from datetime import datetime

from django.contrib.auth.hashers import check_password

from ars.demo import people
from ars.demo.home import DemoError, Keyring
from ars.demo.people import Cast, Device, Part, Person
from billing import cards
from billing.lifecycle import usable_card
from enrollment import keys, lifecycle
from enrollment.models import Address, ApiKey, Consent, Partner, Plan, User
from orders import pricing, stock
from orders.models import StockItem
from printers import tokens
from printers.catalogue import confirm_mapping
from printers.facts import Refused
from printers.models import DeviceToken, Printer, PrinterModel, Sku, SlotSku

IN_STOCK = 200
BY = "demo"


def gather(keyring: Keyring, now: datetime) -> Cast:
    """Make whoever is missing, and mend what an earlier run has used up. The card service must answer."""
    staff = make_user(people.STAFF, keyring, is_staff=True, is_superuser=True)
    try:
        devices = [enroll(part, keyring, now) for part in people.PARTS]
    except Refused as refusal:
        raise DemoError(f"The demo's people cannot be made: {refusal}") from refusal
    fill_shelves(now)
    return Cast(
        customer={"email": people.ANA.email, "password": password_of(people.ANA, keyring)},
        staff={"email": staff.email, "password": password_of(people.STAFF, keyring)},
        device=devices[0],
        declining_device=devices[1],
        fleet=tuple(devices[2:]),
        store_api_key=api_key("Demo store", ApiKey.Scope.STORE, keyring, now),
        warehouse_api_key=api_key("Demo warehouse", ApiKey.Scope.WAREHOUSE, keyring, now),
    )


def password_of(person: Person, keyring: Keyring) -> str:
    """Made once a home."""
    return keyring.made_once(f"password of {person.email}")


def make_user(person: Person, keyring: Keyring, **rights: bool) -> User:
    """A person who signs in with this password, whatever it was before."""
    password = password_of(person, keyring)
    user = User.objects.filter(email=person.email).first()
    if user is None:
        return User.objects.create_user(person.email, password, full_name=person.full_name, **rights)
    if not check_password(password, user.password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def enroll(part: Part, keyring: Keyring, now: datetime) -> Device:
    """A printer with a token, and its owner's active plan with a card."""
    model = PrinterModel.objects.get(name=part.model)
    printer, _ = Printer.objects.get_or_create(model=model, serial_number=part.serial_number)
    for slot in model.slots.all():
        confirm_mapping(slot)
    token = device_token(printer, keyring)
    make_plan(part, printer, keyring, now)
    fits = SlotSku.objects.filter(slot__model=model).select_related("slot", "sku")
    # In the printer's own order; where there are two sizes, the high one is what a plan sends.
    skus = {fit.slot.code: fit.sku.code for fit in fits.order_by("slot__position", "-size")}
    return Device(part.nickname, model.name, part.serial_number, token, skus, part.backordered_slot)


def device_token(printer: Printer, keyring: Keyring) -> str:
    """The token kept since the first start, or a new one where the database knows it no longer."""
    name = f"token of {printer.serial_number}"
    kept = keyring[name]
    if (
        kept is None
        or not DeviceToken.objects.filter(printer=printer, token_hash=tokens.digest(kept), revoked_at=None).exists()
    ):
        kept = keyring[name] = tokens.issue(printer)
    return kept


def api_key(partner_name: str, scope: ApiKey.Scope, keyring: Keyring, now: datetime) -> str:
    """The key kept since the first start, or a new one where the database knows it no longer."""
    partner, _ = Partner.objects.get_or_create(name=partner_name)
    kept = keyring[partner_name]
    if kept is None or keys.find(kept, now) is None:
        kept = keyring[partner_name] = keys.issue(partner, scope)
    return kept


def make_plan(part: Part, printer: Printer, keyring: Keyring, now: datetime) -> None:
    """Through the same verbs a customer's clicks go through."""
    user = make_user(part.owner, keyring)
    plan = Plan.objects.filter(printer=printer, status=Plan.Status.ACTIVE).first()
    if plan is None:
        plan = lifecycle.create_plan(user, printer.model, printer=printer, now=now, by=BY)
        Plan.objects.filter(pk=plan.pk).update(nickname=part.nickname)
        lifecycle.change_address(plan, address_of(part, user), now)
        Consent.objects.create(plan=plan, text_version="demo", prices=price_list(printer.model, now), given_at=now)
    if usable_card(plan.pk) is None:
        card = user.cards.filter(removed_at=None).first() or cards.save_card(user, part.owner.card)
        cards.use_card(plan, card, now)
    lifecycle.activate(plan, now, by=BY)


def address_of(part: Part, user: User) -> Address:
    """To the person's door, for the attention of the printer."""
    fields = part.owner.address | {"full_name": user.full_name, "attention": part.nickname}
    return Address.objects.filter(user=user, **fields).first() or Address.objects.create(user=user, **fields)


def price_list(model: PrinterModel, now: datetime) -> dict[str, int]:
    """What its owner was shown: cents by SKU."""
    skus = dict(Sku.objects.filter(fits__slot__model=model).values_list("pk", "code"))
    return {skus[pk]: cents for pk, cents in pricing.current_prices(skus, now).items()}


def fill_shelves(now: datetime) -> None:
    """Every cartridge of the demo's printers is there, but those that are to be backordered."""
    empty = {(part.model, part.backordered_slot) for part in people.PARTS}
    fits = SlotSku.objects.filter(slot__model__name__in=[part.model for part in people.PARTS])
    for fit in fits.select_related("slot__model", "sku"):
        count(fit.sku, 0 if (fit.slot.model.name, fit.slot.code) in empty else IN_STOCK, now)


def count(sku: Sku, wanted: int, now: datetime) -> None:
    """Bring what can be promised to `wanted` pieces, as a stock-taking would."""
    row = StockItem.objects.filter(sku=sku).first()
    free = row.on_hand - row.reserved if row else 0
    if free != wanted:
        stock.correct(sku, wanted - free, "The demo's stock-taking.", now)
