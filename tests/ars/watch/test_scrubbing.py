"""What is taken out of every line, and what is left as it was."""

import logging

import pytest

from ars.watch.scrubbing import HIDDEN, scrub
from tests.ars.watch.lines import logged

log = logging.getLogger(__name__)
SIGNED = "MQ:1vOabc:9p8o7i6u5y4t3r2e1w0qabcdefghijklmnopqrstuvw"

SECRETS = [
    ("device", "Authorization: Bearer ars_device_AbC-123_xyz0987654321", "ars_device_AbC"),
    ("partner", "key ars_warehouse_AbCdEfGh0123456789 was refused", "AbCdEfGh"),
    ("header", "headers {'Authorization': 'Api-Key whatever-it-was-1'}", "whatever-it-was"),
    ("stripe", "Invalid API Key provided: sk_live_51HxYzAbC", "51HxYzAbC"),
    ("restricted", "rk_test_abcdefgh", "abcdefgh"),
    ("webhook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8G"),
    ("intent", "pi_3Abc_secret_9Zyx8 confirmed", "9Zyx8"),
    ("card", "card 4242 4242 4242 4242 declined", "4242"),
    ("card in one", "number=4000056655665556", "4000056655665556"),
    ("mail", "550 no such user <ana.ruiz+ink@example.com>", "ana.ruiz"),
    ("database", "postgresql://ars:pass-word@db.internal/ars", "pass-word"),
    ("form", "password=correct-horse&next=/", "correct-horse"),
    ("printed", "{'line1': '12 Elm Street', 'city': 'Portland'}", "12 Elm"),
    ("quoted", '{"full_name": "Ana Ruiz"}', "Ana Ruiz"),
    ("link", f"Not Found: /pay/{SIGNED}/", "9p8o7i6u5y4t"),
    ("reset", "Not Found: /accounts/password/reset/key/1a-cde-0123456789abcdef/", "0123456789abcdef"),
    ("row", "DETAIL:  Failing row contains (7, Ana Ruiz, 12 Elm Street, Portland).", "Elm Street"),
    ("key", "Key (email)=(ana@example.com) already exists.", "ana@"),
    ("keys", "DETAIL:  Key (line1, city)=(12 Elm Street, Portland) already exists.", "Elm"),
]


@pytest.mark.parametrize(("text", "secret"), [each[1:] for each in SECRETS], ids=[each[0] for each in SECRETS])
def test_it_is_not_written(text: str, secret: str) -> None:
    assert secret in text
    with logged() as lines:
        log.warning("it went wrong: %s", text)
    assert secret not in lines.text
    assert HIDDEN in lines.text


def test_nor_is_it_in_the_text_of_an_error() -> None:
    with logged() as lines:
        try:
            raise ValueError("sk_live_51HxYzAbC of ana@example.com")
        except ValueError:
            log.exception("failed")
    assert "ValueError" in lines.all[0]["exception"]
    assert not any(secret in lines.text for secret in ("51HxYzAbC", "ana@"))


def test_fields_are_hidden_by_their_name_however_deep() -> None:
    event = {"device_token": "x", "order": {"ship_to": "12 Elm Street", "number": 7}, "seen": [{"cvc": "123"}]}
    assert scrub(None, "", event) == {
        "device_token": HIDDEN,
        "order": {"ship_to": HIDDEN, "number": 7},
        "seen": [{"cvc": HIDDEN}],
    }


@pytest.mark.parametrize(
    "text",
    [
        "order 4827-1936-5: charge 12, attempt 1: paid",
        "3f0c2b1a9d8e7f60514233445566778 took 1764356789123 ms",
        "Key (order_id)=(7) is still referenced",
        "https://ink.example.com/admin/orders/order/7/change/",
        "trace b9c0e1f0-4242-4242-4242-424242424242",
        "tracking 1Z999AA10123456784",
    ],
)
def test_what_people_on_call_need_is_left(text: str) -> None:
    with logged() as lines:
        log.warning("%s", text)
    assert lines.all[0]["event"].replace(HIDDEN, "7") == text


def test_a_line_is_one_json_object_with_time_level_and_logger() -> None:
    with logged() as lines:
        log.warning("two\nlines")
    (line,) = lines.all
    assert (line["event"], line["level"], line["logger"]) == ("two\nlines", "warning", __name__)
    assert line["timestamp"].endswith("Z")
