"""Chromium on pages of the project itself, with the card service's stand-in behind them."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ars.standin.process import Handle, start
from enrollment.models import User
from tests.browser import scene

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)  # its own five seconds are not enough where all processors are busy

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def standin_process() -> Iterator[Handle]:
    handle = start()
    yield handle
    handle.stop()


@pytest.fixture
def standin(standin_process: Handle, settings: Settings) -> Iterator[Handle]:
    """Whoever serves the card field, empty: no page of a test asks Stripe itself."""
    standin_process.flush()
    settings.STRIPE_API_BASE = standin_process.url
    yield standin_process
    standin_process.flush()  # what it would still tell us is for no other test


@pytest.fixture
def ana(transactional_db: None) -> Iterator[User]:
    """Ana's account, on the day it was made for."""
    with time_machine.travel(scene.NOW, tick=True):
        yield scene.ana()


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, standin: Handle) -> Iterator[Open]:
    """Opens an address in a window of its own: so wide, by day or by night, with scripts or without."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", *, width: int = 1280, dark: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(page: Page, user: User) -> None:
    """As a person does, until the next page is there with its styles."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(scene.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
