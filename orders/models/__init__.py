"""The rows of orders: what is ordered and why, the shelf, and what comes after a parcel left."""

from orders.models.aftercare import (
    Complaint,
    ComplaintLine,
    Question,
    Return,
    ReturnLine,
    ReturnReceipt,
    ReturnReceiptLine,
)
from orders.models.ordering import Decision, Dispatch, Order, OrderEvent, OrderLine, Replenishment
from orders.models.prices import LinePromotion, Price, Promotion, TaxRate
from orders.models.stock import Receipt, Reservation, Short, StockEntry, StockItem, StockMovement, Wait

__all__ = [
    "Complaint",
    "ComplaintLine",
    "Decision",
    "Dispatch",
    "LinePromotion",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Price",
    "Promotion",
    "Question",
    "Receipt",
    "Replenishment",
    "Reservation",
    "Return",
    "ReturnLine",
    "ReturnReceipt",
    "ReturnReceiptLine",
    "Short",
    "StockEntry",
    "StockItem",
    "StockMovement",
    "TaxRate",
    "Wait",
]
