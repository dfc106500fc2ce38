"""Every mail there is, each in the forms that say something else: for those who look at them, and for tests of all."""

from collections.abc import Callable
from datetime import date, timedelta

from billing.models import Card, PlanCard
from enrollment import claims, purchases
from enrollment import lifecycle as plans
from enrollment.models import Claim, Plan, PlanEvent
from notifications import outbox
from notifications.models import Message
from notifications.reminders import remind
from orders import patience, stock, wishes
from orders.models import Decision, Wait
from printers.models import Printer, Series
from tests.factories import (
    NOW,
    DeviceTokenFactory,
    PartnerFactory,
    PlanFactory,
    PriceFactory,
    PrinterModelFactory,
    PromotionFactory,
)
from tests.notifications import gallery_after, gallery_money, shop
from tests.orders.world import World, make_world

DAY = timedelta(days=1)
ELSEWHERE = {"full_name": "Ana Ruiz", "line1": "7 Oak Avenue", "city": "Austin", "state": "TX", "postal_code": "78701"}

# Mails of the account, whose words stand in their templates alone: what each leads to, or shows.
OF_ACCOUNT = {
    "login_code": "code",
    "caller_code": "code",
    "email_confirmation_signup": "code",
    "email_confirmation": "code",
    "account_already_exists": "link",
    "unknown_account": "link",
    "password_reset_key": "link",
    "password_reset": "",
    "password_changed": "",
    "password_set": "",
    "email_changed": "",
    "totp_activated": "",
    "totp_deactivated": "",
    "recovery_codes_generated": "",
}


def world(**plan: object) -> World:
    """Ana's printer Front desk, with black in stock and no cyan."""
    made = make_world(nickname="Front desk", **plan)
    made.stock("PGBK", 10)
    return made


def every_mail() -> list[Message]:
    """All of them, kept as the worker keeps them."""
    for scene in (*SCENES, *gallery_money.SCENES, *map(_silence, SILENCES), *map(_terms, Plan.WhenLow.values)):
        scene()
    shop.read_steps()
    for scene in gallery_after.SCENES:
        scene()
        shop.read_steps(gallery_after.READ_AT)
    outbox.read_plan_events(list(PlanEvent.objects.values_list("pk", flat=True)), NOW)
    decided = list(Decision.objects.values_list("pk", flat=True))
    for days in (0, 5):
        outbox.read_decisions(decided, NOW + days * DAY)
    remind(NOW)
    context = {"email": "ana@example.com", "from_email": "ana@example.com", "to_email": "ana@new.example"}
    for kind, leads in OF_ACCOUNT.items():
        shown = {leads: {"code": "482913", "link": "https://ink.example/accounts/"}[leads]} if leads else {}
        outbox.send_soon(outbox.compose(kind, context | shown, NOW, to="ana@example.com"))
    return list(Message.objects.order_by("kind", "pk"))


def _ordered() -> None:
    world().order("PGBK")


def _ordered_with_a_day_to_cancel() -> None:
    made = world(when_low=Plan.WhenLow.DAY_FIRST)
    made.stock("C", 5)
    made.low("PGBK")
    made.low("C", level=None, said_low=True)
    made.decide()


def _backordered() -> None:
    world().order("C")


def _backordered_with_a_date() -> None:
    made = world()
    stock.expect(made.sku("C"), (NOW + 19 * DAY).date(), NOW)
    made.order("C")


def _put_back() -> None:
    made = world()
    made.order("PGBK")
    stock.count(made.sku(), 0, "Shelf 4.", NOW)


def _another_date(day: date | None) -> Callable[[], None]:
    def scene() -> None:
        made = world()
        stock.expect(made.sku("C"), (NOW + 8 * DAY).date(), NOW)
        order = made.order("C")
        stock.expect(made.sku("C"), day, NOW)
        patience.look([order.pk], NOW)

    return scene


def _not_kept_waiting() -> None:
    made = world()
    order = made.order("C")
    shop.read_steps()
    Wait.objects.filter(order=order).update(answer_by=NOW)
    patience.look([order.pk], NOW)


def _shipped() -> None:
    made = world()
    shop.ship(made, made.order("PGBK"))


def _shipped_for_less() -> None:
    made = _reduced()
    order = made.order("PGBK")
    PriceFactory.create(sku=made.sku(), amount_cents=2299, valid_from=NOW)
    shop.ship(made, order, parcels=[{"carrier": "FedEx", "tracking_number": "77"}])


def _ordered_for_less() -> None:
    _reduced().order("PGBK")


def _ordered_free() -> None:
    _reduced(percent=100).order("PGBK")


def _reduced(percent: int = 10, **plan: object) -> World:
    """A promotion runs for its black."""
    made = world(**plan)
    PromotionFactory.create(percent=percent, scope="skus").skus.add(made.sku())
    return made


def _shipped_free() -> None:
    made = world()
    shop.waive(made, made.order("PGBK"), "Nothing to pay.")


def _declined(code: str) -> Callable[[], None]:
    def scene() -> None:
        made = world()
        shop.decline(made, made.order("PGBK"), code)

    return scene


def _without_card() -> None:
    world(payable_since=None).order("PGBK")


def _bought(path: str) -> Callable[[], None]:
    def scene() -> None:
        model = PrinterModelFactory.create(series__slug=path, series__enrollment_path=path)
        address = {"full_name": "Ana Ruiz", "line1": "1 Elm", "city": "Portland", "state": "OR", "postal_code": "97201"}
        body = {"email": f"{path}@example.com", "full_name": "Ana Ruiz", "model": model.name}
        purchases.record(PartnerFactory.create(), f"P-{path}", body | {"shipping_address": address}, NOW)

    return scene


def _began() -> None:
    made = world()
    plans.create_plan(made.plan.user, made.plan.model, now=NOW, by="customer")


def _left() -> None:
    made = world()
    made.order("PGBK")
    wishes.leave(made.plan, [made.order("C").pk], "", "", NOW)


def _left_with_nothing() -> None:
    wishes.leave(world().plan, [], "gone", "", NOW)


def _moved() -> None:
    wishes.readdress(world().plan, ELSEWHERE, NOW)


def _claimed(*, in_hand: bool) -> Callable[[], None]:
    def scene() -> None:
        _asked_for(world().plan, in_hand=in_hand)

    return scene


def _asked_for(plan: Plan, *, in_hand: bool) -> Claim:
    """Ben has a plan that waits for the printer."""
    waiting = PlanFactory.create(pending=True, model=plan.model, expected_serial="ACDE04471")
    made = claims.note(plan, waiting.user, NOW, waiting=waiting, in_hand=in_hand)
    assert made is not None
    return made


def _free() -> None:
    claims.end(_asked_for(world().plan, in_hand=True), NOW, claims.BY)


def _not_free() -> None:
    claims.keep(_asked_for(world().plan, in_hand=True), NOW, "customer")


def _looked_at() -> None:
    plan = world().plan
    assert plan.printer is not None
    Printer.objects.filter(pk=plan.printer.pk).update(seen_at=NOW)
    claim = _asked_for(plan, in_hand=True)
    Claim.objects.filter(pk=claim.pk).update(ends_at=NOW)
    claims.look([claim.pk], NOW)


def _asked() -> None:
    for made in (world(when_low=Plan.WhenLow.ASK), _reduced(when_low=Plan.WhenLow.ASK)):
        made.low("PGBK")
        made.decide()


def _not_genuine() -> None:
    made = world()
    made.low("PGBK")
    made.say("PGBK", genuine=False)
    made.decide()


SILENCES: tuple[dict[str, object], ...] = (
    {"created_at": NOW - 2 * DAY},
    {"seen_at": NOW - 9 * DAY},
    {"seen_at": NOW - 20 * DAY, "heartbeat_at": NOW, "unreachable_reason": "asleep"},
)


def _silence(said: dict[str, object]) -> Callable[[], None]:
    def scene() -> None:
        printer = world().plan.printer
        assert printer is not None
        DeviceTokenFactory.create(printer=printer)
        Printer.objects.filter(pk=printer.pk).update(**said)

    return scene


def _card_runs_out() -> None:
    plan = world().plan
    card = Card.objects.create(
        user=plan.user, stripe_id="pm_old", brand="visa", last4="4242", exp_month=12, exp_year=2026
    )
    PlanCard.objects.create(plan=plan, card=card)


def _terms(when_low: str) -> Callable[[], None]:
    return lambda: _a_year_old(when_low)


def _a_year_old(when_low: str) -> None:
    world(when_low=when_low, activated_at=NOW - 365 * DAY)


def _price_rises() -> None:
    PriceFactory.create(sku=world().sku(), amount_cents=2649, valid_from=NOW + 30 * DAY)


SCENES: tuple[Callable[[], None], ...] = (
    *(_ordered, _ordered_for_less, _ordered_free, _ordered_with_a_day_to_cancel),
    *(_backordered, _backordered_with_a_date, _put_back, _not_kept_waiting),
    *(_another_date((NOW + 40 * DAY).date()), _another_date(None)),
    *(_shipped, _shipped_for_less, _shipped_free),
    *(_declined("insufficient_funds"), _declined("expired_card"), _declined("stolen_card"), _without_card),
    _declined("authentication_required"),
    *(_bought(Series.EnrollmentPath.DOWNLOAD), _bought(Series.EnrollmentPath.INSTRUCTIONS), _began),
    *(_left, _left_with_nothing, _moved, _claimed(in_hand=True), _claimed(in_hand=False), _free, _not_free),
    *(_looked_at, _asked, _not_genuine, _card_runs_out, _price_rises),
)
