"""Customers: whom cards belong to."""

from ars.standin import shapes
from ars.standin.payment_methods import attach_to, named, refuse_stranger, release
from ars.standin.replies import Json
from ars.standin.stand import Call, Stand

FIELDS = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping", "tax_exempt")
TOLD = ("description", "email", "name", "phone")  # what localstripe is told; the book holds the rest


async def create(stand: Stand, call: Call) -> Json:
    method = await named(stand, call.params["payment_method"]) if "payment_method" in call.params else None
    told = {name: call.params[name] for name in TOLD if call.params.get(name)}
    customer = shapes.customer((await stand.upstream.do("POST", "/v1/customers", told))["id"])
    shapes.apply(customer, call.params, FIELDS)
    stand.book.add(customer)
    stand.bell.ring("customer.created", customer, call.origin)
    if method:
        await attach_to(stand, call, method, customer["id"])
    _set_default(stand, customer, call.params)
    return customer


async def update(stand: Stand, call: Call) -> Json:
    customer = _living(stand, call)
    _set_default(stand, customer, call.params)
    shapes.apply(customer, call.params, FIELDS)
    stand.bell.ring("customer.updated", customer, call.origin)
    return customer


async def delete(stand: Stand, call: Call) -> Json:
    customer = _living(stand, call)
    for method in stand.book.all("payment_method"):
        if method["customer"] == customer["id"]:
            await release(stand, method)
    await stand.upstream.do("DELETE", f"/v1/customers/{customer['id']}")
    stub = stand.book.remove(customer)
    stand.bell.ring("customer.deleted", customer, call.origin)
    return stub


async def retrieve(stand: Stand, call: Call) -> Json:
    """A deleted customer is still answered, with `deleted: true`."""
    return stand.book.get("customer", call.name)


async def page(stand: Stand, call: Call) -> Json:
    email = call.params.get("email")
    return stand.book.page("customer", call.params, call.path, lambda one: email is None or one["email"] == email)


def _living(stand: Stand, call: Call) -> Json:
    return stand.book.live("customer", call.name, "id")


def _set_default(stand: Stand, customer: Json, params: Json) -> None:
    settings = params.get("invoice_settings") or {}
    if "default_payment_method" not in settings:
        return
    wanted = settings["default_payment_method"] or None
    if wanted:
        method = stand.book.get("payment_method", wanted, "invoice_settings[default_payment_method]", 400)
        refuse_stranger(method, customer["id"])
    customer["invoice_settings"]["default_payment_method"] = wanted
