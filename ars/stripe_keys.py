"""Which of Stripe's keys may meet which Stripe: real money goes to Stripe alone, and practice is called so by name.

Pure, for the settings: they refuse to start, and with them web, worker, beat and every command.
"""

from collections.abc import Iterator
from dataclasses import dataclass

STRIPE = "https://api.stripe.com"
DEVELOPMENT = {"secret": "sk_test_local", "publishable": "pk_test_local", "webhook": "whsec_local"}
LIVE, TEST = "live", "test"


@dataclass(frozen=True)
class Keys:
    """The variables with STRIPE_ before their names, and DEBUG. No key's contents may get into a log."""

    secret: str
    publishable: str
    webhook: str
    api_base: str
    sandbox: bool
    debug: bool

    @property
    def meet_stripe(self) -> bool:
        """Whether these go to Stripe itself, and not to a stand-in."""
        return is_stripe(self.api_base)

    def complaints(self) -> Iterator[str]:
        """What is dangerous about them, each with what to do. None where no key is real, as in a fresh checkout."""
        mode = mode_of(self.secret)
        if mode == LIVE and not self.meet_stripe:
            yield (
                f"STRIPE_SECRET_KEY is a live key but STRIPE_API_BASE is {self.api_base!r}. "
                "Real money goes to Stripe only: unset STRIPE_API_BASE."
            )
        if mode == LIVE and self.sandbox:
            yield (
                "STRIPE_SANDBOX is on but STRIPE_SECRET_KEY is a live key: real money would move. "
                "Set the sandbox's keys, or unset STRIPE_SANDBOX."
            )
        if not (mode and self.meet_stripe) or (self.secret == DEVELOPMENT["secret"] and self.debug):
            return
        if mode == TEST and not self.debug and not self.sandbox:
            yield (
                "STRIPE_SECRET_KEY is a test key and DEBUG is off: parcels would ship and nobody be charged. "
                "Set the live keys, or STRIPE_SANDBOX=1 where this is a place for trials."
            )
        if mode_of(self.publishable) != mode:
            yield (
                f"STRIPE_PUBLISHABLE_KEY is no {mode} key but STRIPE_SECRET_KEY is: cards saved with the one cannot be "
                "charged with the other. Set the two that stand side by side in Stripe's dashboard."
            )
        if not self.webhook.startswith("whsec_") or self.webhook == DEVELOPMENT["webhook"]:
            yield (
                "STRIPE_WEBHOOK_SECRET is missing, or not one of Stripe's: its events would be refused. "
                "Set the signing secret (whsec_...) of the endpoint in Stripe's dashboard."
            )


def is_stripe(api_base: str) -> bool:
    """Whether this is Stripe's own address; empty means it."""
    return api_base in ("", STRIPE)


def mode_of(key: str) -> str:
    """`live` or `test`; empty for what is no key of Stripe's."""
    kind, _, rest = key.partition("_")
    mode = rest.partition("_")[0]
    return mode if kind in ("sk", "rk", "pk") and mode in (LIVE, TEST) else ""
