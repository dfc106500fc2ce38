"""Pages for anybody: the landing page, the door, and what is said when something is not there or broke."""

import pytest
from django.test import Client, RequestFactory

from ars.account.errors import server_error
from enrollment.models import User
from tests.ars.account.conftest import text_of
from tests.factories import PrinterModelFactory
from tests.post import arrived, latest_link


@pytest.fixture
def stranger(db: None) -> Client:
    return Client()


def test_the_landing_page_counts_eligible_models_alone(stranger: Client) -> None:
    PrinterModelFactory.create()
    PrinterModelFactory.create(eligible=False)
    assert "1 PIXMA model." in text_of(stranger, "/")


def test_the_landing_page_stands_without_a_catalogue(stranger: Client) -> None:
    assert "For these printers" not in text_of(stranger, "/")


def test_one_signs_in_with_address_and_password(stranger: Client, ana: User) -> None:
    ana.set_password("paper and ink")
    ana.save(update_fields=["password"])
    response = stranger.post("/accounts/login/", {"login": ana.email.upper(), "password": "paper and ink"})
    assert (response.status_code, response["Location"]) == (302, "/account/")


def test_a_wrong_password_is_said_above_and_keeps_the_address(stranger: Client, ana: User) -> None:
    response = stranger.post("/accounts/login/", {"login": ana.email, "password": "wrong"})
    html = " ".join(response.content.decode().split())
    assert "<title> Error: Sign in - ARS</title>" in html
    assert 'role="alert"' in html
    assert f'value="{ana.email}"' in html


def test_an_empty_field_is_linked_from_the_summary_and_told_beside_it(stranger: Client) -> None:
    html = stranger.post("/accounts/login/", {"login": "", "password": "x"}).content.decode()
    assert '<a href="#id_login">E-mail address: Type your e-mail address.</a>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_login_error"' in html


def test_signing_out_ends_at_the_landing_page(client: Client) -> None:
    assert "Sign out?" in text_of(client, "/accounts/logout/")
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/account/").status_code == 302


def test_a_forgotten_password_is_replaced_by_a_mailed_link(stranger: Client, ana: User) -> None:
    asked = stranger.post("/accounts/password/reset/", {"email": ana.email})
    assert asked["Location"] == "/accounts/password/reset/done/"
    assert "We have sent you a mail with what to do next." in text_of(stranger, "/accounts/password/reset/done/")
    (sent,) = arrived()
    assert sent.subject == "Choose a new password"
    assert "If it was not you, do nothing: your password stays as it is." in sent.body
    link = latest_link()
    form = stranger.get(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    done = stranger.post(form.redirect_chain[-1][0], {"password1": "calm and dark ink"}, follow=True)
    assert "Your new password is saved" in done.content.decode()
    ana.refresh_from_db()
    assert ana.check_password("calm and dark ink")
    again = stranger.get(link, follow=True)
    assert "This link has done its work" in again.content.decode()


def test_an_unknown_address_gets_the_same_answer(stranger: Client) -> None:
    response = stranger.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert response["Location"] == "/accounts/password/reset/done/"


def test_nothing_here_points_to_what_is_ones_own(stranger: Client) -> None:
    response = stranger.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_broken_page_gives_a_word_that_finds_it_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    response = server_error(RequestFactory().get("/account/"))
    reference = caplog.records[-1].getMessage().split()[2]
    assert response.status_code == 500
    assert len(reference) == 4
    assert f'<strong class="num">{reference}</strong>' in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/password/reset/", "/no/such/page/"])
def test_pages_allow_nothing_from_outside(stranger: Client, path: str) -> None:
    response = stranger.get(path)
    html = response.content.decode()
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert " style=" not in html
    assert "<script" not in html
    assert "<style" not in html
