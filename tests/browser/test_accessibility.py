"""Nothing that axe objects to on any page of ours, and nothing that leaves a phone's screen."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth.models import AnonymousUser
from django.test import Client, override_settings
from django.urls import resolve, reverse
from playwright.sync_api import expect

from recommendations import urls
from recommendations.models import User
from tests.browser.base import (
    DESK,
    HEIGHTS,
    PHONE,
    SCHEMES,
    WIDTHS,
    BrowserTestCase,
    DemonstrationTestCase,
    Tab,
)
from tests.browser.findings import findings
from tests.browser.stops import WALKS, Stop

NARROWEST = 320
"""A page on a desk enlarged to 400 % is as narrow as this (WCAG 1.4.10)."""

_FOLD = "is_open => document.querySelectorAll('details').forEach(e => { e.open = is_open; })"
# Colours follow the new scheme at the next frame, not at once.
_PAINTED = "() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))"
_TOO_WIDE = """
() => document.documentElement.scrollWidth > window.innerWidth
    ? [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 120))
    : []
"""


def look_over(tab: Tab) -> list[str]:
    """What is wrong with the page that a tab shows: axe in both colours, and its width.

    On a phone everything that folds is looked at open as well. Closed it shows what it shows on a
    desk, so it is not looked at in the dark again.
    """
    wrong = []
    for width, is_open, schemes in (
        (DESK, False, SCHEMES),
        (PHONE, False, SCHEMES[:1]),
        (PHONE, True, SCHEMES),
    ):
        where = f"{width} px{', all open' if is_open else ''}"
        tab.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        tab.page.evaluate(_FOLD, is_open)
        for scheme in schemes:
            tab.page.emulate_media(color_scheme=scheme)
            tab.page.evaluate(_PAINTED)
            found = findings(tab.page, only_colours=scheme != SCHEMES[0])
            wrong += [f"{where}, {scheme}: {finding}" for finding in found]
        wrong += [f"{where}: too wide: {e}" for e in too_wide(tab)]
    tab.page.set_viewport_size({"width": NARROWEST, "height": 640})
    wrong += [f"{NARROWEST} px: too wide: {e}" for e in too_wide(tab)]
    tab.page.set_viewport_size({"width": DESK, "height": HEIGHTS[DESK]})
    return wrong


def too_wide(tab: Tab) -> list[str]:
    """What sticks out to the right where a page scrolls sideways."""
    found: list[str] = tab.page.evaluate(_TOO_WIDE)
    return found


@override_settings(ROOT_URLCONF="tests.browser.planted")
class PagesTests(DemonstrationTestCase):
    """Every page in the states that matter, as each person sees it."""

    def walk(self, username: str) -> None:
        person = User.objects.get(username=username) if username else None
        tab = self.tab(person)
        titles: dict[str, set[str]] = defaultdict(set)
        for stop in WALKS[username]():
            with self.subTest(stop=stop.name):
                import time; t=time.time()
                self.visit(tab, stop); print("VISIT", stop.name, round(time.time()-t,2)); t=time.time()
                look_over(tab); print("LOOK", stop.name, round(time.time()-t,2))
                titles[tab.page.title()].add(stop.name)
                self.assertEqual("\n".join(look_over(tab)), "")
        for title, names in titles.items():
            pages = {name.split(",")[0] for name in names}
            self.assertEqual(len(pages), 1, f"Pages of one title, “{title}”")

    def visit(self, tab: Tab, stop: Stop) -> None:
        tab.go(stop.path, stop.status)
        stop.act(tab)
        tab.page.wait_for_load_state()
        if stop.shows:
            expect(tab.page.get_by_text(stop.shows).first).to_be_visible()

    def test_signed_out(self):
        self.walk("")

    def test_viewer(self):
        self.walk("viewer")

    def test_staff(self):
        self.walk("staff")

    def test_other_staff(self):
        self.walk("other_staff")

    def test_manager(self):
        self.walk("manager")

    def test_auditor(self):
        self.walk("auditor")

    def test_admin(self):
        self.walk("admin")
