"""Addresses of the fulfilment API."""

from django.urls import path

from orders.api import orders, returns, stock

urlpatterns = [
    path("orders", orders.OrderList.as_view(), name="fulfilment_orders"),
    path("orders/<str:number>", orders.OrderDetail.as_view(), name="fulfilment_order"),
    path("orders/<str:number>/dispatch", orders.OrderDispatch.as_view(), name="fulfilment_dispatch"),
    path("orders/<str:number>/short", orders.OrderShort.as_view(), name="fulfilment_short"),
    path("orders/<str:number>/delivery", orders.OrderDelivery.as_view(), name="fulfilment_delivery"),
    path("orders/<str:number>/return", returns.OrderReturn.as_view(), name="fulfilment_return"),
    path("stock", stock.StockList.as_view(), name="fulfilment_stock"),
    path("stock/expected", stock.StockExpected.as_view(), name="fulfilment_expected"),
    path("stock/receipts", stock.StockReceipts.as_view(), name="fulfilment_receipts"),
]
