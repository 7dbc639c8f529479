"""Counts what a person does: one tap, one choice and one filled field are one interaction each."""

from pathlib import Path

from playwright.sync_api import FilePayload, Locator

from tests.browser.base import Tab


class Hand:
    """Whoever uses a tab. Scrolling and reading are free."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.count = 0

    def tap(self, where: Locator) -> None:
        """Press what can be pressed where it is in sight, as one thumb does."""
        self.count += 1
        where.click()

    def choose(self, name: str) -> None:
        """Choose one of several answers."""
        self.count += 1
        self.tab.page.get_by_role("radio", name=name, exact=True).check()

    def select(self, label: str, option: str) -> None:
        """Choose an entry of a list."""
        self.count += 1
        self.tab.page.get_by_label(label, exact=True).select_option(label=option)

    def fill(self, label: str, text: str) -> None:
        self.count += 1
        self.tab.page.get_by_label(label, exact=True).fill(text)

    def attach(self, label: str, file: Path | FilePayload) -> None:
        """Choose a file, in the dialogue of the browser."""
        self.count += 1
        self.tab.page.get_by_label(label, exact=True).set_input_files(file)
