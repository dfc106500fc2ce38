"""Cards made from numbers or `pm_card_...` names, attached to one customer, of no use once detached."""

from ars.standin import cards, shapes
from ars.standin.cards import Card
from ars.standin.replies import Json, StripeError, no_such
from ars.standin.stand import Call, Stand

WIRE_NUMBER = "4242424242424242"  # what localstripe holds for every card; how a card behaves is ours to say
TEST_EXPIRY = (12, 2034)


async def create(stand: Stand, call: Call) -> Json:
    return await make(stand, call.params)


async def make(stand: Stand, params: Json) -> Json:
    """A new payment method of `{"type": "card", "card": {...}}`; only cards are taken."""
    if params.get("type") != "card" or not isinstance(params.get("card"), dict):
        raise StripeError(400, "The stand-in takes cards only.", param="type")
    wanted = params["card"]
    if token := wanted.get("token"):
        card = cards.by_name(token)
        if card is None:
            raise StripeError(400, f"No such token: '{token}'", code="resource_missing", param="card[token]")
        method = await _keep(stand, card, *TEST_EXPIRY)
    else:
        month, year = int(wanted["exp_month"]), int(wanted["exp_year"])
        card = cards.by_number(str(wanted["number"]).replace(" ", ""))
        cards.refuse_expired(month, year + 2000 if year < 100 else year)
        method = await _keep(stand, card, month, year + 2000 if year < 100 else year)
    _describe(method, params)
    return method


async def _keep(stand: Stand, card: Card, month: int, year: int) -> Json:
    wire = {"number": WIRE_NUMBER, "exp_month": month, "exp_year": year, "cvc": "123"}
    made = await stand.upstream.do("POST", "/v1/payment_methods", {"type": "card", "card": wire})
    stand.cards[made["id"]] = card
    return stand.book.add(shapes.payment_method(made["id"], card, month, year))


def _describe(method: Json, params: Json) -> None:
    details = dict(params.get("billing_details") or {})
    method["billing_details"]["address"] |= details.pop("address", None) or {}
    method["billing_details"] |= details
    shapes.apply(method, params, ("allow_redisplay",))


async def named(stand: Stand, name: str, param: str = "payment_method", status: int = 400) -> Json:
    """The payment method of that id; a test card's name makes a new one, as Stripe does."""
    if (card := cards.by_name(name)) and name.startswith("pm_card_"):
        return await _keep(stand, card, *TEST_EXPIRY)
    return stand.book.get("payment_method", name, param, status)


async def retrieve(stand: Stand, call: Call) -> Json:
    return await named(stand, call.name, "id", 404)


async def update(stand: Stand, call: Call) -> Json:
    method = stand.book.get("payment_method", call.name)
    if change := call.params.get("card"):
        month, year = (
            change.get("exp_month", method["card"]["exp_month"]),
            change.get("exp_year", method["card"]["exp_year"]),
        )
        cards.refuse_expired(month, year)
        method["card"] |= {"exp_month": month, "exp_year": year}
    _describe(method, call.params)
    stand.bell.ring("payment_method.updated", method, call.origin)
    return method


async def attach(stand: Stand, call: Call) -> Json:
    customer = stand.book.live("customer", call.params.get("customer"), "customer")
    method = await named(stand, call.name, "id", 404)
    await attach_to(stand, call, method, customer["id"])
    return method


async def attach_to(stand: Stand, call: Call, method: Json, customer: str) -> None:
    """Raises Stripe's 402 for a card whose bank refuses already here."""
    card = stand.cards[method["id"]]
    refuse_detached(card)
    if method["customer"] not in (None, customer):
        raise StripeError(400, "The payment method you provided has already been attached to a customer.")
    if card.on_attach:
        refused = card.on_attach
        codes = {"decline_code": refused.decline_code, "advice_code": refused.advice_code}
        raise StripeError(402, refused.message, kind="card_error", code=refused.code, more=codes)
    if method["customer"] is None:
        await stand.upstream.do("POST", f"/v1/payment_methods/{method['id']}/attach", {"customer": customer})
        method["customer"] = customer
        stand.bell.ring("payment_method.attached", method, call.origin)


def refuse_detached(card: Card) -> None:
    if card.detached:
        message = (
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
        raise StripeError(400, message)


def refuse_stranger(method: Json, customer: str | None) -> None:
    """A card can be charged for the customer it is attached to, and for nobody else."""
    if method["customer"] == customer:
        return
    if customer is None:
        message = "The payment method you provided is attached to a customer: name that customer in the request."
        raise StripeError(400, message, param="customer")
    message = (
        f"The customer does not have a payment method with the ID {method['id']}. "
        "The payment method must be attached to the customer."
    )
    raise StripeError(400, message, code="resource_missing", param="payment_method")


async def detach(stand: Stand, call: Call) -> Json:
    method = stand.book.get("payment_method", call.name)
    if method["customer"] is None:
        raise StripeError(
            400, "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    owner = method["customer"]
    await release(stand, method)
    stand.bell.ring("payment_method.detached", method, call.origin, {"customer": owner})
    return method


async def release(stand: Stand, method: Json) -> None:
    """Detaches for good; a customer whose default it was has none."""
    await stand.upstream.do("POST", f"/v1/payment_methods/{method['id']}/detach", {})
    settings = (stand.book.find(method["customer"]) or {}).get("invoice_settings", {})
    if settings.get("default_payment_method") == method["id"]:
        settings["default_payment_method"] = None
    method["customer"] = None
    stand.cards[method["id"]].detached = True


async def page(stand: Stand, call: Call) -> Json:
    """`GET /v1/payment_methods?customer=` and `GET /v1/customers/{id}/payment_methods`; without customer: none."""
    customer = call.name if call.names else call.params.get("customer")
    if customer:
        stand.book.live("customer", customer, "customer")
    wanted = call.params.get("type", "card")
    return stand.book.page(
        "payment_method",
        call.params,
        call.path,
        lambda method: bool(customer) and method["customer"] == customer and method["type"] == wanted,
    )


async def of_customer(stand: Stand, call: Call) -> Json:
    """`GET /v1/customers/{id}/payment_methods/{pm}`."""
    method = stand.book.get("payment_method", call.names[1])
    if method["customer"] != call.name:
        raise no_such("payment_method", method["id"], "id")
    return method
