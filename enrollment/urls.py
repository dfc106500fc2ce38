"""Addresses of the store API."""

from django.urls import path

from enrollment.api import StorePurchases

urlpatterns = [
    path("purchases", StorePurchases.as_view(), name="store_purchases"),
]
