"""One chromium for the whole package; every test gets contexts of its own in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find, launch
from tests.browser.findings import gone
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the recorded findings of the administration name needlessly by now."""
    if gone:
        terminalreporter.section("axe findings of the administration that are gone")
        terminalreporter.write_line("Take these out of tests/browser/admin_axe_baseline.json:")
        for line in sorted(gone):
            terminalreporter.write_line(f"  {line}")
