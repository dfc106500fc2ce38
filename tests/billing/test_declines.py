"""Reasons in words a customer may read."""

import pytest

from billing import declines


@pytest.mark.parametrize(
    ("code", "advice", "meant"),
    [
        ("insufficient_funds", "try_again_later", "money"),
        ("expired_card", "confirm_card_data", "data"),
        ("generic_decline", "confirm_card_data", "data"),
        ("incorrect_cvc", "", "data"),
        ("generic_decline", "try_again_later", "refused"),
        ("lost_card", "do_not_try_again", "refused"),
        ("a_code_of_tomorrow", "", "refused"),
    ],
)
def test_each_code_is_one_of_three_classes(code: str, advice: str, meant: declines.Class) -> None:
    assert declines.classify(code, advice) == meant


@pytest.mark.parametrize(
    ("code", "advice", "once_more"),
    [
        ("insufficient_funds", "try_again_later", True),
        ("generic_decline", "", True),
        ("processing_error", "try_again_later", True),
        ("generic_decline", "do_not_try_again", False),
        ("insufficient_funds", "do_not_try_again", False),
        ("expired_card", "", False),
        ("generic_decline", "confirm_card_data", False),
        ("stolen_card", "", False),
        ("authentication_required", "", False),
        ("no_card", "", False),
    ],
)
def test_only_what_may_pass_is_tried_again(code: str, advice: str, once_more: bool) -> None:
    assert declines.may_try_again(code, advice) is once_more


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "pickup_card", "fraudulent"])
def test_a_lost_or_stolen_card_is_not_called_so(code: str) -> None:
    assert declines.sentence(code, "do_not_try_again") == "The bank refused this card. Another card works best."
