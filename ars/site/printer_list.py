"""The list of printers by series: all that can be enrolled, or those that were searched for."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import cached_property

from ars.site.find import Found, find
from printers.models import PrinterModel, Series


@dataclass(frozen=True)
class Shelf:
    """The models of one series."""

    series: Series
    models: tuple[PrinterModel, ...]


@dataclass(frozen=True)
class PrinterList:
    """All models there are, and what of them somebody looks for."""

    every: tuple[PrinterModel, ...]
    typed: str = ""

    @cached_property
    def eligible(self) -> tuple[PrinterModel, ...]:
        return tuple(model for model in self.every if model.eligible)

    @cached_property
    def found(self) -> Found:
        """Among those that can be enrolled."""
        return find(self.typed, self.eligible)

    @property
    def closed(self) -> PrinterModel | None:
        """The model that is meant, when it is one that takes no new plans."""
        meant = find(self.typed, self.every).only
        return meant if meant is not None and not meant.eligible else None

    @property
    def shelves(self) -> list[Shelf]:
        """Series by series: what was found, or everything while nothing is searched for."""
        shown = self.found.matches if self.found.typed else self.eligible
        return [Shelf(series, tuple(models)) for series, models in groupby(shown, key=lambda model: model.series)]


def read(typed: str = "") -> PrinterList:
    """Every model, in the order people see them."""
    models = PrinterModel.objects.select_related("series").order_by("series__position", "series__name", "name")
    return PrinterList(tuple(models), typed)
