"""A site that really serves, people who are signed in, and tabs that are watched."""

from functools import cached_property
from typing import Any, ClassVar, Literal

import pytest
from django.conf import settings
from django.test import Client, LiveServerTestCase, override_settings
from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, expect

from recommendations.actions import fixtures
from recommendations.models import User
from tests.base import GuardedTransactionTestCase
from tests.browser.watch import Watch
from tests.depth import IS_DEEP
from tests.loaded import FIXTURES, write_demonstration

PHONE, DESK = 375, 1280
WIDTHS = (PHONE, DESK)
HEIGHTS = {PHONE: 812, DESK: 900}

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

PATIENCE = 30_000
"""Milliseconds after which something that a test waits for counts as missing."""

expect.set_options(timeout=PATIENCE)


class Tab:
    """One tab of a browser of its own, somewhere on the site."""

    def __init__(self, context: BrowserContext, address: str, width: int) -> None:
        self.address, self.width = address, width
        self.watch = Watch(context, address)
        self.context = context
        self.page: Page = context.new_page()

    @cached_property
    def _inspector(self) -> CDPSession:
        return self.context.new_cdp_session(self.page)

    def resize(self, width: int) -> None:
        """Another width of the page alone: that of the window as well would cost twice as much."""
        if width != self.width:
            self.width = width
            size = {"width": width, "height": HEIGHTS.get(width, HEIGHTS[PHONE])}
            told = {**size, "deviceScaleFactor": 1, "mobile": False}
            self._inspector.send("Emulation.setDeviceMetricsOverride", told)

    @property
    def path(self) -> str:
        """Where the tab is, without the host."""
        return self.page.url.removeprefix(self.address)

    def go(self, path: str, status: int = 200) -> None:
        """Open an address of the site, and expect this status."""
        response = self.page.goto(self.address + path)
        assert response is not None, path
        assert response.status == status, f"{response.status} for {path}, not {status}"

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def main(self) -> str:
        """The words of the page itself, as they are seen, without its frame."""
        return self.page.locator("main").inner_text()

    def html(self) -> str:
        """The page as the site sent it."""
        assert self.watch.document is not None
        return self.watch.document.text()

    def settle(self) -> list[str]:
        """Wait until the browser has told of everything that went wrong, and hand it over."""
        self.page.evaluate("0")
        return self.watch.take()


class _AsInProduction:
    """In place of Django's server of static files: WhiteNoise serves them, policy and all."""

    def __new__(cls, application: Any) -> Any:
        return application


@pytest.mark.browser
@pytest.mark.usefixtures("browser_for_class")
@override_settings(PUBLIC_PAGES=True, WHITENOISE_MAX_AGE=600)
class BrowserTestCase(GuardedTransactionTestCase, LiveServerTestCase):
    """A test that opens tabs. It fails on any fault in any of them, whatever else it looks at."""

    host = "127.0.0.1"
    static_handler = _AsInProduction
    chromium: ClassVar[Browser]

    def tab(
        self,
        person: User | None = None,
        *,
        width: int = DESK,
        has_script: bool = True,
        scheme: Scheme = "light",
    ) -> Tab:
        """A new tab, signed in without the form if ``person`` is given."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            java_script_enabled=has_script,
            color_scheme=scheme,
            # Pictures and colours are looked at when nothing moves.
            reduced_motion="reduce",
            locale="en-GB",
        )
        self.addCleanup(context.close)
        context.set_default_timeout(PATIENCE)
        if person is not None:
            self.sign_in(context, person)
        tab = Tab(context, self.live_server_url, width)
        self.addCleanup(self.assert_no_faults, tab)
        return tab

    def sign_in(self, context: BrowserContext, person: User) -> None:
        """Give a browser the session of a person."""
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": self.live_server_url}]
        )

    def assert_no_faults(self, tab: Tab) -> None:
        self.assertEqual(tab.settle(), [], "Faults in the browser")

    @staticmethod
    def load_article() -> None:
        fixtures.load(folder=FIXTURES)


class DemonstrationTestCase(BrowserTestCase):
    """The people and the progress of the demonstration, in place of those of other tests."""

    def setUp(self) -> None:
        write_demonstration()


class SeldomTwoWays:
    """One journey, made on a phone without script, and in a deep run on a desk with script.

    The script has tests of its own.
    """

    def travel(self, *, width: int, has_script: bool) -> None:
        raise NotImplementedError

    def test_on_a_phone_without_script(self) -> None:
        self.travel(width=PHONE, has_script=False)

    if IS_DEEP:

        def test_on_a_desk_with_script(self) -> None:
            self.travel(width=DESK, has_script=True)
