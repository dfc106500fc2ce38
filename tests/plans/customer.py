"""Bea, for whom nothing waits: she had a low, an order, a complaint, a return, and what else is kept of a customer."""

from datetime import timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session

from billing.models import (
    Card,
    Charge,
    Dispute,
    Dunning,
    PlanCard,
    Refund,
    RefundRequest,
    RefundRequestLine,
    StripeCustomer,
    StripeEvent,
)
from enrollment.models import CallerCheck, Closure, Look, Note, PairingRequest, Partner, Plan, Purchase, User
from notifications.models import Message
from orders import lifecycle
from orders.models import (
    Complaint,
    ComplaintLine,
    Order,
    OrderLine,
    Question,
    Replenishment,
    Return,
    ReturnLine,
    ReturnReceipt,
    ReturnReceiptLine,
)
from printers.models import LowSignal, Printer, Reading
from tests.acting import somebody
from tests.factories import (
    NOW,
    ClaimFactory,
    DeliveryFactory,
    DeviceTokenFactory,
    LinePromotionFactory,
    MessageFactory,
    PlanEventFactory,
    PlanSlotFactory,
    ReadingFactory,
    TaxRateFactory,
    UnknownSupplyFactory,
    UserFactory,
)
from tests.notifications import shop
from tests.orders.world import World, make_world

DAY = timedelta(days=1)
LONG_AGO = NOW - 20 * DAY


def settled(staff: User) -> World:
    """Her plan, its printer, and all that came of it, up to 20 days ago."""
    world = make_world(nickname="Front desk", user__email="bea@example.com", user__full_name="Bea Weber")
    world.stock("PGBK", 10)
    order = world.order()
    shop.read_steps(NOW)
    shop.ship(world, order, NOW)
    shop.read_steps(NOW)
    order.refresh_from_db()
    lifecycle.deliver(order, NOW, NOW, "UPS")
    LowSignal.objects.update(closed_at=NOW, closed_cause="replaced")
    Replenishment.objects.update(closed_at=NOW)
    Message.objects.update(sent_at=NOW, due_at=None)
    Question.objects.filter(kind="has_it_come").update(asked_at=NOW, answer="yes", answered_at=NOW)
    Question.objects.filter(kind="is_it_in").update(asked_at=NOW, answer="yes", answered_at=NOW)
    OrderLine.objects.update(open=False)
    Order.objects.update(updated_at=NOW)
    _of_her_printer(world.plan)
    _of_her_account(world.plan, world.partner, staff)
    _of_her_money(order, world.partner, staff)
    with somebody():
        TaxRateFactory.create()
    return world


def _of_her_printer(plan: Plan) -> None:
    printer = plan.printer
    assert printer is not None
    Printer.objects.filter(pk=printer.pk).update(seen_at=NOW)
    DeviceTokenFactory.create(printer=printer)
    UnknownSupplyFactory.create(printer=printer)
    slots = list(plan.model.slots.all())
    PlanSlotFactory.create(plan=plan, slot=slots[0])
    Reading.objects.bulk_create(
        ReadingFactory.build(printer=printer, slot=slot, observed_at=NOW - days * DAY, level=90 - days)
        for slot in slots
        for days in range(4)
    )


def _of_her_account(plan: Plan, store: Partner, staff: User) -> None:
    user = plan.user
    PlanEventFactory.create(plan=plan)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Session.objects.create(session_key="s" * 32, session_data="", expire_date=NOW)
    Note.objects.create(user=user, by=staff, at=NOW, text="Asks about XL.", key=uuid4())
    CallerCheck.objects.create(user=user, by=staff, at=NOW, how="facts")
    Look.objects.create(user=user, by=staff, at=NOW, ends_at=NOW + DAY)
    Purchase.objects.create(partner=store, purchase_id="P-1", body={}, plan=plan, at=NOW)
    Closure.objects.create(user=UserFactory.create(), at=NOW, fingerprint="f" * 64, told_at=NOW, forgotten_at=NOW)
    ClaimFactory.create(plan=plan, outcome="kept", settled_at=NOW, due_at=None)
    answered = {"outcome": "redeemed", "answered_by": user, "answered_at": NOW, "plan": plan}
    PairingRequest.objects.create(
        device_code_hash=b"p" * 32, user_code="WDJBMJHT", created_at=NOW, expires_at=NOW, **answered
    )
    MessageFactory.create(user=user)


def _of_her_money(order: Order, warehouse: Partner, staff: User) -> None:
    Charge.objects.update(payment_intent_id="pi_bea")
    charge, card, line = Charge.objects.get(), Card.objects.get(), OrderLine.objects.get()
    StripeCustomer.objects.create(user=order.user, stripe_id="cus_1")
    StripeEvent.objects.create(stripe_id="evt_1", type="charge.succeeded", payload={}, received_at=NOW)
    PlanCard.objects.create(plan=order.plan, card=card)
    Dunning.objects.create(order=order, began_at=NOW)
    lost = {"status": "lost", "amount_cents": 100, "opened_at": NOW, "heard_at": NOW}
    Dispute.objects.create(charge=charge, stripe_id="dp_bea", **lost)
    announced = Return.objects.create(number="482719365", order=order, at=NOW, send_by=NOW.date())
    ReturnLine.objects.create(announced=announced, line=line, quantity=1)
    receipt = ReturnReceipt.objects.create(partner=warehouse, return_id="B-1", order=order, body={}, at=NOW)
    ReturnReceiptLine.objects.create(receipt=receipt, line=line, quantity=1, accepted=True)
    settled = {"created_at": NOW, "settled_at": NOW}
    refund = Refund.objects.create(
        charge=charge, receipt=receipt, amount_cents=100, reason="return", status="made", stripe_id="re_1", **settled
    )
    told = {"asked_at": NOW, "asked_by": staff, "decided_at": NOW, "decided_by": staff, "needs_second": False}
    request = RefundRequest.objects.create(
        charge=charge, amount_cents=100, why="goodwill", note="Sorry.", key=uuid4(), refund=refund, **told
    )
    RefundRequestLine.objects.create(request=request, line=line, quantity=1, amount_cents=100)
    complaint = Complaint.objects.create(
        order=order, kind="damaged", at=NOW, value_cents=2499, sent_at=NOW, sent_by="dana"
    )
    ComplaintLine.objects.create(complaint=complaint, line=line, quantity=1)
    LinePromotionFactory.create(line=line)
    DeliveryFactory.create(order_event=order.events.first(), delivered_at=NOW, due_at=None)
