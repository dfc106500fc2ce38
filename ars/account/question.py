"""What a person is asked before a printer is connected: is it yours, and if that is open, for which plan or model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy

from enrollment import network, pairing, recognition
from enrollment.models import PairingRequest, Plan, User
from orders.clock import Clock
from printers.models import PrinterModel

RADIOS_AT_MOST = 6
PLAN, MODEL = "plan", "model"


class CodeForm(forms.Form):
    """The code from the screen of the helper or the printer."""

    user_code = forms.CharField(
        label=gettext_lazy("Code on the screen of your computer or printer"),
        help_text=gettext_lazy("Eight letters, such as WDJB-MJHT. Dashes and small letters are fine."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
    )


class ChoiceForm(forms.Form):
    """For which plan or model the printer is."""

    choice = forms.ChoiceField(label=gettext_lazy("Which printer is it?"))

    def __init__(self, choices: list[tuple[str, str]], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)
        field.widget = forms.RadioSelect() if len(choices) <= RADIOS_AT_MOST else forms.Select()
        field.choices = choices


@dataclass(frozen=True)
class Target:
    """What the printer is to be connected to: a plan there is, or a new one for the model."""

    model: PrinterModel
    plan: Plan | None = None

    @property
    def key(self) -> str:
        return f"{PLAN}-{self.plan.pk}" if self.plan else f"{MODEL}-{self.model.pk}"

    @property
    def label(self) -> str:
        if self.plan is None:
            return gettext("A new plan for %(model)s") % {"model": self.model}
        return gettext("%(model)s, the plan you began: %(name)s") % {"model": self.model, "name": self.plan}


@dataclass(frozen=True)
class Question:
    """One device's request, as the page shows it to one user."""

    request: PairingRequest
    user: User
    seen_from: str | None
    now: datetime

    @cached_property
    def targets(self) -> list[Target]:
        """All it may be connected to. One needs no choice; none means that we carry no ink for it."""
        if (known := pairing.living_plan(self.request, self.user)) is not None:
            return [Target(known.model, known)]
        models = self._models()
        plans = pairing.fitting(self.user, models, self.request.serial_number)
        if len(plans) == 1 and self._may_be_for(plans[0]):
            return [Target(plans[0].model, plans[0])]
        begun = [Target(plan.model, plan) for plan in plans]
        return [*begun, *(Target(model) for model in models if model.eligible)]

    @property
    def only(self) -> Target | None:
        return self.targets[0] if len(self.targets) == 1 else None

    @property
    def must_choose(self) -> bool:
        return len(self.targets) > 1

    def choose(self, key: str) -> Target | None:
        """The target with this key; without a choice to make, the only one."""
        return self.only or next((target for target in self.targets if target.key == key), None)

    def form(self, data: Mapping[str, Any] | None = None) -> ChoiceForm:
        return ChoiceForm([(target.key, target.label) for target in self.targets], data)

    @property
    def name(self) -> str:
        """Make and model: in the catalogue's words where only one can be meant, else in the printer's own."""
        return str(self.only.model) if self.only else self.request.make_and_model or gettext("A printer")

    @property
    def serial_ends(self) -> str:
        return self.request.serial_number[-4:]

    @property
    def asked(self) -> str:
        return Clock(self.now).since(self.request.created_at)

    @property
    def from_own_network(self) -> bool:
        return network.is_same(self.request.asked_from, self.seen_from)

    @property
    def network(self) -> str:
        return network.shown(self.request.asked_from)

    def _may_be_for(self, plan: Plan) -> bool:
        """Whether nothing speaks against this printer being the one the plan waits for."""
        expected, told = plan.expected_serial, self.request.serial_number
        return not expected or not told or pairing.is_serial(expected, told)

    def _models(self) -> list[PrinterModel]:
        if self.request.make_and_model:
            return recognition.models_of(self.request.make_and_model)
        return list(PrinterModel.objects.filter(eligible=True).select_related("series").order_by("series", "name"))
