"""Back office of money: cards and charges, what staff give back, disputes, and the books."""

from billing.admin import books, cards, charges, disputes, requests

__all__ = ["books", "cards", "charges", "disputes", "requests"]
