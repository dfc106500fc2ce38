"""The mails that speak of tax, of receipts, and of a card that has expired."""

from collections.abc import Callable
from decimal import Decimal

from billing.models import Card, PlanCard
from enrollment.models import Plan
from notifications import outbox, receipt_mail
from orders import wishes
from orders.models import TaxRate
from tests.factories import NOW, TaxRateFactory
from tests.notifications import shop
from tests.orders.world import World, make_world


def taxed(**plan: object) -> World:
    """Ana's printer, in a state of its own that takes tax."""
    made = make_world(nickname="Front desk", shipping_address__state="WA", **plan)
    made.stock("PGBK", 10)
    for state, percent in (("WA", "7.25"), ("TX", "8.25")):
        if not TaxRate.objects.filter(state=state).exists():
            TaxRateFactory.create(state=state, percent=Decimal(percent))
    return made


def _ordered() -> None:
    taxed().order("PGBK")


def _shipped() -> None:
    made = taxed()
    shop.ship(made, made.order("PGBK"))


def _moved() -> None:
    made = taxed()
    order = made.order("PGBK")
    wishes.readdress(made.plan, order.ship_to | {"city": "Austin", "state": "TX", "postal_code": "78701"}, NOW)


def _asked() -> None:
    made = taxed(when_low=Plan.WhenLow.ASK)
    made.low("PGBK")
    made.decide()


def _receipt(*, given_back: bool) -> Callable[[], None]:
    def scene() -> None:
        made = taxed()
        order = made.order("PGBK")
        shop.ship(made, order)
        if given_back:
            charge = order.charges.get()
            charge.refunds.create(
                amount_cents=500, status="made", stripe_id=f"re_{charge.pk}", created_at=NOW, settled_at=NOW
            )
        outbox.send_soon(receipt_mail.of(order, NOW))

    return scene


def _receipt_of_what_was_free() -> None:
    made = taxed()
    order = made.order("PGBK")
    shop.waive(made, order, "Nothing to pay.")
    outbox.send_soon(receipt_mail.of(order, NOW))


def _card_has_expired() -> None:
    made = taxed()
    shown = {"brand": "visa", "last4": "0341", "exp_month": 10, "exp_year": 2026}
    card = Card.objects.create(user=made.plan.user, stripe_id=f"pm_{made.plan.pk}", **shown)
    PlanCard.objects.create(plan=made.plan, card=card)
    made.order("C")


SCENES: tuple[Callable[[], None], ...] = (
    *(_ordered, _shipped, _moved, _asked),
    *(_receipt(given_back=False), _receipt(given_back=True), _receipt_of_what_was_free, _card_has_expired),
)
