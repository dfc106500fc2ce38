"""Decisions, prices, orders, stock and fulfilment."""
