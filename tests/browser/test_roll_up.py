"""From each headline number to its rows, an update, evidence and the audit log: three clicks."""

from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator

from recommendations.models import User
from tests.browser.base import DemonstrationTestCase, Tab

PAGES = ("/", "/sources/universal-access-plan/", "/exceptions/", "/indicators/")
NUMBERS = r"""() => [...document.querySelectorAll("main a")]
  .filter((link) => link.getClientRects().length)
  .filter((link) => [link, ...link.querySelectorAll("b, strong")]
    .some((part) => /^\s*[1-9][\d,.]*\s*$/.test(part.textContent)))
  .map((link) => link.getAttribute("href"))"""
"""Where numbers lead that stand by themselves. 0 leads nowhere: there is nothing to show."""

FIRST = "main tbody th a, main .line a[href^='/recommendations/']"
EVIDENCE, ENTRIES = "main a[href*='/evidence/']", "main a[href*='/audit/?object_type=']"
ASKED = "main a[href*='/requests/']"
"""What a round asks for: a request has neither evidence nor a status."""


class RollUpTests(DemonstrationTestCase):
    def test_each_headline_number_leads_to_evidence_and_to_the_log_in_three_clicks(self) -> None:
        tab = self.tab(User.objects.get(username="manager"))
        walked: set[str] = set()
        self.reached: set[str] = set()
        for path in PAGES:
            for kind, address in self.numbers(tab, path).items():
                if kind not in walked:
                    walked.add(kind)
                    with self.subTest(page=path, number=kind):
                        self.follow(tab, path, address)
        self.assertGreater(len(walked), 7)
        self.assertGreater(len(self.reached), 4)

    def numbers(self, tab: Tab, path: str) -> dict[str, str]:
        """The address that a number leads to, one of each kind: numbers alike lead alike."""
        tab.go(path)
        found: dict[str, str] = {}
        for address in tab.page.evaluate(NUMBERS):
            found.setdefault(kind_of(address), address)
        return found

    def follow(self, tab: Tab, path: str, address: str) -> None:
        tab.go(path)
        self.click(tab, tab.page.locator(f'main a[href="{address}"]').first)
        if not tab.path.startswith("/indicators/"):
            self.click(tab, tab.page.locator(FIRST).first)
        if (reached := tab.path) in self.reached:
            return
        self.reached.add(reached)
        for wanted in (ASKED,) if reached.startswith("/rounds/") else (EVIDENCE, ENTRIES):
            link = tab.page.locator(wanted).first
            self.assertTrue(link.count(), f"{wanted} on {reached}")
            self.click(tab, link)
            self.assertGreater(tab.page.locator("main :is(tbody tr, li)").count(), 0)
            tab.go(reached)

    def click(self, tab: Tab, link: Locator) -> None:
        with tab.page.expect_navigation():
            link.click()


def kind_of(address: str) -> str:
    """A list and what it is filtered by, whatever for and of whatever part of the site."""
    parts = urlsplit(address)
    names = {name for name, _value in parse_qsl(parts.query)} - {"lead", "source", "theme"}
    return " ".join([parts.path, *sorted(names)])
