"""Plans for tests, and how to look at what became of one."""

from typing import Any

from enrollment.models import Plan, PlanEvent
from tests.factories.enrollment import ConsentFactory, PlanFactory
from tests.factories.printers import DeviceTokenFactory


def ready_plan(**fields: Any) -> Plan:
    """A pending plan that lacks nothing but the activation."""
    plan: Plan = PlanFactory.create(ready=True, **fields)
    DeviceTokenFactory.create(printer=plan.printer)
    ConsentFactory.create(plan=plan)
    return plan


def stored(plan: Plan) -> Plan:
    """The plan as the database has it."""
    return Plan.objects.get(pk=plan.pk)


def history(plan: Plan) -> list[tuple[str, str, str]]:
    """Its events: status, by whom, note."""
    return list(PlanEvent.objects.filter(plan=plan).values_list("status", "by", "note"))
