"""Updates: from the first words to the public page by three people, and how much a form asks."""

import re
from datetime import date
from typing import Any

from playwright.sync_api import FilePayload, Locator, expect

from recommendations.actions import dates, recommendations
from recommendations.actions.structure import add_part
from recommendations.choices import ActionState, Stance, UpdateState
from recommendations.models import (
    Action,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
)
from tests.base import PASSWORD, World, days_ago, link_evidence
from tests.browser.base import DESK, PHONE, BrowserTestCase, SeldomTwoWays, Tab
from tests.browser.counting import Hand
from tests.edits import edit
from tests.files import pdf
from tests.rows import write_once

REFERENCE = "DSR-2"
DRAFTED = "inner: the committee met behind closed doors."
AMENDED = "inner: the committee met on 3 November, behind closed doors."
REMAINING = "inner: the laboratories are not chosen."
INTERNAL_NOTE = "inner: the budget is not granted."
NOTE = "inner: on which day did it meet?"
PUBLIC = "A committee for common certificates has met for the first time."

AUTHOR, DECIDER = "Sigrid Staff", "Milan Manager"

# What everybody else must not read: every text above but the public wording, and who acted.
INTERNAL = ("inner:", "Sigrid", "Milan")

A_MOMENT = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}, \d{2}:\d{2}")
"""A day with its time, as the pages write it."""


class JourneyTestCase(BrowserTestCase):
    """The article, with one recommendation that ``staff`` and ``manager`` look after."""

    def setUp(self):
        # What a class writes beside it is a world of its own.
        for name, row in write_once(type(self).write.__qualname__, self.write).items():
            setattr(type(self), name, row)

    def write(self) -> dict[str, Any]:
        """The people and the recommendation by their names."""
        super().setUp()
        # Home is the page of the one source there is.
        self.source.delete()
        self.load_article()
        found = Recommendation.objects.get(reference=REFERENCE)
        found = edit(
            found, self.manager, lead=self.ministry, lead_officer=self.staff, reviewer=self.manager
        )
        self.recommendation = recommendations.publish_recommendation(
            recommendation=found, by=self.manager
        )
        for person, name in ((self.staff, AUTHOR), (self.manager, DECIDER)):
            person.first_name, person.last_name = name.split()
            person.set_password(PASSWORD)
            person.save()
        return {name: getattr(self, name) for name in (*World.__annotations__, "recommendation")}

    def update(self):
        return StatusUpdate.objects.get(recommendation=self.recommendation)

    def sign_in_by_form(self, tab: Tab, username: str) -> None:
        tab.go("/")
        menu = tab.page.locator("summary", has_text="Menu")
        if menu.is_visible():
            menu.click()
        tab.page.get_by_role("link", name="Sign in").filter(visible=True).click()
        tab.page.get_by_label("Username").fill(username)
        tab.page.get_by_label("Password").fill(PASSWORD)
        tab.button("Sign in").click()
        expect(tab.page.get_by_label("Password")).to_have_count(0)

    def open_recommendation(self, tab: Tab) -> None:
        tab.go("/")
        tab.link(f"{REFERENCE} {self.recommendation.title}").last.click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text(
            f"{REFERENCE} {self.recommendation.title}"
        )

    def row(self, tab: Tab) -> Locator:
        """The recommendation in the table of the source, which is Home where there is one."""
        tab.go("/")
        table = tab.page.get_by_role("region", name=re.compile("^Recommendations"))
        return table.get_by_role("row", name=re.compile(f"^{REFERENCE}"))

    def follow(self, tab: Tab, place: str) -> None:
        """Go to a place of the bar, which on a phone has those two where something waits."""
        bar = tab.page.get_by_role("navigation").filter(visible=True)
        bar.get_by_role("link", name=re.compile(f"^{place}")).click()


class JourneyTests(SeldomTwoWays, JourneyTestCase):
    def travel(self, *, width: int, has_script: bool) -> None:
        staff = self.tab(width=width, has_script=has_script)
        manager = self.tab(width=width, has_script=has_script)
        self.staff_drafts_and_leaves(staff, has_script=has_script)
        self.staff_comes_back_and_submits(staff)
        self.manager_returns_it(manager)
        self.staff_sees_the_note_and_amends(staff)
        self.manager_approves(manager)
        self.everybody_inside_sees_who_and_when(staff)
        self.others_see_the_public_wording_alone(self.tab(width=width, has_script=has_script))

    def staff_drafts_and_leaves(self, tab: Tab, *, has_script: bool) -> None:
        self.sign_in_by_form(tab, "staff")
        self.open_recommendation(tab)
        tab.link("Log an update").click()
        tab.page.get_by_role("radio", name="In progress").check()
        tab.page.get_by_role("radio", name="On track").check()
        tab.page.get_by_label("Progress since the last update").fill(DRAFTED)
        if has_script:
            expect(tab.page.locator("#saved")).to_contain_text("Draft saved at")
        else:
            tab.button("Save draft").click()
            expect(tab.page.get_by_text("Draft saved").first).to_be_visible()
        tab.go("/")
        self.assertEqual(self.update().what_happened, DRAFTED)
        self.assertEqual(self.update().state, UpdateState.DRAFT)

    def staff_comes_back_and_submits(self, tab: Tab) -> None:
        self.open_recommendation(tab)
        expect(tab.link("Continue my draft")).to_be_visible()
        self.follow(tab, "My work")
        draft = tab.page.get_by_role("row").filter(has_text=REFERENCE)
        draft.get_by_role("link", name="Continue draft").click()
        expect(tab.page.get_by_label("Progress since the last update")).to_have_value(DRAFTED)
        expect(tab.page.get_by_role("radio", name="In progress")).to_be_checked()
        expect(tab.page.get_by_role("radio", name="On track")).to_be_checked()
        tab.page.get_by_label("Remaining work").fill(REMAINING)
        tab.page.get_by_label("Text for the public").fill(PUBLIC)
        tab.page.get_by_text("Internal note", exact=True).first.click()
        tab.page.get_by_label("Internal note").fill(INTERNAL_NOTE)
        tab.button(f"Submit to {DECIDER}").click()
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        self.assertEqual(self.update().state, UpdateState.SUBMITTED)

    def manager_returns_it(self, tab: Tab) -> None:
        self.sign_in_by_form(tab, "manager")
        self.follow(tab, "Review")
        expect(tab.page.get_by_role("main")).to_contain_text("1 update awaits your review")
        expect(tab.page.get_by_role("heading", level=2)).to_contain_text(REFERENCE)
        self.assertIn(DRAFTED, tab.main())
        tab.button("Return update").click()
        expect(tab.page.get_by_role("alert")).to_be_visible()
        self.assertEqual(self.update().state, UpdateState.SUBMITTED)
        tab.page.get_by_label(f"Note to {AUTHOR}").fill(NOTE)
        tab.button("Return update").click()
        expect(tab.page.get_by_text(f"returned to {AUTHOR} with your note")).to_be_visible()
        expect(tab.page.get_by_text("No items await your decision")).to_be_visible()

    def staff_sees_the_note_and_amends(self, tab: Tab) -> None:
        tab.go("/")
        self.follow(tab, "My work")
        returned = tab.page.get_by_role("listitem").filter(has_text="Update returned")
        expect(returned).to_contain_text(NOTE)
        expect(returned).to_contain_text(DECIDER)
        returned.get_by_role("link", name="Edit update").click()
        self.assertIn(NOTE, tab.main())
        tab.page.get_by_label("Progress since the last update").fill(AMENDED)
        tab.button(f"Submit to {DECIDER}").click()
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()

    def manager_approves(self, tab: Tab) -> None:
        self.follow(tab, "Review")
        self.assertIn(AMENDED, tab.main())
        tab.button("Approve").click()
        expect(tab.page.get_by_text(f"Update on {REFERENCE} approved.")).to_be_visible()
        update = self.update()
        self.assertEqual((update.author, update.decided_by), (self.staff, self.manager))

    def everybody_inside_sees_who_and_when(self, tab: Tab) -> None:
        row = self.row(tab)
        expect(row).to_contain_text("In progress")
        expect(row).to_contain_text("On track")
        self.open_recommendation(tab)
        latest = tab.page.get_by_role("region", name="Current update", exact=True)
        for text in (AMENDED, REMAINING, PUBLIC, f"Written by {AUTHOR}, approved by {DECIDER}"):
            expect(latest).to_contain_text(text)
        self.assertRegex(latest.inner_text(), A_MOMENT)

    def others_see_the_public_wording_alone(self, tab: Tab) -> None:
        tab.go("/")
        self.assertIn("In progress", tab.main())
        pages = [tab.page.content()]
        self.open_recommendation(tab)
        expect(tab.page.get_by_role("region", name="Current update", exact=True)).to_contain_text(
            PUBLIC
        )
        pages.append(tab.page.content())
        for page in pages:
            for word in INTERNAL:
                self.assertNotIn(word, page)
        tab.go(self.update().get_absolute_url())
        self.assertTrue(tab.path.startswith("/accounts/login/"), tab.path)


class AutosaveTests(JourneyTestCase):
    def test_words_are_saved_while_they_are_written(self):
        tab = self.tab(self.staff)
        tab.go(f"/recommendations/{REFERENCE}/updates/new/")
        saved = tab.page.locator("#saved")
        expect(saved).to_have_text("Not saved yet")
        tab.page.get_by_label("Progress since the last update").press_sequentially(
            "A first meeting"
        )
        expect(saved).to_contain_text("Draft saved at")
        # From here on the address is the draft's own, so that loading it again finds the words.
        self.assertEqual(tab.path, self.update().get_absolute_url())
        tab.page.reload()
        expect(tab.page.get_by_label("Progress since the last update")).to_have_value(
            "A first meeting"
        )
        tab.page.get_by_label("Progress since the last update").press_sequentially("; a second one")
        expect(saved).to_contain_text("Draft saved at")
        self.assertIn("a second one", self.update().what_happened)
        self.assertEqual(StatusUpdate.objects.count(), 1)


MOST_INTERACTIONS = 12
HEIGHTS = {DESK: 2_800, PHONE: 4_800}
"""Pixels of the form with all that an ordinary update needs."""

PROGRESS = "On 3 November two of four laboratories were accredited."
PART = "Accredit the laboratories of one region, and publish which products they certify."
PUBLIC = "Two of four laboratories can certify."
MINUTES = FilePayload(name="minutes.pdf", mimeType="application/pdf", buffer=pdf("minutes"))


class UpdateJourneyTestCase(JourneyTestCase):
    def write(self) -> dict[str, Any]:
        found = super().write()
        about = self.recommendation
        dates.set_first(
            recommendation=about, by=self.manager, new_date=date(2031, 12, 31), reason="Agreed."
        )
        before = self.make_approved(
            about,
            as_of=days_ago(200),
            what_happened="Laboratories were chosen.",
            remaining="Two laboratories are not accredited.",
            next_steps="Accredit them.",
            public_text="Laboratories were chosen.",
        )
        for label in "abcd":
            values = {"label": label, "text": PART, "amendment_reason": "It was left out."}
            add_part(by=self.manager, values={"recommendation": about, **values})
        link_evidence(
            to=before,
            by=self.staff,
            evidence=self.make_evidence("The choice of laboratories"),
            stance=Stance.SUPPORTS,
        )
        Recommendation.objects.filter(pk=about.pk).update(next_due_on=days_ago(10))
        return found

    def open_form(self, tab: Tab) -> Hand:
        """From My work to the form of what is due."""
        tab.go("/my-work/")
        hand = Hand(tab)
        hand.tap(
            tab.page.locator(f"main a[href='/recommendations/{REFERENCE}/updates/new/']").first
        )
        expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Log an update")
        return hand

    def assert_short(self, tab: Tab, width: int) -> None:
        height = tab.page.evaluate("document.documentElement.scrollHeight")
        self.assertLessEqual(height, HEIGHTS[width])
        self.assertLessEqual(tab.page.evaluate("document.documentElement.scrollWidth"), width)

    def submitted(self) -> Any:
        found = self.recommendation.updates.latest("pk")
        self.assertEqual(found.state, UpdateState.SUBMITTED)
        return found


class OrdinaryUpdateTests(SeldomTwoWays, UpdateJourneyTestCase):
    """With evidence, a completed action and a public summary."""

    def travel(self, *, width: int, has_script: bool) -> None:
        tab = self.tab(self.staff, width=width, has_script=has_script)
        hand = self.open_form(tab)
        hand.choose("Partially implemented")
        hand.choose("On track")
        hand.fill("Progress since the last update", PROGRESS)
        hand.tap(tab.page.get_by_label("Agree on the products covered", exact=True))
        hand.tap(tab.page.get_by_text("New evidence"))
        hand.attach("Files", MINUTES)
        hand.fill("Text for the public", PUBLIC)
        if has_script:
            expect(tab.page.locator("#public-preview")).to_contain_text(PUBLIC)
            expect(tab.page.locator(".ticket")).to_contain_text("minutes.pdf")
        self.assert_short(tab, width)
        hand.tap(tab.button("Submit to Milan Manager"))
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        self.assertLessEqual(hand.count, MOST_INTERACTIONS)
        self.assert_recorded()

    def assert_recorded(self) -> None:
        update = self.submitted()
        self.assertEqual((update.what_happened, update.public_text), (PROGRESS, PUBLIC))
        self.assertEqual(update.remaining, "Two laboratories are not accredited.")
        links = EvidenceLink.objects.live().filter(update=update)
        titles = set(links.values_list("evidence__title", flat=True))
        self.assertEqual(titles, {"minutes", "The choice of laboratories"})
        action = Action.objects.get(title="Agree on the products covered")
        self.assertEqual(action.state, ActionState.DONE)


class FormTests(UpdateJourneyTestCase):
    def test_what_approval_misses_is_told_and_a_new_date_is_asked_for_in_the_same_form(
        self,
    ) -> None:
        tab = self.tab(self.staff)
        hand = self.open_form(tab)
        hand.choose("Implemented")
        expect(tab.page.get_by_text("Missing for approval:", exact=True)).to_be_visible()
        expect(tab.page.locator("#needs")).to_contain_text("Completion date")
        self.assertEqual(self.recommendation.updates.latest("pk").state, UpdateState.DRAFT)
        hand.choose("In progress")
        hand.choose("On track")
        hand.fill("Progress since the last update", PROGRESS)
        hand.fill("Text for the public", PUBLIC)
        expect(tab.page.locator("#public-preview")).to_contain_text(PUBLIC)
        hand.tap(tab.page.get_by_text("Request a new target date"))
        hand.fill("New target date", "2032-06-30")
        hand.fill("Reason for the change", "Accreditation takes longer.")
        hand.tap(tab.button("Submit to Milan Manager"))
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        self.submitted()
        asked = TargetDateChange.objects.get(recommendation=self.recommendation, number=1)
        self.assertEqual(asked.new_date, date(2032, 6, 30))

    def test_on_a_phone_buttons_stay_in_reach_and_adding_evidence_comes_back_to_it(self) -> None:
        tab = self.tab(self.staff, width=PHONE)
        hand = self.open_form(tab)
        for place in (0, 1500, 3000):
            tab.page.evaluate("place => window.scrollTo(0, place)", place)
            expect(tab.button("Submit to Milan Manager")).to_be_in_viewport()
        hand.fill("Progress since the last update", PROGRESS)
        hand.tap(tab.page.get_by_text("New evidence"))
        hand.attach("Files", MINUTES)
        expect(tab.page.locator(".ticket")).to_contain_text("minutes.pdf")
        hand.tap(tab.button("Add to this update"))
        expect(tab.page.get_by_role("link", name="minutes", exact=True)).to_be_in_viewport()
        expect(tab.page.get_by_label("Progress since the last update")).to_have_value(PROGRESS)
