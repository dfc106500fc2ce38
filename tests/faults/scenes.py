"""How each step of the matrix is come to, and where its fault is put."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ars.standin.process import Handle
from billing import cards, gateway, lifecycle
from billing.gateway import wire
from billing.models import PlanCard
from billing.refunds import lifecycle as refunds
from orders import returns
from orders.models import Order
from tests.billing.parcels import packed
from tests.factories import PartnerFactory
from tests.faults.cells import TIMES, Fault
from tests.faults.service import Service
from tests.standin.shop import CONFIRM, CREATE

RETRIEVE, CANCEL = "GET /v1/payment_intents/*", "POST /v1/payment_intents/*/cancel"
REFUND, FIND_REFUND = "POST /v1/refunds", "GET /v1/refunds"
SETTLE, SETTLE_REFUND = (lifecycle, "settle"), (refunds, "settle")
HURRIED = wire.Patience(connect=3, read=0.5, retries=0, slot=3)  # so that a slow answer costs a test no 20 s
SLOW_SECONDS = 1.0
SLOW_TIMES = 2

OURS: dict[str, dict[str, Any]] = {"429_retry_after": {"kind": "429", "retry_after": 2}}
BY_MANNER = {"reversed": "reverse"}


@dataclass(frozen=True)
class Scene:
    """`route` is what request faults match, `event` webhooks, `seam` the function at which our processes fail."""

    act: Callable[["Stage"], None]
    seam: tuple[Any, str]
    route: str = ""
    event: str = ""


@dataclass
class Stage:
    """One cell being played."""

    service: Service
    standin: Handle
    fault: Fault
    scene: Scene
    order: Order = field(init=False)

    def ready(self, card: str = "pm_card_visa") -> None:
        """A packed parcel with a card to pay for it; nobody has begun its charge."""
        dispatch = packed()
        self.order = dispatch.order
        PlanCard.objects.create(plan=self.order.plan, card=cards.save_card(self.order.user, card))

    def strike(self) -> None:
        """From now on the fault is there."""
        if self.fault.sort == "worker":
            self.service.fail(self.fault.name, *self.scene.seam)
        elif self.fault.sort == "request":
            self._fail_requests()
        elif self.fault.name in BY_MANNER:
            self.standin.webhooks(**{BY_MANNER[self.fault.name]: True})
        else:
            self.standin.fault(f"WEBHOOK {self.scene.event}", self.fault.name)

    def _fail_requests(self) -> None:
        wish: dict[str, Any] = {"kind": self.fault.name, "times": TIMES, **OURS.get(self.fault.name, {})}
        if self.fault.name.startswith("slow"):
            self.service.patch.setattr(wire, "WORKER", HURRIED)
            wish |= {"times": SLOW_TIMES, "seconds": SLOW_SECONDS}
        self.standin.fault(self.scene.route, **wish)

    def lose_answer(self, route: str) -> None:
        """One round whose call is executed, and whose answer we never hear."""
        self.standin.fault(route, "lost_answer", times=TIMES)
        self.service.round()
        self.standin.clear_faults()

    def send_back(self) -> None:
        """Everything in the parcel comes back and is accepted."""
        self.order.refresh_from_db()
        lines = [{"sku": line.sku.code, "quantity": line.quantity, "accepted": True} for line in self.order.lines.all()]
        returns.receive(PartnerFactory.create(), self.order, "B-1", lines, self.service.now)


def charge(stage: Stage) -> None:
    stage.ready()
    stage.strike()
    stage.service.until_quiet()


def retrieve(stage: Stage) -> None:
    stage.ready()
    stage.lose_answer(CONFIRM)
    stage.strike()
    stage.service.until_quiet()


def cancel(stage: Stage) -> None:
    stage.ready("pm_card_ars_insufficient_funds")
    stage.strike()
    stage.service.until_quiet()


def refund(stage: Stage) -> None:
    returned(stage)
    stage.strike()
    stage.service.until_quiet()


def find_refund(stage: Stage) -> None:
    returned(stage)
    stage.lose_answer(REFUND)
    stage.strike()
    stage.service.until_quiet()


def webhook_before(stage: Stage) -> None:
    stage.ready()
    stage.service.then(gateway, "confirm_intent", stage.service.hear)
    stage.strike()
    stage.service.until_quiet()


def refund_webhook_before(stage: Stage) -> None:
    returned(stage)
    stage.service.hear()  # what there was before is no news
    stage.service.then(gateway, "make_refund", stage.service.hear)
    stage.strike()
    stage.service.until_quiet()


def webhook_after(stage: Stage) -> None:
    stage.ready()
    heard_after(stage)


def refund_webhook_after(stage: Stage) -> None:
    returned(stage)
    stage.service.hear()
    heard_after(stage)


def heard_after(stage: Stage) -> None:
    """Our processes fail when the webhook comes, everything else when we ask."""
    late = stage.fault.sort == "worker"
    if not late:
        stage.strike()
    stage.service.until_quiet()
    if late:
        stage.strike()
    stage.service.hear()
    stage.service.until_quiet()


def returned(stage: Stage) -> None:
    """A paid parcel that is back in the warehouse; nobody has asked for its refund."""
    stage.ready()
    stage.service.until_quiet()
    stage.send_back()


PAID, GIVEN_BACK = "payment_intent.succeeded", "refund.created"
SCENES = {
    "begin": Scene(charge, (lifecycle, "begin_all")),
    "create": Scene(charge, (gateway, "create_intent"), CREATE),
    "confirm": Scene(charge, (gateway, "confirm_intent"), CONFIRM),
    "retrieve": Scene(retrieve, (gateway, "retrieve_intent"), RETRIEVE),
    "settle": Scene(charge, SETTLE),
    "cancel": Scene(cancel, (gateway, "cancel_intent"), CANCEL),
    "refund": Scene(refund, (gateway, "make_refund"), REFUND),
    "find_refund": Scene(find_refund, (gateway, "find_refund"), FIND_REFUND),
    "settle_refund": Scene(refund, SETTLE_REFUND),
    "webhook_before": Scene(webhook_before, SETTLE, CONFIRM, PAID),
    "webhook_after": Scene(webhook_after, SETTLE, CONFIRM, PAID),
    "refund_webhook_before": Scene(refund_webhook_before, SETTLE_REFUND, REFUND, GIVEN_BACK),
    "refund_webhook_after": Scene(refund_webhook_after, SETTLE_REFUND, REFUND, GIVEN_BACK),
}
