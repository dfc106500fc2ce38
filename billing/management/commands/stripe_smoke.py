"""`manage.py stripe_smoke`: all that we ask of Stripe, asked once of the sandbox that is configured; 1 if a step fails.

It asks as the service does, through the gateway, under keys of its own. It writes nothing to our database.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing import gateway
from billing.gateway import CardRefusedError, GivenBack, Outcome, RefundOutcome, Taken, UnavailableError
from billing.models import StripeEvent

CENTS = 100
GOOD, DECLINING = "pm_card_visa", "pm_card_chargeCustomerFail"  # https://docs.stripe.com/testing
UNSET = "sk_test_local"  # what the settings have where nobody has set it
NEAR = timedelta(minutes=5)  # how far Stripe's clock may be from ours
EVENT_SECONDS, POLL_SECONDS = 60, 0.5

Answer = TypeVar("Answer")
Said = TypeVar("Said", Outcome, RefundOutcome)


class Command(BaseCommand):
    help = "Try Stripe's sandbox, from a customer to a refund and the lists that reconciliation reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--webhook", action="store_true", help="wait until Stripe's event has arrived here as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if refusal := why_not():
            raise CommandError(refusal)
        trial = Trial(self.stdout.write)
        trial.begin()
        try:
            trial.pay()
            trial.be_declined()
            trial.cancel()
            trial.give_back()
            trial.read_the_books()
            if options["webhook"]:
                trial.hear()
        finally:
            cleaned = trial.clean_up()
        if not cleaned:
            raise CommandError(f"All went as it should, but customer {trial.customer} is still at Stripe.")
        left_out = "" if options["webhook"] else " Whether Stripe's events arrive was not tried: --webhook does."
        self.stdout.write(f"All {trial.steps} steps went as they should.{left_out}")


def why_not() -> str:
    """Why Stripe may not be tried with the key that is set; empty when it may."""
    key = settings.STRIPE_SECRET_KEY
    if key.startswith(("sk_live_", "rk_live_")):
        return "STRIPE_SECRET_KEY is a live key, and this is for a sandbox alone. Stripe was asked for nothing."
    if not key.startswith(("sk_test_", "rk_test_")) or (key == UNSET and not settings.STRIPE_API_BASE):
        return "STRIPE_SECRET_KEY is not set to a sandbox's key (sk_test_...). Stripe was asked for nothing."
    if not settings.STRIPE_WEBHOOK_SECRET.startswith("whsec_"):
        return "STRIPE_WEBHOOK_SECRET is not one of Stripe's (whsec_...). Stripe was asked for nothing."
    return ""


class Trial:
    """One customer's life at Stripe. Each step tells what it did and how long it took.

    Whatever does not go as it should ends the trial: CommandError, from every step but the last.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self.name, self.steps = f"smoke-{uuid4().hex[:12]}", 0
        self.customer = self.card = self.paid = ""
        self._tell = tell
        tell(f"{self.name}: {settings.STRIPE_API_BASE or 'https://api.stripe.com'}, version {gateway.API_VERSION}")

    def begin(self) -> None:
        email, key = f"{self.name}@example.com", f"{self.name}-customer"
        self.customer = self._step("make a customer", lambda: gateway.create_customer(email, key))

    def pay(self) -> None:
        self._step("let a browser save a card", lambda: gateway.begin_setup(self.customer))
        self.card = self._save(GOOD)
        self.paid = self._make("take", self.card)
        again = self._creation("take", self.card)
        self._check("make it once, when asked twice", lambda: again().payment_intent_id == self.paid, "there are two")
        self._ask("take the money", "paid", lambda: gateway.confirm_intent(self.paid, f"{self.name}-take-confirm"))
        self._ask("say later that it was taken", "paid", lambda: gateway.retrieve_intent(self.paid))

    def be_declined(self) -> None:
        intent = self._make("decline", self._save(DECLINING))
        key = f"{self.name}-decline"
        self._ask("decline it", "declined", lambda: gateway.confirm_intent(intent, f"{key}-confirm"))
        self._ask("cancel what was declined", "declined", lambda: gateway.cancel_intent(intent, f"{key}-cancel"))

    def cancel(self) -> None:
        intent, key = self._make("cancel", self.card), f"{self.name}-cancel-cancel"
        self._ask("cancel it", "declined", lambda: gateway.cancel_intent(intent, key))

    def give_back(self) -> None:
        make = partial(gateway.make_refund, self.paid, amount_cents=CENTS, name=self.name, key=f"{self.name}-refund")
        self._ask("give the money back", "made", make)
        find = partial(gateway.find_refund, self.paid, self.name)
        self._ask("find the refund by its name", "made", lambda: find() or RefundOutcome("unknown", code="not_found"))

    def read_the_books(self) -> None:
        since, until = timezone.now() - NEAR, timezone.now() + NEAR
        for what, book in (("payment", gateway.payments(since, until)), ("refund", gateway.refunds(since, until))):
            self._check(f"list the {what}", partial(self._is_in, book), "it is not among those of the last minutes")

    def hear(self) -> None:
        """An event that comes by the webhook to whatever serves this database."""
        late = f"none came within {EVENT_SECONDS} s"
        self._check("send the event of the payment to our webhook", self._event_arrives, late)

    def clean_up(self) -> bool:
        """Whether Stripe has forgotten the customer, and their cards with them."""
        try:
            self._step("forget the customer", lambda: gateway.delete_customer(self.customer))
        except CommandError:
            self._tell(f"        delete {self.customer} in Stripe's dashboard")
            return False
        return True

    def _save(self, card: str) -> str:
        attach = partial(gateway.attach_card, card, self.customer)
        return self._step(f"save {card}", attach).payment_method_id

    def _make(self, purpose: str, card: str) -> str:
        """The id of a payment that took nothing yet."""
        made = self._ask(f"make a payment to {purpose}", "unconfirmed", self._creation(purpose, card))
        return str(made.payment_intent_id)

    def _creation(self, purpose: str, card: str) -> Callable[[], Outcome]:
        return partial(
            gateway.create_intent,
            amount_cents=CENTS,
            currency="usd",
            customer_id=self.customer,
            payment_method_id=card,
            metadata={"smoke": self.name},
            statement="SMOKE",
            key=f"{self.name}-{purpose}-create",
        )

    def _ask(self, what: str, kind: str, ask: Callable[[], Said]) -> Said:
        return self._step(what, ask, lambda said: "" if said.kind == kind else f"it is {said.kind} ({said.code})")

    def _check(self, what: str, fits: Callable[[], bool], otherwise: str) -> None:
        self._step(what, fits, lambda fitting: "" if fitting else otherwise)

    def _is_in(self, book: Iterable[Taken | GivenBack]) -> bool:
        return self.paid in {entry.payment_intent_id for entry in book}

    def _event_arrives(self) -> bool:
        ours = StripeEvent.objects.filter(type="payment_intent.succeeded", payload__data__object__id=self.paid)
        until = time.monotonic() + EVENT_SECONDS
        while not (arrived := ours.exists()) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        return arrived

    def _step(self, what: str, ask: Callable[[], Answer], wrong: Callable[[Answer], str] = lambda answer: "") -> Answer:
        """`wrong` says what is wrong with an answer, empty when nothing is."""
        began = time.monotonic()
        try:
            answer = ask()
            why = wrong(answer)
        except (CardRefusedError, UnavailableError) as error:
            why = str(error) or type(error).__name__
        self._tell(f"{'FAILED' if why else 'ok':6} {time.monotonic() - began:6.2f} s  {what}")
        if why:
            raise CommandError(f"After {self.steps} steps that went well, Stripe did not {what}: {why}")
        self.steps += 1
        return answer
