"""Fixtures of the root's tests."""

from tests.orders.world import world

__all__ = ["world"]
