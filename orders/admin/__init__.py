"""Back office of orders."""

from orders.admin import aftercare, decisions, ordering, prices, stock

__all__ = ["aftercare", "decisions", "ordering", "prices", "stock"]
