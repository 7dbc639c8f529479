"""Nothing that axe objects to on any page of ours, and nothing that leaves a phone's screen."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from django.test import Client, override_settings
from django.urls import Resolver404, resolve
from playwright.sync_api import expect

from recommendations.actions.recommendations import archive
from recommendations.choices import ArchiveReason
from recommendations.models import Addressee, Source, User
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
from tests.browser.findings import COLOURS, TARGETS, Look, findings
from tests.browser.stops import WALKS, Stop, with_nothing_there
from tests.views.addresses import addresses

WITHOUT_A_FACE = {"healthz", "readyz", "metrics", "evidence-pick", "pick"}
WITHOUT_A_FACE |= {
    "calendar",
    "indicator-chart",
    "indicator-chart-data",
    "gap-picture",
    "gap-data",
    "recommendation-over-time-chart",
    "recommendation-over-time-data",
    "source-over-time-chart",
    "source-over-time-data",
    "recommendation-feed",
    "recommendation-import-progress",
    "recommendation-import-template",
    "search-suggestions",
    "source-feed",
    "updates-feed",
}
"""Addresses that answer machines, with a part of a page, a picture or its data. Those that end in
-export, -file or -briefing answer with a file."""

NARROWEST = 320
"""A page on a desk enlarged to 400 % is as narrow as this (WCAG 1.4.10)."""
TABLET = 768
"""Where tables are no longer cards and there is the least room for them."""

_FOLD = """
([is_open, within]) => document.querySelectorAll(within).forEach(e => { e.open = is_open; })
"""
# The menu, which lies over the page, is opened on the first page alone.
_EVERY_FOLD, _FOLDS, _DROPS = "details", "main details", "main details.drop"
# The bar of a form, which stays in sight, hides nothing there.
_TO_THE_END = "scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})"
_TOO_WIDE = """
() => document.documentElement.scrollWidth > window.innerWidth
    ? [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 120))
    : []
"""


_BAR_IS_HIGH = "most => document.querySelector('.topbar')?.offsetHeight > most"
HIGHEST_BAR = 56


def visit(tab: Tab, stop: Stop) -> None:
    """Go to a page, bring it into its state, and make sure that it is in it."""
    tab.go(stop.path, stop.status)
    stop.act(tab)
    tab.page.wait_for_load_state()
    if stop.shows:
        expect(tab.page.get_by_text(stop.shows).first).to_be_visible()


LIGHT, DARK = SCHEMES


def look_over(tab: Tab, *, is_first: bool = True) -> list[str]:
    """What is wrong with the page that a tab shows: axe in both colours, and its width.

    Every rule on a desk in light and, but for colours, on a phone with everything open; colours in
    dark there, where all that a page has is seen. What only a desk shows is the frame, the same on
    every page: its dark colours are looked at on the ``first`` one. Closed, a page on a phone shows
    no more than open, so there only what lies too close together is looked for. What opens over
    the page on a desk must fit into it.
    """
    looks: list[tuple[int, bool, str, Look]] = [
        (DESK, False, LIGHT, {}),
        (PHONE, False, LIGHT, {"only": TARGETS}),
        (PHONE, True, LIGHT, {"but": COLOURS}),
        (PHONE, True, DARK, {"only": COLOURS}),
    ]
    if is_first:
        looks.insert(1, (DESK, False, DARK, {"only": COLOURS}))
    wrong = []
    for width, is_open, scheme, rules in looks:
        where = f"{width} px{', all open' if is_open else ''}"
        tab.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        tab.page.evaluate(_FOLD, [is_open, _EVERY_FOLD if is_first else _FOLDS])
        tab.page.evaluate(_TO_THE_END)
        tab.page.emulate_media(color_scheme=scheme)
        found = findings(tab.page, **rules)
        wrong += [f"{where}, {scheme}: {finding}" for finding in found]
        wrong += outgrown(tab, where)
    for width in (NARROWEST, TABLET):
        tab.page.set_viewport_size({"width": width, "height": HEIGHTS[PHONE]})
        wrong += outgrown(tab, f"{width} px")
    tab.page.set_viewport_size({"width": DESK, "height": HEIGHTS[DESK]})
    tab.page.evaluate(_FOLD, [True, _DROPS])
    wrong += outgrown(tab, f"{DESK} px, all open")
    tab.page.evaluate(_FOLD, [False, _DROPS])
    return wrong


def outgrown(tab: Tab, where: str) -> list[str]:
    """What sticks out to the right, and a bar of more than one line."""
    found = [f"{where}: too wide: {e}" for e in too_wide(tab)]
    is_high = tab.page.evaluate(_BAR_IS_HIGH, HIGHEST_BAR)
    return [*found, f"{where}: the bar is too high"] if is_high else found


def too_wide(tab: Tab) -> list[str]:
    """What sticks out to the right where a page scrolls sideways."""
    found: list[str] = tab.page.evaluate(_TOO_WIDE)
    return found


# The control with the focus. Its mark may be drawn on the card around it, or on its label.
_FOCUS = """
() => {
    const focused = document.activeElement;
    if (focused === document.body) return null;
    focused.dataset.id ??= String(performance.now());
    const drawn = [focused, focused.nextElementSibling, focused.parentElement].filter(Boolean);
    const box = focused.getBoundingClientRect();
    return {
        id: focused.dataset.id,
        html: focused.outerHTML.slice(0, 120),
        is_marked: drawn.some(element => {
            const style = getComputedStyle(element);
            return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        }),
        is_on_screen: box.width > 0 && box.bottom > 0 && box.top < innerHeight
            && box.right > 0 && box.left < innerWidth,
    };
}
"""


class WalkTestCase(BrowserTestCase):
    """A walk from stop to stop, with a look around at each."""

    def walk(self, tab: Tab, stops: Iterable[Stop]) -> None:
        titles: dict[str, set[str]] = defaultdict(set)
        pages: dict[str, str] = {}
        for number, stop in enumerate(stops):
            with self.subTest(stop=stop.name):
                visit(tab, stop)
                pages[stop.name] = tab.html()
                # What a page is comes before the comma; its states may share a title.
                titles[tab.page.title()].add(stop.name.split(",")[0])
                self.assertEqual("\n".join(look_over(tab, is_first=number == 0)), "")
        shared = {title: pages for title, pages in titles.items() if len(pages) > 1}
        self.assertEqual(shared, {}, "Pages that share a title")
        self.assert_valid(pages)


@override_settings(ROOT_URLCONF="tests.browser.planted")
class PagesTests(WalkTestCase, DemonstrationTestCase):
    """Every page in the states that matter, as each person sees it."""

    maxDiff = None

    def walk_as(self, username: str) -> None:
        person = User.objects.get(username=username) if username else None
        self.walk(self.tab(person), WALKS[username]())

    def test_signed_out(self):
        self.walk_as("")

    def test_viewer(self):
        self.walk_as("viewer")

    def test_staff(self):
        self.walk_as("staff")

    def test_other_staff(self):
        self.walk_as("other_staff")

    def test_manager(self):
        self.walk_as("manager")

    def test_auditor(self):
        self.walk_as("auditor")

    def test_admin(self):
        self.walk_as("admin")


class CompleteTests(DemonstrationTestCase):
    def test_no_page_is_left_out(self):
        seen = set(WITHOUT_A_FACE)
        for stop in (stop for walk in WALKS.values() for stop in walk()):
            with suppress(Resolver404):
                seen.add(resolve(stop.path.partition("?")[0]).url_name)
        client = Client()
        client.force_login(User.objects.get(username="manager"))
        for address in addresses():
            is_file = address.name.endswith(("-export", "-file", "-briefing"))
            if address.is_admin or is_file or address.name in seen:
                continue
            with self.subTest(address=address.route):
                path = next(address.paths(lambda kind, name: ["DSR-1" if kind == "code" else 1]))
                self.assertEqual(client.get(path).status_code, 405)


class RareStatesTests(WalkTestCase):
    """States that the demonstration does not show."""

    def test_nothing_entered_yet(self):
        self.walk(self.tab(self.manager), with_nothing_there())

    def test_no_source_yet(self):
        self.source.delete()
        stop = Stop("overview", "/", shows="No sources yet")
        self.walk(self.tab(self.administrator), [stop])

    def test_two_sources_and_addressees(self):
        first = self.make_recommendation()
        other = Source.objects.create(
            slug="other", title="Another report", short_title="Other", reference_prefix="OTH"
        )
        gone = self.make_recommendation("Stop the thing", source=other)
        archive(recommendation=gone, by=self.manager, reason=ArchiveReason.DUPLICATE)
        addressee = Addressee.objects.create(recommendation=first, area=self.make_area())
        self.make_approved(first, addressee=addressee)
        stops = [
            Stop("overview", "/", shows="Sources"),
            Stop("recommendation", first.get_absolute_url(), shows="Status by addressee"),
            Stop("archived", gone.get_absolute_url(), shows="Archived on"),
            Stop(
                "update",
                f"{first.get_absolute_url()}updates/new/?addressee={addressee.pk}",
                shows="Report overall or for another addressee",
            ),
        ]
        self.walk(self.tab(self.staff), stops)


class KeyboardTests(DemonstrationTestCase):
    PATHS = ("/", "/recommendations/", "/recommendations/DSR-2/updates/new/", "/my-work/")

    def staff_tab(self, width: int) -> Tab:
        return self.tab(User.objects.get(username="staff"), width=width)

    def test_the_first_press_of_tab_leads_past_the_bar(self):
        tab = self.staff_tab(DESK)
        tab.go("/")
        tab.page.keyboard.press("Tab")
        skip = tab.link("Skip to content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        tab.page.keyboard.press("Enter")
        expect(tab.page.locator("#content")).to_be_focused()

    def test_what_has_the_focus_is_seen(self):
        for width in WIDTHS:
            tab = self.staff_tab(width)
            for path in self.PATHS:
                tab.go(path)
                with self.subTest(path=path, width=width):
                    self.assertEqual(self.unseen(tab), [])

    def unseen(self, tab: Tab) -> list[str]:
        """Go through a page with Tab; what was reached without a mark, or off the screen."""
        seen: dict[str, str] = {}
        for _press in range(150):
            tab.page.keyboard.press("Tab")
            found = tab.page.evaluate(_FOCUS)
            if found is None or found["id"] in seen:
                break
            seen[found["id"]] = "" if found["is_marked"] and found["is_on_screen"] else str(found)
        self.assertGreater(len(seen), 5)
        return [found for found in seen.values() if found]

    def test_menus_open_and_close_by_keyboard(self):
        tab = self.staff_tab(PHONE)
        tab.go("/")
        menu = tab.page.locator("summary", has_text="Menu")
        menu.focus()
        places = tab.page.get_by_role("navigation", name="Menu")
        for is_open in (True, False):
            tab.page.keyboard.press("Enter")
            expect(places).to_be_visible(visible=is_open)
