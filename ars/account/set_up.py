"""The set-up of a plan: its four steps, and where it goes on, whichever way somebody came."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop, ngettext

from enrollment import steps
from enrollment.models import Plan

# The steps of `enrollment.steps.STEPS` in the order they are done on pages, where the printer comes last: each with its
# page, what it is called in a list, and what is to be done.
PAGES = {
    "address": ("plan_address", gettext_noop("Shipping address"), gettext_noop("say where ink is to be sent")),
    "card": ("plan_card", gettext_noop("Payment method"), gettext_noop("name a card to charge when ink ships")),
    "consent": ("plan_consent", gettext_noop("Your agreement to the terms"), gettext_noop("agree to the terms")),
    "printer": ("plan_how_to_activate", gettext_noop("Connected printer"), gettext_noop("connect it")),
}


@dataclass(frozen=True)
class Step:
    """One thing a plan needs: its page, and once it is done, what was said there."""

    label: str
    to_do: str
    done: bool
    url: str
    detail: str = ""


@dataclass(frozen=True)
class SetUp:
    """What of a plan's set-up is done. `waits`: the yes is given, and the printer fetches its token within seconds."""

    plan: Plan
    missing: tuple[str, ...]
    waits: bool = False

    @cached_property
    def steps(self) -> list[Step]:
        return [
            Step(gettext(label), gettext(to_do), key not in self.missing, self._url(key, page), self._detail(key))
            for key, (page, label, to_do) in PAGES.items()
        ]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)

    @property
    def next_page(self) -> str:
        """Where it goes on: the plan's page once it runs, or has ended."""
        if self.plan.status != Plan.Status.PENDING:
            return reverse("plan", args=[self.plan.pk])
        return self.next.url if self.next else reverse("plan_set_up", args=[self.plan.pk])

    @property
    def sentence(self) -> str:
        """One step left for Front desk: connect it."""
        if self.next is None:
            return gettext("%(printer)s has all it needs, and does not run yet.") % {"printer": self.plan.display_name}
        left = len(self.steps) - self.done
        text = ngettext(
            "One step left for %(printer)s: %(next)s.", "%(left)d steps left for %(printer)s. Next: %(next)s.", left
        )
        return text % {"left": left, "printer": self.plan.display_name, "next": self.next.to_do}

    def _url(self, key: str, page: str) -> str:
        return reverse("activate_connecting" if key == "printer" and self.waits else page, args=[self.plan.pk])

    def _detail(self, key: str) -> str:
        address = self.plan.shipping_address
        return str(address) if key == "address" and address else ""


def next_page(plan: Plan) -> str:
    """The page of the first step that is still to be done; the plan's own once it runs. Reads the plan anew."""
    plan = Plan.objects.select_related("model", "printer", "shipping_address").get(pk=plan.pk)
    waits = plan.printer is not None and not plan.printer.tokens.exists()
    return SetUp(plan, tuple(steps.missing(plan)), waits).next_page
