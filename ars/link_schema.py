"""The schema's part on links: where the ids of one answer are good for the next request."""

from typing import Any

NUMBER = "$response.body#/number"
FIRST_NUMBER = "$response.body#/results/0/number"
OF_ORDER = ("read_order", "dispatch_order", "short_order", "deliver_order", "return_order")

Link = dict[str, Any]


def _to_order(operation: str, number: str) -> Link:
    return {"operationId": operation, "parameters": {"number": number}}


# By the operation and the status of its answer: its links by their names.
LINKS: dict[tuple[str, str], dict[str, Link]] = {
    ("list_orders", "200"): {name: _to_order(name, FIRST_NUMBER) for name in OF_ORDER},
    ("read_order", "200"): {name: _to_order(name, NUMBER) for name in OF_ORDER[1:]},
    ("dispatch_order", "202"): {name: _to_order(name, NUMBER) for name in ("read_order", "deliver_order")},
    ("short_order", "200"): {"read_order": _to_order("read_order", NUMBER)},
    ("deliver_order", "200"): {name: _to_order(name, NUMBER) for name in ("read_order", "return_order")},
    ("return_order", "201"): {"read_order": _to_order("read_order", NUMBER)},
    ("list_stock", "200"): {
        "book_receipt": {
            "operationId": "book_receipt",
            "requestBody": {"receipt_id": "R-1", "sku": "$response.body#/results/0/sku", "quantity": 1},
        },
        "expect_stock": {
            "operationId": "expect_stock",
            "requestBody": {"sku": "$response.body#/results/0/sku", "expected_on": None},
        },
    },
    ("ask_to_pair", "200"): {
        "fetch_token": {
            "operationId": "fetch_token",
            "requestBody": {
                "client_id": "ars-agent",
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                "device_code": "$response.body#/device_code",
            },
        }
    },
}


def add_links(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Postprocessing hook."""
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if links := LINKS.get((operation["operationId"], status)):
                    response["links"] = links
    return result
