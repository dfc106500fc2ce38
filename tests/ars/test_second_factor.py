"""What makes an authenticator app's numbers is sealed in the database, and survives a change of SECRET_KEY."""

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.test import Client
from pytest_django.fixtures import Settings

from ars.account.second_factor import Adapter
from enrollment.models import User
from tests.ars.test_back_door import BACK_OFFICE, PASSWORD, SECOND_FACTOR, number, sign_in
from tests.staff import SECRET, with_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return with_second_factor(User.objects.create_superuser("boss@example.com", PASSWORD))


def kept() -> str:
    secret: str = Authenticator.objects.get(type="totp").data["secret"]
    return secret


def gets_in() -> bool:
    client = Client()
    sign_in(client)
    client.post(SECOND_FACTOR, {"code": number()})
    return client.get(BACK_OFFICE).status_code == 200


def test_a_copy_of_the_database_makes_no_numbers(boss: User) -> None:
    assert SECRET not in kept()
    assert gets_in()


def test_one_kept_in_the_clear_before_opens_and_is_sealed_by_it(boss: User) -> None:
    Authenticator.objects.update(data={"secret": SECRET})
    assert gets_in()
    assert SECRET not in kept()


def test_a_new_key_takes_over_at_the_next_sign_in(boss: User, settings: Settings) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "new"
    with pytest.raises(InvalidToken):
        gets_in()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert gets_in()
    settings.SECRET_KEY_FALLBACKS = []
    assert Adapter().decrypt(kept()) == SECRET
