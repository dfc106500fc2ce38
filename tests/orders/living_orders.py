"""What happens to single orders: packed, charged, cancelled, missed, delivered, sent back, complained of."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from orders import lifecycle, replacements, returns, wishes
from orders.models import Order
from tests.orders.life import LEFT, NOT_PACKED, Parcel
from tests.orders.living import ANY, Living
from tests.orders.parcels import all_of, seen


class LivingOrders(Living):
    """The same with what happens to single orders."""

    @precondition(Living.some_orders)
    @rule(which=ANY, number=st.integers(1, 2), stale=st.booleans(), carrier=st.sampled_from(["UPS", "UPS", "USPS"]))
    def is_packed(self, which: int, number: int, stale: bool, carrier: str) -> None:
        row, order = self.order(which)
        place = sorted(self.life.orders).index(order.key)
        name = f"D-{place - place % number}"  # some ids are sent for another order, too
        body: dict[str, Any] = {"carrier": carrier, "tracking_number": "12", "revision": order.revision - stale}
        known = self.dispatches.get(name)
        code = "id_reused" if known not in (None, (order.key, str(body))) else ""
        if known is None:
            free = order.status == "released" and not order.held
            code = "order_changed" if stale else "" if free else "not_packed"
        done = self.refused(code, lifecycle.dispatch, row, self.partner, name, body, self.now)
        if done and known is None:
            self.dispatches[name] = (order.key, str(body))
            order.status, order.dispatched = "packed", True

    @precondition(Living.some_orders)
    @rule(which=ANY, go=st.booleans())
    def is_checked(self, which: int, go: bool) -> None:
        """Staff hold it, or let it go."""
        row, order = self.order(which)
        may = order.status in NOT_PACKED and not (order.status == "payment_failed" and order.dispatched)
        if go:
            changed = lifecycle.let_pack(row, self.now, "staff")
            assert changed == (order.held and order.status in NOT_PACKED)
        else:
            code = "" if may or order.held else "not_stopped"
            changed = self.refused(code, lifecycle.stop_packing, row, "Two in a day", self.now, "staff")
            assert bool(changed) == (may and not order.held)
        if changed:
            order.held, order.revision = not go, order.revision + 1

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def is_charged(self, which: int) -> None:
        _, order = self.order(which)
        assert lifecycle.ship(order.key, self.now, "Stripe", "Charged.") == (order.status == "packed")
        if order.status == "packed":
            order.status = "shipped"
            self.life.on_hand -= order.pieces

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def is_declined(self, which: int) -> None:
        _, order = self.order(which)
        assert lifecycle.hold(order.key, self.now, "Stripe", "Declined.") == (order.status == "packed")
        order.status = "payment_failed" if order.status == "packed" else order.status

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def is_charged_again(self, which: int) -> None:
        row, order = self.order(which)
        may = order.status == "payment_failed" and order.dispatched
        assert lifecycle.take_off_hold(row, self.now, "billing", "Once more.") == may
        order.status = "packed" if may else order.status

    @precondition(Living.some_orders)
    @rule(which=ANY, by_customer=st.booleans())
    def is_cancelled(self, which: int, by_customer: bool) -> None:
        row, order = self.order(which)
        code = "" if order.status in NOT_PACKED else "not_cancelled"
        if by_customer:
            self.refused(code, wishes.cancel, row, self.now)
        else:
            self.refused(code, lifecycle.cancel, row, self.now, "staff", "Ended.", by_customer=False)
        if not code:
            self.life.cancel(order, again=not by_customer)

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def is_kept(self, which: int) -> None:
        row, order = self.order(which)
        assert wishes.keep_waiting(row, self.now) == (order.status == "backordered")
        order.kept |= order.status == "backordered"

    @precondition(Living.some_orders)
    @rule(which=ANY, sku=st.integers(0, 1))
    def is_not_found(self, which: int, sku: int) -> None:
        row, order = self.order(which)
        key = sorted(order.pieces)[sku % len(order.pieces)]
        code = "" if order.status == "released" else "not_released"
        missing = [{"sku": next(each.code for each in self.street.skus if each.pk == key), "quantity": 1}]
        name = f"S-{order.key}-{row.events.count()}"
        self.refused(code, lifecycle.short, row, self.partner, name, missing, self.now)
        if not code:
            self.life.wait(order, self.now)
            self.life.on_hand[key] -= 1
            self.life.missed[key] = self.now

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def arrives(self, which: int) -> None:
        row, order = self.order(which)
        code = "" if order.status in LEFT else "not_delivered"
        done = self.refused(code, lifecycle.deliver, row, self.now, self.now, "carrier")
        assert code or done == (order.status == "shipped")
        order.status = "delivered" if order.status == "shipped" else order.status

    @precondition(Living.some_orders)
    @rule(which=ANY, number=st.integers(1, 2), pieces=st.sampled_from([1, 1, 1, 2]), accepted=st.booleans())
    def comes_back(self, which: int, number: int, pieces: int, accepted: bool) -> None:
        """All of it, or one line; told again under the same id; more than there was."""
        row, order = self.order(which)
        lines = list(row.lines.select_related("sku").order_by("pk"))[:number]
        sent = [{"sku": line.sku.code, "quantity": pieces, "accepted": accepted} for line in lines]
        name = f"B-{order.key}-{number}"
        known = self.returns.get(name)
        code = "" if known in (None, str(sent)) else "id_reused"
        if known is None and order.status not in (*LEFT, "returned"):
            code = "not_returned"
        elif known is None and (pieces > 1 or order.back & {line.pk for line in lines}):
            code = "more_than_shipped"
        done = self.refused(code, returns.receive, self.partner, row, name, sent, self.now)
        if done and done[1]:
            self.returns[name] = str(sent)
            order.back |= {line.pk for line in lines}
            order.status = "returned" if len(order.back) == row.lines.count() else order.status
            self.life.nobody_waits_for(order, Counter(line.sku_id for line in lines))

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def is_announced(self, which: int) -> None:
        row, order = self.order(which)
        code = "" if order.left() else "not_left" if order.status not in LEFT else "too_many"
        if not code and not returns.may_be_sent_back(row, self.now):
            code = "too_late"
        self.refused(code, returns.announce, row, all_of(row), self.now, seen=seen(row))
        order.announced |= not code

    @precondition(Living.some_orders)
    @rule(which=ANY)
    def is_complained_of(self, which: int) -> None:
        """New ones are sent for all of it: for the need that still waited for the old one."""
        row, order = self.order(which)
        code = "" if order.left() else "not_left" if order.status not in LEFT else "too_many"
        self.refused(code, replacements.complain, row, "damaged", all_of(row), self.now, seen=seen(row))
        if code:
            return
        order.status = "delivered"
        for new in Order.objects.filter(replaces=row).exclude(pk__in=self.life.orders).order_by("pk"):
            lines = list(new.lines.all())
            pieces = Counter(line.sku_id for line in lines)
            known = Parcel(new.pk, new.plan_id, "backordered", pieces, self.now, free=True)
            self.life.orders[new.pk] = known
            order.replaced_by.append(known)
            self.life.take_over(order, known)
        assert order.replaced() == order.pieces
