"""Who may go where: each address, the method tried, and what becomes of everybody who knocks."""

import re

from tests.ars.access_admin import ADDS, ADMIN, RIGHTS, SEES
from tests.ars.access_callers import (
    ACCOUNT,
    BACK_OFFICE,
    ONCE_MORE,
    OWN_ORDER,
    OWN_PLAN,
    ROLES,
    Outcome,
    everybody,
    people,
    store,
    warehouse,
)

# By the address's pattern: the method tried, and what becomes of each of OTHERS. A POST is empty: 400 means let in.
# Roles are staff: they fare as staff without rights do, but on the pages of models, where RIGHTS says who may what.
TABLE: dict[str, tuple[str, tuple[Outcome, ...]]] = {
    "healthz": ("GET", everybody(200)),
    "readyz": ("GET", everybody(200)),
    "metrics": ("GET", everybody(200)),  # they ask from a private address, through no proxy: see test_metrics.py
    "api/v1/telemetry": ("POST", (401, 400, 401, 401, 401, 401, 401)),
    "api/v1/device": ("DELETE", (401, 204, 401, 401, 401, 401, 401)),
    "api/v1/device/heartbeat": ("POST", (401, 400, 401, 401, 401, 401, 401)),
    "oauth/device_authorization": ("POST", everybody(400)),  # the form is JSON here, and so refused
    "oauth/token": ("POST", everybody(400)),
    "^oauth(?:/.*)?$": ("GET", everybody(404)),
    ".well-known/oauth-authorization-server": ("GET", everybody(200)),
    "api/v1/fulfilment/orders": ("GET", warehouse(200)),
    "api/v1/fulfilment/orders/<str:number>": ("GET", warehouse(200)),
    "api/v1/fulfilment/orders/<str:number>/dispatch": ("POST", warehouse(400)),
    "api/v1/fulfilment/orders/<str:number>/short": ("POST", warehouse(400)),
    "api/v1/fulfilment/orders/<str:number>/delivery": ("POST", warehouse(400)),
    "api/v1/fulfilment/orders/<str:number>/return": ("POST", warehouse(400)),
    "api/v1/fulfilment/stock": ("GET", warehouse(200)),
    "api/v1/fulfilment/stock/expected": ("POST", warehouse(400)),
    "api/v1/fulfilment/stock/receipts": ("POST", warehouse(400)),
    "api/v1/store/purchases": ("POST", store(400)),
    "api/schema/": ("GET", everybody(200)),
    "api/docs/": ("GET", everybody(200)),
    "webhooks/stripe": ("POST", everybody(400)),  # Stripe's signature is its credential
    "^(?:api|webhooks)(?:/.*)?$": ("GET", everybody(404)),
    "accounts/": ("GET", people(200, 200, 200)),
    "accounts/signup/": ("GET", people(ACCOUNT, ACCOUNT, ACCOUNT, nobody=200)),
    "accounts/login/": ("GET", people(ACCOUNT, ACCOUNT, ACCOUNT, nobody=200)),
    "accounts/login/code/": ("GET", people(ACCOUNT, ACCOUNT, ACCOUNT, nobody=200)),
    "accounts/login/code/confirm/": ("GET", people(ACCOUNT, ACCOUNT, ACCOUNT, nobody="/accounts/login/code/")),
    "accounts/reauthenticate/": ("GET", people(200, 200, 200)),
    "accounts/email/": ("GET", people(200, 200, 200)),
    "accounts/confirm-email/": ("GET", people("/accounts/email/", "/accounts/email/", "/accounts/email/")),
    "accounts/password/change/": ("GET", people(200, 200, 200)),
    "accounts/password/set/": ("GET", people(*["/accounts/password/change/"] * 3)),
    "accounts/2fa/": ("GET", people(404, 404, 200)),
    "accounts/2fa/authenticate/": ("GET", people(ACCOUNT, ACCOUNT, ACCOUNT)),
    "accounts/2fa/reauthenticate/": ("GET", people(404, 404, 200)),
    "accounts/2fa/totp/activate/": ("GET", people(404, 404, ONCE_MORE)),
    "accounts/2fa/totp/deactivate/": ("GET", people(404, 404, ONCE_MORE)),
    "accounts/2fa/recovery-codes/": ("GET", people(404, 404, 404)),
    "accounts/2fa/recovery-codes/generate/": ("GET", people(404, 404, ONCE_MORE)),
    "accounts/2fa/recovery-codes/download/": ("GET", people(404, 404, 404)),
    "accounts/logout/": ("GET", people(200, 200, 200, nobody="/")),
    "accounts/sign-out-elsewhere/": ("POST", people(*["/accounts/"] * 3)),
    "accounts/inactive/": ("GET", everybody(200)),
    "accounts/password/reset/": ("GET", everybody(200)),
    "accounts/password/reset/done/": ("GET", everybody(200)),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": ("GET", everybody(200)),
    "accounts/password/reset/key/done/": ("GET", everybody(200)),
    "": ("GET", everybody(200)),
    "printers/": ("GET", everybody(200)),
    "printers/<slug:slug>/": ("GET", everybody(200)),
    "prices/": ("GET", everybody(200)),
    "download/ars-agent.pyz": ("GET", everybody(404)),  # never built here
    "help/": ("GET", everybody(200)),
    "terms/": ("GET", everybody(200)),
    "privacy/": ("GET", everybody(200)),
    "robots.txt": ("GET", everybody(200)),
    "sitemap.xml": ("GET", everybody(200)),
    "styleguide/": ("GET", everybody(404)),  # for those who build pages: DEBUG only
    "download/": ("GET", everybody(200)),
    "instructions/": ("GET", everybody(200)),
    "enroll/": ("GET", everybody(200)),
    "enroll/<slug:series>/": ("GET", everybody(200)),
    "enroll/printer/<slug:slug>/": ("GET", everybody(200)),  # a stranger is shown the way to an account
    "activate/": ("GET", people(200, 200, 200)),
    "activate/answer/": ("POST", people(200, 200, 200)),  # without a code: asked for it
    "activate/<int:plan_id>/": ("GET", people(404, 200, 404)),
    "welcome/<str:signed>/": ("GET", everybody(200)),  # the link is the credential; a POST asks for more
    "pay/<str:signed>/": ("GET", everybody(200)),  # so is this one, for one order's payment
    "pay/<str:signed>/again/": ("POST", everybody("/pay/1/")),
    "pay/<str:signed>/cancel/": ("POST", everybody("/pay/1/")),
    "pay/<str:signed>/confirm/": ("POST", everybody("/pay/1/")),
    "pay/<str:signed>/confirm/secret/": ("GET", everybody(405)),  # POST alone, likewise
    "pay/<str:signed>/card/": ("GET", everybody(405)),  # POST alone, which asks the card service
    "account/card/": ("GET", people(405, 405, 405)),
    "mail/order/<str:signed>/": ("GET", everybody(200)),  # likewise, each for one purpose and one thing
    "mail/cancel/<str:signed>/": ("GET", everybody(200)),
    "mail/waiting/<str:signed>/": ("GET", everybody(200)),
    "mail/asked/<str:signed>/": ("GET", everybody(200)),
    "mail/claim/<str:signed>/": ("GET", everybody(200)),
    "account/": ("GET", people(200, 200, 200)),
    "account/replenishment/": ("GET", people(200, 200, 200)),
    "account/replenishment/<int:plan_id>/": ("GET", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/disconnect/": ("GET", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/set-up/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/consent/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/how-to-activate/": ("GET", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/shipping-address/": ("POST", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/payment-method/": ("POST", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/name/": ("GET", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/when-low/": ("POST", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/pause/": ("GET", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/resume/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/cancel/": ("POST", people(404, f"{OWN_PLAN}cancel/", 404)),
    "account/replenishment/<int:plan_id>/start-again/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/cartridges/<int:slot_id>/": ("POST", people(404, 200, 404)),
    "account/replenishment/<int:plan_id>/cartridges/<int:slot_id>/skip/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/cartridges/<int:slot_id>/unskip/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/cartridges/<int:slot_id>/order/": ("POST", people(404, OWN_PLAN, 404)),
    "account/replenishment/<int:plan_id>/cartridges/<int:slot_id>/spare/": ("POST", people(404, "/activate/1/", 404)),
    "account/replenishment/<int:plan_id>/cartridges/<int:slot_id>/why/": ("GET", people(404, 200, 404)),
    "account/orders/": ("GET", people(200, 200, 200)),
    "account/orders/<order_number:number>/": ("GET", people(404, 200, 404)),
    "account/orders/<order_number:number>/cancel/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/pay/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/try-again/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/confirm/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/confirm/secret/": ("POST", people(404, 409, 404)),  # nothing to confirm
    "account/orders/<order_number:number>/keep/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/again/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/problem/": ("GET", people(404, OWN_ORDER, 404)),  # it has not left us
    "account/orders/<order_number:number>/return/": ("GET", people(404, f"{OWN_ORDER}problem/", 404)),
    "account/orders/<order_number:number>/receipt/": ("GET", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/receipt/mail/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/has-it-come/": ("POST", people(404, OWN_ORDER, 404)),
    "account/orders/<order_number:number>/is-it-in/": ("POST", people(404, OWN_ORDER, 404)),
    "has-it-come/<str:signed>/": ("POST", everybody(410)),  # the link is the credential, and one to activate is none
    "is-it-in/<str:signed>/": ("POST", everybody(410)),
    "account/notifications/": ("GET", people(200, 200, 200)),
    "account/notifications/<int:message_id>/": ("GET", people(404, 200, 404)),
    "account/data/": ("GET", people(200, 200, 200)),
    "account/data/export/": ("GET", people(200, 200, 200)),
    "account/data/delete/": ("POST", people(ONCE_MORE, ONCE_MORE, 200)),  # staff read that they cannot
    "account/data/deleted/": ("GET", everybody(200)),
    **ADMIN,
}
OWN = {"printers", "enrollment", "orders", "billing", "notifications"}
OF_MODEL = re.compile(r"admin/([a-z]+)/([a-z]+)/(|add/|<path:object_id>/change/)")


def expected_of(address: str, listed: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """What each caller gets: as listed, and the roles as staff without rights, or as they may on a model's page."""
    page = OF_MODEL.fullmatch(address)
    if page is None or address in TABLE:
        return (*listed, *(_of_frame(role, address, listed[-1]) for role in ROLES))
    model, below = f"{page[1]}.{page[2]}", page[3]
    if below == "add/":
        if page[1] not in OWN:
            return (*listed, *(403,) * (len(ROLES) - 1), 200)
        return (*listed, *(200 if model in ADDS.get(role, "").split() else 403 for role in ROLES))
    seen = 200 if not below else BACK_OFFICE  # there is no such object
    return (*listed, *(seen if role == "superuser" or model in SEES[role].split() else 403 for role in ROLES))


def _of_frame(role: str, address: str, otherwise: Outcome) -> Outcome:
    """Beside the pages of models: an app's list of those one may see; a superuser may delete what is not ours."""
    if address in RIGHTS:
        who, gets = RIGHTS[address]
        return gets if role in who else otherwise
    if address.endswith(")/$") and "app_label" in address:  # of printers: the first app
        return 200 if role == "superuser" or "printers." in SEES[role] else otherwise
    deletes = re.fullmatch(r"admin/([a-z]+)/[a-z]+/<path:object_id>/delete/", address)
    return BACK_OFFICE if role == "superuser" and deletes and deletes[1] not in OWN else otherwise
