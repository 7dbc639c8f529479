"""One chromium for the whole package; every test gets contexts of its own in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find, launch
from tests.browser.validator import faults_of_kept


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium while the tests of this package run.

    Playwright keeps an event loop in this thread, from which Django refuses queries as if they
    could stand in each other's way. They cannot: the loop only moves while a test waits for it.
    """
    executable = find()
    if executable is None:
        pytest.skip("chromium is not installed (on Debian: apt install chromium)")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = launch(playwright, executable)
        yield browser
        browser.close()
    # As an error of the last test: the pages of all walks are validated in one start of Java.
    assert not (found := faults_of_kept()), "\n".join(["Faults in HTML:", *found])


@pytest.fixture(scope="class")
def browser_for_class(request: pytest.FixtureRequest, chromium: Browser) -> None:
    """Hand chromium to a TestCase, which cannot take fixtures by name."""
    request.cls.chromium = chromium
