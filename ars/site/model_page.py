"""One model's page: what we would send and what it costs, how it reports, and how to enroll it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.functional import cached_property

from ars.site import cartridges
from ars.site.cartridges import Cartridge, Notice
from enrollment.models import Plan, User
from orders import words
from orders.pricing import Quote
from printers.models import PrinterModel, Series


@dataclass(frozen=True)
class ModelPage:
    """Everything the page of one model shows, to somebody who may have one already."""

    model: PrinterModel
    quotes: dict[int, Quote]
    now: datetime
    plan: Plan | None = None

    @cached_property
    def cartridges(self) -> tuple[Cartridge, ...]:
        return cartridges.of(self.model, self.quotes)

    @property
    def larger_name(self) -> str:
        return cartridges.larger_name(self.cartridges)

    @property
    def set_standard(self) -> str:
        return cartridges.full_set(self.cartridges)

    @property
    def set_larger(self) -> str:
        return cartridges.full_set(self.cartridges, larger=True) if self.larger_name else ""

    @property
    def promotions(self) -> list[Notice]:
        """What runs today."""
        return cartridges.notices(self.cartridges, self.now)

    @property
    def is_demo(self) -> bool:
        return cartridges.shows_demo_prices(self.cartridges)

    @property
    def mark(self) -> str:
        """The level at which we order, when all its cartridges have the same: '15 %'."""
        marks = {each.slot.low_threshold for each in self.cartridges}
        return words.percent(marks.pop()) if len(marks) == 1 else ""

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Name and level of each cartridge."""
        return [(each.slot.name, words.percent(each.slot.low_threshold)) for each in self.cartridges]

    @property
    def unconfirmed(self) -> bool:
        """Whether a person still has to say that these are the right ones."""
        return not all(each.slot.mapping_confirmed for each in self.cartridges)

    @property
    def by_download(self) -> bool:
        """Whether a program enrolls it; else a page of instructions does (promise P2)."""
        return self.model.series.enrollment_path == Series.EnrollmentPath.DOWNLOAD

    @property
    def enroll_url(self) -> str:
        """Where enrolling this model begins."""
        return f"{reverse('enroll')}?{urlencode({'model': self.model.slug})}"


def read(slug: str, user: User | AnonymousUser, now: datetime) -> ModelPage | None:
    """The page of the model with this address; None if there is none."""
    model = cartridges.models().filter(slug=slug).first()
    if model is None:
        return None
    return ModelPage(model, cartridges.quotes_of([model], now), now, _plan_of(user, model))


def _plan_of(user: User | AnonymousUser, model: PrinterModel) -> Plan | None:
    """The plan somebody already has for a printer of this model."""
    if not isinstance(user, User):
        return None
    return Plan.objects.filter(user=user, model=model).exclude(status=Plan.Status.CANCELLED).order_by("pk").first()
