"""What a customer chooses on the page changes what is ordered when ink runs low, with scripts and without."""

import re
from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from enrollment.models import Plan, PlanSlot, User
from notifications.models import Message
from notifications.tasks import sweep_decisions
from orders import stock
from orders.models import Order, OrderLine
from orders.tasks import sweep_plans, sweep_replenishments, sweep_signals
from printers import tokens
from printers.models import Slot, SlotSku
from tests.browser.conftest import Open, sign_in
from tests.browser.scene import NOW
from tests.browser.test_changes import says
from tests.factories import PartnerFactory
from tests.printers.device import Device

LARGE, STANDARD = "CLI-281XL-M", "CLI-281-M"
ORDERED = "We ordered one on Wed 26 Nov."


@dataclass
class Desk:
    """The plan of the front desk on its page, and its printer, whose magenta runs low when a test wants it to."""

    plan: Plan
    device: Device
    page: Page

    def is_low(self, cartridge: str = "first") -> None:
        """The printer says so of a cartridge with this number, the workers act, and the owner looks again."""
        supply = {"slot": "M", "level": 9, "serial_number": cartridge}
        assert self.device.send(supply, observed_at=timezone.now().isoformat()).status_code == 202
        self.time_passes()

    def time_passes(self) -> None:
        for sweep in (sweep_signals, sweep_plans, sweep_replenishments):
            sweep()
        self.look()

    def look(self) -> None:
        self.page.goto(f"/account/replenishment/{self.plan.pk}/")

    @property
    def magenta(self) -> Locator:
        """What the page says of it."""
        cards = self.page.get_by_role("region", name="Cartridges").get_by_role("listitem")
        return cards.filter(has=self.page.get_by_role("heading", name="Magenta"))

    @property
    def ordered(self) -> list[str]:
        """The cartridges of magenta ordered since this morning, one for each order."""
        lines = OrderLine.objects.filter(order__plan=self.plan, slot__code="M", order__placed_at__gte=NOW)
        assert set(lines.values_list("quantity", flat=True)) <= {1}
        return list(lines.order_by("pk").values_list("sku__code", flat=True))


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def desk(open_page: Open, ana: User, request: pytest.FixtureRequest) -> Desk:
    """View Plan of the front desk. Both sizes of its magenta are in stock, and nobody doubts that they fit."""
    plan = Plan.objects.select_related("printer").get(nickname="Front desk")
    assert plan.printer is not None
    Slot.objects.filter(model=plan.model).update(mapping_confirmed=True)
    for fit in SlotSku.objects.filter(slot__model=plan.model, slot__code="M"):
        stock.receive(PartnerFactory.create(), f"R-{fit.sku}", fit.sku, 5, NOW)
    page = open_page(scripts=request.param)
    sign_in(page, ana)
    desk = Desk(plan, Device(plan.printer, tokens.issue(plan.printer)), page)
    desk.look()
    return desk


def test_what_is_low_is_ordered_in_the_large_size(desk: Desk) -> None:
    desk.is_low()
    expect(desk.magenta).to_contain_text(ORDERED)
    desk.is_low()
    assert desk.ordered == [LARGE]


def test_paused_nothing_is_ordered_until_resume(desk: Desk) -> None:
    desk.page.get_by_role("link", name="Pause", exact=True).click()
    desk.page.get_by_label("Pause until").fill("2026-01-05")
    desk.page.get_by_role("button", name="Pause").click()
    desk.is_low()
    expect(desk.magenta).to_contain_text("Magenta is low. The plan is paused, so nothing was ordered.")
    assert desk.ordered == []
    desk.page.get_by_role("button", name="Resume").click()
    desk.time_passes()
    expect(desk.magenta).to_contain_text(ORDERED)
    assert desk.ordered == [LARGE]


def test_the_next_one_is_skipped_once(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Skip next for Magenta").click()
    desk.is_low()
    expect(desk.magenta).to_contain_text("You asked us to skip one, and we did. We order the next time.")
    assert desk.ordered == []
    desk.is_low("second")
    expect(desk.magenta).to_contain_text(ORDERED)
    assert desk.ordered == [LARGE]


def test_a_spare_is_used_before_one_is_ordered(desk: Desk) -> None:
    desk.page.get_by_role("link", name="Size and spares for Magenta").click()
    desk.page.get_by_label("Spares at hand").fill("1")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.magenta).to_contain_text("1 spare at hand.")
    desk.is_low()
    expect(desk.magenta).to_contain_text("You have a spare, so nothing was ordered.")
    assert (desk.ordered, PlanSlot.objects.get(plan=desk.plan).spares) == ([], 0)
    desk.is_low("second")
    expect(desk.magenta).to_contain_text(ORDERED)
    assert desk.ordered == [LARGE]


def test_the_standard_size_is_ordered_where_it_was_chosen(desk: Desk) -> None:
    desk.page.get_by_role("link", name="Size and spares for Magenta").click()
    desk.page.get_by_label("Standard: ").check()
    desk.page.get_by_role("button", name="Save").click()
    says(desk.page, "Saved. It holds from the next Magenta on.")
    desk.is_low()
    assert desk.ordered == [STANDARD]
    desk.magenta.get_by_role("link", name="See order").click()
    order = Order.objects.get(plan=desk.plan, placed_at__gte=NOW)
    lines = desk.page.get_by_role("region", name="What's in it").get_by_role("listitem")
    expect(lines).to_contain_text([order.lines.get().sku.name])


@pytest.mark.parametrize("by_mail", [True, False], ids=["by mail", "on the page"])
def test_asked_each_time_nothing_is_ordered_without_a_yes(desk: Desk, by_mail: bool) -> None:
    ask_me(desk)
    desk.is_low()
    expect(desk.magenta).to_contain_text("You asked us to ask first, so we wait for your yes.")
    assert desk.ordered == []
    if by_mail:
        say_yes(desk)
    else:
        desk.page.get_by_role("button", name="Order it now for Magenta").click()
        says(desk.page, "We order Magenta now.")
    desk.time_passes()
    assert desk.ordered == [LARGE]


def ask_me(desk: Desk) -> None:
    desk.page.get_by_role("link", name="Change what happens when ink is low").click()
    desk.page.get_by_label("Ask me each time").check()
    desk.page.get_by_role("button", name="Save").click()


def say_yes(desk: Desk) -> None:
    """By the mail's link, as somebody who is not signed in."""
    sweep_decisions()
    link = re.search(r"/mail/asked/\S+", Message.objects.get(kind="asking").text)
    assert link is not None
    desk.page.context.clear_cookies()
    desk.page.goto(link[0])
    desk.page.get_by_role("button", name="Yes, order it").click()
    expect(desk.page.get_by_text("You said yes. We order it now, and write when it is done.")).to_be_visible()
