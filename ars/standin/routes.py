"""The part of Stripe's API that the stand-in answers itself: address, the SDK's parameter type, handler."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ars.standin import charging, customers, payment_intents, payment_methods, records, refunds, setup_intents
from ars.standin.params import check
from ars.standin.replies import Json
from ars.standin.stand import Call, Stand

Handler = Callable[[Stand, Call], Awaitable[Json]]

BROWSER_ONLY = ("client_secret", "key", "payment_method_data", "payment_user_agent", "referrer", "use_stripe_sdk")
BY_BROWSER = re.compile(r"(GET /v1/\w+_intents/\w+|POST /v1/\w+_intents/\w+/(confirm|cancel|_authenticate))")


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    params: str | None
    handler: Handler

    def parse(self, raw: Json, *, browser: bool) -> tuple[Json, Json | None]:
        """Checked parameters, and beside them what only the browser's script may send."""
        told = {name: raw[name] for name in BROWSER_ONLY if name in raw} if browser else None
        mine = {name: value for name, value in raw.items() if name not in (told or {})}
        return (check(self.params, mine) if self.params else mine), told


def _route(line: str, handler: Handler) -> Route:
    method, path, *params = line.split()
    pattern = re.compile(path.replace("*", r"([^/]+)"))
    return Route(method, pattern, params[0] if params else None, handler)


ROUTES = [
    _route("POST /v1/customers CustomerCreateParams", customers.create),
    _route("GET /v1/customers CustomerListParams", customers.page),
    _route("GET /v1/customers/* CustomerRetrieveParams", customers.retrieve),
    _route("POST /v1/customers/* CustomerUpdateParams", customers.update),
    _route("DELETE /v1/customers/* CustomerDeleteParams", customers.delete),
    _route("GET /v1/customers/*/payment_methods CustomerListPaymentMethodsParams", payment_methods.page),
    _route("GET /v1/customers/*/payment_methods/*", payment_methods.of_customer),
    _route("POST /v1/payment_methods PaymentMethodCreateParams", payment_methods.create),
    _route("GET /v1/payment_methods PaymentMethodListParams", payment_methods.page),
    _route("GET /v1/payment_methods/* PaymentMethodRetrieveParams", payment_methods.retrieve),
    _route("POST /v1/payment_methods/* PaymentMethodUpdateParams", payment_methods.update),
    _route("POST /v1/payment_methods/*/attach PaymentMethodAttachParams", payment_methods.attach),
    _route("POST /v1/payment_methods/*/detach PaymentMethodDetachParams", payment_methods.detach),
    _route("POST /v1/setup_intents SetupIntentCreateParams", setup_intents.create),
    _route("GET /v1/setup_intents SetupIntentListParams", setup_intents.page),
    _route("GET /v1/setup_intents/* SetupIntentRetrieveParams", setup_intents.retrieve),
    _route("POST /v1/setup_intents/* SetupIntentUpdateParams", setup_intents.update),
    _route("POST /v1/setup_intents/*/confirm SetupIntentConfirmParams", setup_intents.confirm),
    _route("POST /v1/setup_intents/*/cancel SetupIntentCancelParams", setup_intents.cancel),
    _route("POST /v1/setup_intents/*/_authenticate", setup_intents.authenticate),
    _route("POST /v1/payment_intents PaymentIntentCreateParams", payment_intents.create),
    _route("GET /v1/payment_intents PaymentIntentListParams", payment_intents.page),
    _route("GET /v1/payment_intents/* PaymentIntentRetrieveParams", payment_intents.retrieve),
    _route("POST /v1/payment_intents/* PaymentIntentUpdateParams", payment_intents.update),
    _route("POST /v1/payment_intents/*/confirm PaymentIntentConfirmParams", payment_intents.confirm),
    _route("POST /v1/payment_intents/*/cancel PaymentIntentCancelParams", payment_intents.cancel),
    _route("POST /v1/payment_intents/*/capture PaymentIntentCaptureParams", payment_intents.capture),
    _route("POST /v1/payment_intents/*/_authenticate", charging.authenticate),
    _route("GET /v1/charges ChargeListParams", records.charges),
    _route("GET /v1/charges/* ChargeRetrieveParams", records.charge),
    _route("POST /v1/charges/* ChargeUpdateParams", records.update_charge),
    _route("POST /v1/refunds RefundCreateParams", refunds.create),
    _route("GET /v1/refunds RefundListParams", refunds.page),
    _route("GET /v1/refunds/* RefundRetrieveParams", refunds.retrieve),
    _route("POST /v1/refunds/* RefundUpdateParams", refunds.update),
    _route("GET /v1/events EventListParams", records.events),
    _route("GET /v1/events/*", records.event),
    _route("GET /v1/account", records.account),
]


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, found.groups()
    return None
