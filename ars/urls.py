"""Every address of the service."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from ars.account.errors import server_error
from ars.converters import OrderNumberConverter
from ars.errors import unknown_address
from ars.health import healthz, readyz
from ars.schema import SchemaView, docs
from ars.watch.metrics import metrics
from billing.webhooks import stripe_webhook
from enrollment import oauth
from printers import device
from printers.telemetry import report

register_converter(OrderNumberConverter, "order_number")

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/telemetry", report, name="telemetry"),
    path("api/v1/device", device.deregister, name="device"),
    path("api/v1/device/heartbeat", device.heartbeat, name="heartbeat"),
    path("oauth/device_authorization", oauth.device_authorization, name="device_authorization"),
    path("oauth/token", oauth.token, name="token"),
    re_path(r"^oauth(?:/.*)?$", oauth.unknown_address, name="unknown_oauth_address"),
    path(".well-known/oauth-authorization-server", oauth.metadata, name="oauth_metadata"),
    path("api/v1/store/", include("enrollment.urls")),
    path("api/v1/fulfilment/", include("orders.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", docs, name="docs"),
    path("webhooks/stripe", stripe_webhook, name="stripe_webhook"),
    re_path(r"^(?:api|webhooks)(?:/.*)?$", unknown_address, name="unknown_address"),
    path("accounts/", include("ars.account.doors")),
    path("admin/", include("ars.backoffice.urls")),
    path("admin/", admin.site.urls),
    path("", include("ars.site.urls")),
    path("", include("ars.account.urls")),
]

handler500 = server_error
