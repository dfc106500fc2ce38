"""An owner takes the printer's token away: at once, with the cause, and with a way back."""

from django.test import Client

from enrollment.models import Plan
from printers import tokens
from printers.models import DeviceToken
from tests.ars.account.conftest import text_of
from tests.factories import NOW, UserFactory


def path(plan: Plan) -> str:
    return f"/account/replenishment/{plan.pk}/disconnect/"


def connect(plan: Plan) -> DeviceToken:
    assert plan.printer is not None
    tokens.issue(plan.printer)
    return DeviceToken.objects.get()


def test_the_plan_page_leads_there_and_looking_changes_nothing(client: Client, plan: Plan) -> None:
    token = connect(plan)
    assert path(plan) in client.get(f"/account/replenishment/{plan.pk}/").content.decode()
    assert "Disconnect Front desk?" in text_of(client, path(plan))
    assert tokens.is_live(bytes(token.token_hash))


def test_the_button_ends_the_token_and_keeps_the_plan(client: Client, plan: Plan) -> None:
    token = connect(plan)
    for _ in range(2):
        assert client.post(path(plan))["Location"] == f"/account/replenishment/{plan.pk}/"
    token.refresh_from_db()
    assert (token.revoked_at, token.revoked_cause) == (NOW, "disconnected by its owner")
    text = text_of(client, f"/account/replenishment/{plan.pk}/")
    assert "Front desk is disconnected." in text
    assert "Connect it again" in text
    assert Plan.objects.get().status == "active"


def test_nobody_disconnects_anothers_printer(plan: Plan) -> None:
    token = connect(plan)
    ben = Client()
    ben.force_login(UserFactory.create())
    assert ben.post(path(plan)).status_code == 404
    assert Client().post(path(plan))["Location"].startswith("/accounts/login/")
    assert tokens.is_live(bytes(token.token_hash))
