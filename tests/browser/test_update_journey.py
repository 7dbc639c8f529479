"""An ordinary update, from My work to Submit: how much a person does, and how long the form is."""

from datetime import date
from typing import Any

from playwright.sync_api import FilePayload, expect

from recommendations.actions import dates
from recommendations.actions.parts import add_part
from recommendations.choices import ActionState, Stance, UpdateState
from recommendations.models import Action, EvidenceLink, Recommendation, TargetDateChange
from tests.base import days_ago, link_evidence
from tests.browser.base import DESK, PHONE, FourWays, Tab
from tests.browser.counting import Hand
from tests.browser.test_journey import REFERENCE, JourneyTestCase
from tests.files import pdf

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


class OrdinaryUpdateTests(FourWays, UpdateJourneyTestCase):
    """With evidence, a completed action and a public summary."""

    def travel(self, *, width: int, has_script: bool) -> None:
        tab = self.tab(self.staff, width=width, has_script=has_script)
        hand = self.open_form(tab)
        hand.choose("Partially implemented")
        hand.choose("On track")
        hand.fill("Progress since the last update", PROGRESS)
        hand.tap(tab.page.get_by_label("Agree on the products covered", exact=True))
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


class CheckTests(FourWays, UpdateJourneyTestCase):
    """What approval misses is told before anything is submitted."""

    def travel(self, *, width: int, has_script: bool) -> None:
        tab = self.tab(self.staff, width=width, has_script=has_script)
        hand = self.open_form(tab)
        hand.choose("Implemented")
        if has_script:
            expect(tab.page.get_by_text("Submit anyway?")).to_be_visible()
        else:
            hand.tap(tab.button("Submit to Milan Manager"))
            expect(tab.page.get_by_role("alert")).to_contain_text("Submit anyway?")
        expect(tab.page.locator("#needs")).to_contain_text("the completion date")
        self.assertEqual(self.update_state(), UpdateState.DRAFT)
        hand.tap(tab.button("Submit to Milan Manager"))
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        self.submitted()

    def update_state(self) -> str:
        return str(self.recommendation.updates.latest("pk").state)


class DateTests(FourWays, UpdateJourneyTestCase):
    """A new target date is asked for in the same form."""

    def travel(self, *, width: int, has_script: bool) -> None:
        tab = self.tab(self.staff, width=width, has_script=has_script)
        hand = self.open_form(tab)
        hand.choose("In progress")
        hand.choose("On track")
        hand.fill("Progress since the last update", PROGRESS)
        hand.tap(tab.page.get_by_text("Request a new target date"))
        hand.fill("New target date", "2032-06-30")
        hand.fill("Reason for the change", "Accreditation takes longer.")
        hand.tap(tab.button("Submit to Milan Manager"))
        expect(tab.page.get_by_text(f"{REFERENCE}: submitted for review.")).to_be_visible()
        self.assertLessEqual(hand.count, MOST_INTERACTIONS)
        self.submitted()
        asked = TargetDateChange.objects.get(recommendation=self.recommendation, number=1)
        self.assertEqual(asked.new_date, date(2032, 6, 30))


class EvidencePlaceTests(UpdateJourneyTestCase):
    def test_adding_evidence_comes_back_to_it(self) -> None:
        tab = self.tab(self.staff, width=PHONE)
        hand = self.open_form(tab)
        hand.fill("Progress since the last update", PROGRESS)
        hand.attach("Files", MINUTES)
        expect(tab.page.locator(".ticket")).to_contain_text("minutes.pdf")
        hand.tap(tab.button("Add to this update"))
        expect(tab.page.get_by_role("link", name="minutes", exact=True)).to_be_in_viewport()
        expect(tab.page.get_by_label("Progress since the last update")).to_have_value(PROGRESS)

    def test_the_buttons_stay_in_reach_on_a_phone(self) -> None:
        tab = self.tab(self.staff, width=PHONE)
        self.open_form(tab)
        for place in (0, 1500, 3000):
            tab.page.evaluate("place => window.scrollTo(0, place)", place)
            expect(tab.button("Submit to Milan Manager")).to_be_in_viewport()
