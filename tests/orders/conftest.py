"""Fixtures of the orders' tests."""

from tests.orders.world import world

__all__ = ["world"]
