"""One walk for each role: every page in the states that matter, and all that is wrong with it.

A tab tells of what the policy refuses, of script that fails and of what does not come; axe, widths,
paper, titles and inline parts are looked at here; the pages go to the HTML validator together.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any, ClassVar

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib import admin
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from playwright.sync_api import expect

from recommendations.actions.recommendations import archive
from recommendations.choices import ArchiveReason
from recommendations.models import Addressee, Organisation, Source, User
from tests.base import TrackerTestCase
from tests.browser import acts, stops, validator
from tests.browser.acts import nothing, press
from tests.browser.base import (
    DESK,
    PHONE,
    WIDTHS,
    BrowserTestCase,
    DemonstrationTestCase,
    Tab,
)
from tests.browser.findings import findings
from tests.browser.looks import INLINE, Looks, on_paper
from tests.browser.stops import Stop
from tests.depth import IS_DEEP, times
from tests.views.addresses import addresses
from tests.views.pages import client_of

WITHOUT_A_FACE = {"healthz", "readyz", "metrics", "evidence-pick", "pick"}
WITHOUT_A_FACE |= {
    "calendar",
    "indicator-chart",
    "indicator-chart-data",
    "gap-picture",
    "gap-data",
    *("embed-badge", "embed-status", "embed-source-status"),
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


PRINTED = {
    *("overview, of a source", "DSR-1, print", "gap", "areas", "responses", "indicator DEMO-NET"),
    *("list", "evidence", "review", "DSR-1, history"),
}
"""Pages that are looked at on paper as well."""

Walk = Callable[[], Iterator[Stop]]


class WalkTestCase(BrowserTestCase):
    """A walk from stop to stop, with a look around at each."""

    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.looks = Looks()

    def walk(self, person: User | None, stops: Iterable[Stop]) -> None:
        tab, client = self.tab(person), client_of(person)
        self.looks.is_first = True
        tab.context.add_init_script(AXE_SCRIPT)
        titles: dict[str, set[str]] = defaultdict(set)
        for stop in stops:
            name = f"{person or 'signed out'}, {stop.name}"
            with self.subTest(stop=stop.name):
                if stop.is_seldom and not IS_DEEP:
                    self.read(client, stop, name)
                    continue
                visit(tab, stop)
                validator.keep(name, tab.html())
                # What a page is comes before the comma; its states may share a title.
                titles[tab.page.title()].add(stop.name.split(",")[0])
                wrong = on_paper(tab) if stop.name in PRINTED else []
                wrong += self.looks.faults(tab)
                self.assertEqual("\n".join([*wrong, *tab.settle()]), "")
        shared = {title: pages for title, pages in titles.items() if len(pages) > 1}
        self.assertEqual(shared, {}, "Pages that share a title")

    def read(self, client: Client, stop: Stop, name: str) -> None:
        """What of a page can be said without chromium."""
        if stop.act is not nothing:
            return
        response = client.get(stop.path, follow=True)
        self.assertEqual(response.status_code, stop.status)
        html = response.content.decode()
        self.assertIn(stop.shows, unescape(html))
        self.assertEqual(INLINE.findall(html), [])
        validator.keep(name, html)


def visit(tab: Tab, stop: Stop) -> None:
    """Go to a page, bring it into its state, and make sure that it is in it."""
    if stop.act is not nothing:
        tab.resize(DESK)
    tab.go(stop.path, stop.status)
    stop.act(tab)
    tab.page.wait_for_load_state()
    if stop.shows:
        expect(tab.page.get_by_text(stop.shows).first).to_be_visible()


class OfDemonstration:
    """A share of the walks through the demonstration, in a class of its own."""

    walks: ClassVar[Mapping[str, Walk]]
    """By the person who takes each; nobody is signed in under an empty name."""

    def test_every_page(self) -> None:
        for username, walk in self.walks.items():
            person = User.objects.get(username=username) if username else None
            self.walk(person, walk())


@override_settings(ROOT_URLCONF="tests.browser.planted")
class SignedOutWalk(OfDemonstration, WalkTestCase, DemonstrationTestCase):
    walks = {"": stops.signed_out}


class StaffWalk(OfDemonstration, WalkTestCase, DemonstrationTestCase):
    walks = {
        "staff": stops.staff,
        "other_staff": stops.other_staff,
        "viewer": stops.viewer,
        "auditor": stops.auditor,
    }


class ManagerWalk(OfDemonstration, WalkTestCase, DemonstrationTestCase):
    walks = {"manager": stops.manager}


class ManagerOfManyWalk(OfDemonstration, WalkTestCase, DemonstrationTestCase):
    walks = {"manager": stops.manager_of_many}


class RareStatesWalk(WalkTestCase):
    """States that the demonstration does not show."""

    def test_nothing_entered_yet(self) -> None:
        self.walk(self.manager, stops.with_nothing_there())
        self.source.delete()
        self.walk(self.administrator, [Stop("overview", "/", "No sources yet")])

    def test_two_sources_and_addressees(self) -> None:
        first = self.make_recommendation()
        other = Source.objects.create(
            slug="other", title="Another report", short_title="Other", reference_prefix="OTH"
        )
        gone = self.make_recommendation("Stop the thing", source=other)
        archive(recommendation=gone, by=self.manager, reason=ArchiveReason.DUPLICATE)
        addressee = Addressee.objects.create(recommendation=first, area=self.make_area())
        self.make_approved(first, addressee=addressee)
        new = f"{first.get_absolute_url()}updates/new/?addressee={addressee.pk}"
        self.walk(
            self.staff,
            [
                Stop("overview", "/", "Sources"),
                Stop("recommendation", first.get_absolute_url(), "Status by addressee"),
                Stop("archived", gone.get_absolute_url(), "Archived on"),
                Stop("update", new, "Report for all addressees or for another one"),
            ],
        )


class AdministratorWalk(OfDemonstration, WalkTestCase, DemonstrationTestCase):
    """The pages of set-up, and the administration."""

    walks = {"admin": stops.admin}

    def open(self) -> Tab:
        self.administrator = User.objects.get(username="admin")
        return self.tab(self.administrator)

    def test_every_page_of_the_administration(self) -> None:
        tab, client = self.open(), client_of(self.administrator)
        pages = dict(admin_pages(self.administrator))
        for name, path in pages.items():
            with self.subTest(page=name):
                if name in LOOKED_AT or IS_DEEP:
                    tab.go(path)
                    self.assertEqual(findings(tab.page), [])
                    self.assertEqual(tab.settle(), [])
                    self.assertEqual(tab.page.evaluate(CUT), [], "Columns that are cut")
                    html = tab.html()
                else:
                    html = client.get(path).content.decode()
                self.assertEqual(INLINE.findall(html), [])
                validator.keep(f"administration, {name}", html, *validator.OF_DJANGO)
        self.assertEqual(LOOKED_AT - pages.keys(), set(), "Pages that are there no longer")

    def test_its_pickers_calendars_and_refused_forms_keep_the_policy(self) -> None:
        tab = self.open()
        tab.go("/recommendations/DSR-2/")
        tab.page.locator(".acts > summary").click()
        tab.link("Edit recommendation").click()
        page, officer = tab.page, tab.page.locator(".fieldBox.field-lead_officer")
        officer.locator(".select2-selection").click()
        page.locator(".select2-container--open .select2-search__field").fill("other")
        expect(page.locator(".select2-results__option").first).to_contain_text("Other")
        self.assertEqual(findings(page), [])
        page.keyboard.press("Enter")
        expect(officer.locator(".select2-selection")).to_contain_text("Other")
        page.locator("#id_title").fill("")
        for _again in range(2):
            press("Save and continue editing")(tab)
            expect(page.locator(".error-summary")).to_be_focused()
            page.locator(".error-summary a").first.click()
        tab.go(reverse("admin:recommendations_source_add"))
        page.locator(".field-published_on .date-icon").click()
        page.locator(".calendarbox .calendar-cancel").filter(visible=True).click()

    def test_its_steps_from_a_choice_to_a_preview(self) -> None:
        tab = self.open()
        tab.go(reverse("admin:recommendations_recommendation_changelist") + "?q=DSR-1")
        tab.page.locator("#result_list tbody input[type=checkbox]").first.check()
        tab.page.get_by_label("Action:").select_option("archive")
        press("Go")(tab)
        expect(tab.page.get_by_role("heading", name="Archive")).to_be_visible()
        self.assertEqual(findings(tab.page), [])
        tab.page.get_by_label("Reason for archiving").select_option("duplicate")
        press("Preview changes")(tab)
        expect(tab.button("Archive 1 recommendation")).to_be_visible()
        self.assertEqual(findings(tab.page), [])
        tab.go(step("user_hand_over", User.objects.get(username="staff").pk))
        self.assertEqual(findings(tab.page), [])
        tab.page.get_by_label("Hand over to").select_option(label="Other staff")
        tab.page.get_by_label("Reason").fill("They have left.")
        press("Preview")(tab)
        expect(tab.button("Hand over all work")).to_be_visible()
        self.assertEqual(findings(tab.page), [])
        tab.go(step("user_close", User.objects.get(username="staff").pk))
        self.assertEqual(findings(tab.page), [])
        tab.go(step("redaction_take_out"))
        self.assertEqual(findings(tab.page), [])
        tab.page.get_by_label("Exact words").fill("last of the twelve pilot schools")
        tab.page.get_by_label("Reason").fill("A person asked for it.")
        press("Preview redaction")(tab)
        expect(tab.button("Redact permanently")).to_be_visible()
        self.assertEqual(findings(tab.page), [])


def admin_pages(person: User) -> Iterator[tuple[str, str]]:
    """The first page, and of each model the list, an empty form and the last thing; with names that
    stay when numbers change."""
    request = RequestFactory().get("/")
    request.user = person
    yield "index", reverse("admin:index")
    for model, model_admin in admin.site._registry.items():
        label = model._meta.model_name or ""
        listing = reverse(f"admin:{model._meta.app_label}_{label}_changelist")
        is_searched = bool(model_admin.get_search_fields(request))
        yield f"{label}: list", listing + ("?q=a" if is_searched else "")
        if model_admin.has_add_permission(request):
            yield f"{label}: add", f"{listing}add/"
        if last := model._default_manager.order_by("-pk").first():
            yield f"{label}: change", f"{listing}{last.pk}/change/"
    ministry = Organisation.objects.order_by("pk")[0]
    yield "organisation: succeed", step("organisation_succeed", ministry.pk)
    yield "user: password link", step("user_password_link", person.pk)


LOOKED_AT = {"index", "recommendation: list", "user: list", "evidence: list", "auditevent: list"}
LOOKED_AT |= {"area: change", "deputy: add", "statusupdate: change", "user: change"}
LOOKED_AT |= {
    f"{name}: {do}" for name in ("evidence", "recommendation") for do in ("add", "change")
}
"""Pages that chromium opens each time: wide lists, and forms with what Django leaves without a name
(boxes to search in, columns of rows); in depth it opens all."""

CUT = """
[...document.querySelectorAll(["", " .results", " table"].map((part) => "#changelist-form" + part))]
  .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className || box.id)
"""
"""Boxes of a list that are narrower than what they hold."""


def step(name: str, *args: int) -> str:
    """The address of a page of our own in the administration."""
    return reverse(f"admin:recommendations_{name}", args=args)


BY_ROWS = {"action-edit", "evidence-change", "opening-batch", "round-detail", "sign-off"}
BY_ROWS |= {"update-detail"}
"""Pages that the stops reach by the address of a row, not by its name."""


class CompleteTests(TrackerTestCase):
    def test_no_page_is_left_out(self) -> None:
        """The stops name each page that there is, but for those that only take what is sent."""
        texts = [path.read_text() for path in Path(stops.__file__).parent.glob("*.py")]
        texts.append(Path(acts.__file__).read_text())
        named = {name for text in texts for name in re.findall(r'"([a-z_]+(?:-[a-z]+)*)"', text)}
        named |= {f"recommendation-{name}" for name in named} | WITHOUT_A_FACE | BY_ROWS
        client = client_of(self.manager)
        for address in addresses():
            is_file = address.name.endswith(("-export", "-file", "-briefing"))
            is_for_programs = address.route.startswith("/api/")
            if address.is_admin or is_file or is_for_programs or address.name in named:
                continue
            with self.subTest(address=address.route, name=address.name):
                path = next(address.paths(lambda kind, name: ["REP-1" if kind == "code" else 1]))
                self.assertEqual(client.get(path).status_code, 405)


# Each control in its turn. Its mark may be drawn on the card around it, or on its label; where the
# last one was reached by a key, so is what script gives the focus to.
_UNMARKED = """
() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']"
)].filter(e => e.getClientRects().length && !e.disabled).map(e => {
    e.focus();
    if (document.activeElement !== e) return null;
    const drawn = [e, e.nextElementSibling, e.parentElement].filter(Boolean).some(each => {
        const style = getComputedStyle(each);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    const box = e.getBoundingClientRect();
    const isSeen = box.width > 0 && box.bottom > 0 && box.top < innerHeight
        && box.right > 0 && box.left < innerWidth;
    return drawn && isSeen ? "" : e.outerHTML.slice(0, 120);
}).filter(found => found !== null)
"""


class KeyboardTests(DemonstrationTestCase):
    PATHS = ("/", "/recommendations/", "/recommendations/DSR-2/updates/new/", "/my-work/")
    LONGEST = {
        "/gap/": (2000, 3000),
        "/indicators/DEMO-NET/": (2000, 3000),
        "/indicators/DSR-PAT-OUT/": (2000, 3000),
        "/indicators/DSR-PERS/": (2000, 3000),
        "/review/": (2400, 4500),
    }
    """Pixels of a page at most, on a desk and on a phone."""

    def person_tab(self, username: str, **options: Any) -> Tab:
        return self.tab(User.objects.get(username=username), **options)

    def test_the_first_press_leads_past_the_bar_and_menus_open_and_close(self) -> None:
        tab = self.person_tab("staff", width=PHONE)
        tab.go("/")
        tab.page.keyboard.press("Tab")
        skip = tab.link("Skip to content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        tab.page.keyboard.press("Enter")
        expect(tab.page.locator("#content")).to_be_focused()
        tab.page.locator("summary", has_text="Menu").focus()
        places = tab.page.get_by_role("navigation", name="Menu")
        for is_open in (True, False):
            tab.page.keyboard.press("Enter")
            expect(places).to_be_visible(visible=is_open)

    def test_what_has_the_focus_is_seen(self) -> None:
        """Each page on one of both widths, and in a deep run on the other as well."""
        for turn in range(times(1, 2)):
            for number, path in enumerate(self.PATHS):
                tab = self.person_tab("staff", width=WIDTHS[(number + turn) % 2])
                tab.go(path)
                with self.subTest(path=path):
                    self.assertEqual(self.unseen(tab), [])

    def unseen(self, tab: Tab) -> list[str]:
        """The controls that have no mark when they have the focus, or are off the screen then."""
        tab.page.keyboard.press("Tab")
        found: list[str] = tab.page.evaluate(_UNMARKED)
        self.assertGreater(len(found), 5)
        return [each for each in found if each]

    def test_pages_stay_short(self) -> None:
        tab = self.person_tab("manager")
        for path, most in self.LONGEST.items():
            tab.go(path)
            for width, pixels in zip((DESK, PHONE), most, strict=True):
                with self.subTest(path=path, width=width):
                    tab.resize(width)
                    height = tab.page.evaluate("document.documentElement.scrollHeight")
                    self.assertLessEqual(height, pixels)
            tab.resize(DESK)
