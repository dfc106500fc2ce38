"""Lists: newest first, in pages, by customer, time and intent, as an accountant would read them."""

from ars.standin.process import Handle
from tests.standin.shop import Shop, refusal


def test_charges_are_listed_newest_first(shop: Shop) -> None:
    card = shop.card()
    shipped = [shop.ship(shop.order(card, amount=amount).id).latest_charge for amount in (1000, 2000, 3000)]
    listed = shop.sdk.charges.list()
    assert [charge.id for charge in listed.data] == shipped[::-1]
    assert listed.has_more is False


def test_intents_come_in_pages_either_way(shop: Shop) -> None:
    card = shop.card()
    fifth, fourth, third, second, first = (shop.order(card).id for _ in range(5))
    page = shop.sdk.payment_intents.list({"limit": 2})
    assert ([one.id for one in page.data], page.has_more) == ([first, second], True)
    page = shop.sdk.payment_intents.list({"limit": 2, "starting_after": second})
    assert ([one.id for one in page.data], page.has_more) == ([third, fourth], True)
    page = shop.sdk.payment_intents.list({"limit": 2, "ending_before": fourth})
    assert ([one.id for one in page.data], page.has_more) == ([second, third], True)
    page = shop.sdk.payment_intents.list({"starting_after": fourth})
    assert ([one.id for one in page.data], page.has_more) == ([fifth], False)


def test_auto_paging_sees_each_once(shop: Shop) -> None:
    card = shop.card()
    made = [shop.order(card).id for _ in range(7)]
    seen = [intent.id for intent in shop.sdk.payment_intents.list({"limit": 3}).auto_paging_iter()]
    assert seen == made[::-1]


def test_lists_are_narrowed_by_customer(standin: Handle, shop: Shop) -> None:
    other = Shop(standin.url)
    mine, theirs = shop.ship(shop.order().id), other.ship(other.order().id)
    assert [one.id for one in shop.sdk.payment_intents.list({"customer": shop.customer}).data] == [mine.id]
    assert [one.payment_intent for one in shop.sdk.charges.list({"customer": other.customer}).data] == [theirs.id]


def test_lists_are_narrowed_by_time(shop: Shop) -> None:
    intent = shop.order()
    at = intent.created
    assert len(shop.sdk.payment_intents.list({"created": {"gte": at, "lt": at + 1}}).data) == 1
    assert shop.sdk.payment_intents.list({"created": {"gt": at}}).data == []
    assert shop.sdk.payment_intents.list({"created": {"lt": at}}).data == []


def test_refunds_are_listed_by_intent(shop: Shop) -> None:
    card = shop.card()
    first, second = (shop.ship(shop.order(card).id).id for _ in range(2))
    refunds = [shop.sdk.refunds.create({"payment_intent": one, "amount": 100}).id for one in (first, second)]
    assert [refund.id for refund in shop.sdk.refunds.list().data] == refunds[::-1]
    assert [refund.id for refund in shop.sdk.refunds.list({"payment_intent": first}).data] == refunds[:1]


def test_elements_of_a_list_can_be_expanded(shop: Shop) -> None:
    shop.ship(shop.order().id)
    [charge] = shop.sdk.charges.list({"expand": ["data.payment_intent"]}).data
    assert not isinstance(charge.payment_intent, str)
    assert charge.payment_intent is not None
    assert charge.payment_intent.amount == 1999


def test_a_page_holds_at_most_a_hundred(shop: Shop) -> None:
    assert refusal(lambda: shop.sdk.charges.list({"limit": 101}))["param"] == "limit"


def test_a_deleted_customer_is_told_and_not_listed(shop: Shop) -> None:
    card = shop.card()
    shop.sdk.customers.delete(shop.customer)
    assert shop.sdk.customers.retrieve(shop.customer).deleted is True
    assert shop.sdk.customers.list().data == []
    assert shop.sdk.payment_methods.retrieve(card).customer is None
