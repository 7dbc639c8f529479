"""The page of one recommendation and its tabs: what each says, to whom, and what nobody may see."""

from typing import Any

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import indicators, recommendations, responses
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.actions.uses import switch_parts
from recommendations.models import Addressee, IndicatorLink, Recommendation, StatusUpdate, User
from tests.base import agreed, days_ago, link_evidence
from tests.edits import observe
from tests.rows import past_the_guards
from tests.updates import begin_draft, submit
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"
WHOLE = f"{PAGE}print/"
"""All tabs at once."""
TABS = ("", "evidence/", "responses/", "actions/", "indicators/", "history/")
OFFICE = ("staff", "other_staff", "manager", "auditor", "administrator")
"""Who reads drafts, notes and internal evidence."""


class DetailTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.recommendation = cls.make_recommendation(
            rationale="Because it helps.",
            quoted_text="States should do the thing.",
            locator="page 12",
        )

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def read_public(self, path: str = WHOLE, status: int = 200) -> str:
        with override_settings(PUBLIC_PAGES=True):
            return self.read(path, status=status)


class StandingTests(DetailTestCase):
    def test_without_an_update_it_says_no_report_yet(self):
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Do the thing, in our words. Status: No report yet Confidence: Not rated",
            "No update has been approved. This is not the same as “Not started”.",
            "No updates submitted yet.",
            "Verification No approved update yet",
            "No outcome or delivery indicator linked",
        )

    def test_the_update_in_force_is_shown_whole_with_both_names_and_times(self):
        update = self.make_approved(
            self.recommendation,
            as_of=days_ago(2),
            confidence="amber",
            what_happened="The law was sent to the house.",
            remaining="The vote.",
            next_steps="Talk to members.",
            issue="The session ends soon.",
            response_action="Ask for an extra sitting.",
            response_owner="The whip",
            public_text="A law is on its way.",
        )
        decided = timezone.localtime(update.decided_at)
        self.assert_words(
            self.read(WHOLE, self.viewer),
            f"As of {days_ago(2):%-d %B %Y}. Written by Staff, approved by Manager on "
            f"{decided:%-d %B %Y, %H:%M}.",
            "The law was sent to the house.",
            "Remaining work The vote.",
            "Next steps Talk to members.",
            "Delivery is at risk: The session ends soon.",
            "Corrective action Ask for an extra sitting.",
            "Owner of the corrective action The whip",
            "Public summary A law is on its way.",
            f"{decided:%-d %B %Y, %H:%M}, today "
            "Approved: In progress, at risk by Manager, written by Staff",
            "Submitted for review by Staff",
        )

    def test_what_was_reported_and_waits_is_marked_as_that(self):
        self.make_submitted(self.recommendation, implementation_status="not_started")
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Status: No report yet Confidence: Not rated",
            f"Reported as “Not started” by Staff on {days_ago(0):%-d %B %Y}, awaiting review.",
            "Open updates Update status: Awaiting review",
        )

    def test_a_correction_that_waits_is_no_report_and_hides_none(self):
        first = self.make_approved(self.recommendation, as_of=days_ago(20))
        correction = decisions.correct(
            update=first, by=self.staff, values={"what_happened": "Two."}
        )
        submit(update=correction, by=self.staff, expected_version=correction.version)
        words = self.read(WHOLE, self.viewer)
        self.assert_words(words, "Correction awaiting review")
        self.assert_no_words(words, "Reported as")
        self.make_submitted(self.recommendation, implementation_status="not_started")
        decisions.retract(update=first, by=self.staff, reason="It was another day.")
        self.assert_words(self.read(WHOLE, self.viewer), "Reported as “Not started”")

    def test_correction_retraction_and_no_change_are_told_in_the_timeline(self):
        first = self.make_approved(self.recommendation, as_of=days_ago(20))
        correction = decisions.correct(
            update=first, by=self.staff, values={"what_happened": "Two meetings."}
        )
        correction = submit(update=correction, by=self.staff, expected_version=correction.version)
        decisions.approve_update(update=correction, by=self.manager)
        confirmed = decisions.no_change(recommendation=self.recommendation, by=self.staff)
        decisions.approve_update(update=confirmed, by=self.manager)
        wrong = decisions.retract(update=confirmed, by=self.staff, reason="It was another day.")
        decisions.approve_update(update=wrong, by=self.other_manager)
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Wording corrected: In progress, on track by Manager, written by Staff",
            "No change, approved: In progress, on track by Manager, written by Staff",
            "Update retracted: In progress, on track by Other Manager, written by Staff",
            "Two meetings.",
        )
        self.assertLess(text.index("Update retracted"), text.index("Wording corrected"))

    def test_an_addressee_has_a_state_of_its_own(self):
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, area=self.make_area()
        )
        self.make_approved(
            self.recommendation, implementation_status="not_started", addressee=addressee
        )
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Status: No report yet",
            "Status by addressee 1 addressee. Not started: 1 All areas",
            "Approved: All areas: Not started, on track",
        )


class ButtonTests(DetailTestCase):
    def test_each_reader_has_buttons_for_exactly_what_they_may_do(self):
        expected = {
            "staff": {"Log an update"},
            "other_staff": set(),
            "manager": {"Log an update", "Publish"},
            "viewer": set(),
            "auditor": set(),
            "administrator": {"Edit recommendation", "Publish"},
        }
        buttons = {
            *("Log an update", "Publish", "Edit recommendation"),
            *("no change", "Continue my draft"),
        }

        def shown(name: str) -> set[str]:
            head = self.read(PAGE, getattr(self, name)).split("Current update")[0]
            return {button for button in buttons if button in head}

        for name, wanted in expected.items():
            with self.subTest(reader=name):
                self.assertEqual(shown(name), wanted)
        self.make_approved(self.recommendation)
        self.assertEqual(shown("staff"), {"Log an update", "no change"})
        begin_draft(recommendation=self.recommendation, by=self.staff)
        own = shown("staff")
        self.assertIn("Continue my draft", own)
        self.assertNotIn("Log an update", own)
        self.assertIn("Log an update", shown("manager"))
        about = {"recommendation": self.recommendation, "by": self.manager}
        recommendations.archive(**about, reason="duplicate")
        self.assertEqual(shown("manager"), set())

    def test_the_one_thing_to_do_next_goes_by_the_reader(self) -> None:
        def primary(person: User) -> str:
            found = self.get(PAGE, person).context["primary"]
            return found.label if found else ""

        self.assertEqual([primary(self.staff), primary(self.viewer)], ["Log an update", ""])
        self.make_submitted(self.recommendation, by=self.staff)
        self.assertEqual(primary(self.manager), "Review update")
        self.assert_words(self.read(PAGE, self.manager), "awaiting your review.")
        self.assert_words(self.read(PAGE, self.viewer), "awaiting review.")


class PublicWordingTests(DetailTestCase):
    """What the public reads of an update, and of what there is beside it."""

    def setUp(self) -> None:
        super().setUp()
        self.publish()

    def test_without_public_wording_it_reads_status_confidence_and_day(self):
        day = f"{days_ago(9):%-d %B %Y}"
        self.make_approved(self.recommendation, as_of=days_ago(9), confidence="not_rated")
        approved = f"{days_ago(0):%-d %B %Y}"
        words = f"As of {day} in progress (approved {approved}). Confidence not rated."
        self.assert_words(self.read_public(), words, "Current update No public summary")
        self.assert_words(
            self.read(WHOLE, self.viewer),
            words,
            "Public summary No public summary. "
            "The public page shows the status and delivery confidence.",
        )

    def test_it_reads_why_delivery_is_off_track_or_that_no_reason_was_given(self):
        red = {"confidence": "red", "asked_for": "More money.", "as_of": days_ago(9)}
        update = self.make_approved(self.recommendation, **red)
        self.assert_words(
            self.read_public(), "Reason for the rating “off track”: The funds are late."
        )
        cited = self.read(f"{PAGE}?as_of={days_ago(1).isoformat()}", self.manager)
        self.assert_words(cited, "Reason for the rating “off track”: The funds are late.")
        with past_the_guards():
            StatusUpdate.objects.filter(pk=update.pk).update(public_reason="")
        cache.clear()
        text = self.read_public()
        self.assert_words(text, "No public reason was given.")
        self.assert_no_words(text, "More money.")

    def test_an_older_wording_never_stands_under_a_newer_status(self):
        self.make_approved(self.recommendation, as_of=days_ago(9), public_text="Old words.")
        update = self.make_submitted(self.recommendation, implementation_status="not_started")
        self.assert_no_words(self.read_public(PAGE), "Not started", "awaiting")
        decisions.approve_update(update=update, by=self.manager)
        text = self.read_public()
        self.assert_words(text, "Status: Not started", "not started (approved")
        self.assert_no_words(text, "Old words.")

    def test_it_is_told_what_is_published_and_not_what_there_is(self):
        """The same words whether the office has something unpublished or nothing at all."""
        update = self.make_approved(self.recommendation)
        told = [
            "Evidence on the current update No evidence published",
            "No outcome or delivery indicator is published",
            "Rationale and context No evidence published",
        ]
        self.assert_words(self.read_public(), *told)
        item = self.make_evidence("A note to file")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=item)
        link = {"indicator": self.make_indicator(), "relation": "outcome"}
        IndicatorLink.objects.create(recommendation=self.recommendation, **link)
        self.assert_words(self.read_public(), *told)


class VisibilityTests(DetailTestCase):
    """What each reader sees of one row that has something of everything."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        update = cls.make_approved(
            cls.recommendation,
            confidence="amber",
            issue="The session ends soon.",
            response_action="Ask for more time.",
            response_owner="The whip",
            public_text="In public words.",
            internal_note="A secret worry.",
        )
        item = cls.make_evidence("A note to file")
        link_evidence(to=update, by=cls.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=cls.other_manager)
        values = {"what_happened": "Half a thought."}
        begin_draft(recommendation=cls.recommendation, by=cls.staff, values=values)
        update = cls.make_submitted(cls.recommendation, by=cls.manager)
        decisions.return_update(update=update, by=cls.other_manager, note="Not good enough.")

    def test_what_people_inside_read(self):
        office = (
            *("Update status: Draft", "Update status: Returned", "Returned to the author"),
            *("Not good enough.", "Internal note A secret worry.", "A note to file", "Internal"),
            "Independently verified",
        )
        for name in OFFICE:
            with self.subTest(reader=name):
                self.assert_words(self.read(WHOLE, getattr(self, name)), *office)
        self.assert_words(
            self.read(WHOLE, self.viewer),
            *("A first meeting took place.", "Written by Staff"),
            "Verification Approved, evidence not verified",
            but_not=[*office, "Internal note", "Reported as"],
        )

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_what_is_published_and_no_more(self):
        readers = (None, self.stranger)
        for reader in readers:
            self.read(WHOLE, reader, status=404)
        self.publish()
        for reader in readers:
            with self.subTest(reader=reader):
                self.assert_words(
                    self.read(WHOLE, reader),
                    "Status: In progress Confidence: At risk",
                    "Do the thing, in our words.",
                    "Source: A report",
                    "In public words.",
                )


class TabTests(DetailTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(
            cls.recommendation,
            confidence="amber",
            issue="The session ends soon.",
            response_action="Ask for more time.",
            response_owner="The whip",
            asked_for="A longer session.",
        )
        Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)
        switch_parts(by=cls.administrator, values={"responses": "on"})

    def link(self, title: str, stance: str = "supports", **values: Any) -> Any:
        """Public evidence on the update, recorded by another than its author."""
        item = self.make_evidence(title, visibility="public", by=self.other_staff)
        given = {"stance": stance, "evidence": item, **values}
        return agreed(link_evidence(to=self.update, by=self.manager, **given))

    def test_the_card_stands_on_every_tab_with_links_to_the_others(self) -> None:
        for tab in TABS:
            with self.subTest(tab=tab):
                response = self.get(PAGE + tab, self.viewer)
                self.assert_words(
                    self.read(PAGE + tab, self.viewer),
                    "REP-1 Do the thing Summary: Do the thing, in our words.",
                    "Delivery is at risk: The session ends soon.",
                    "Decision or support needed: A longer session.",
                    "Accepted by 0 of 1 No response yet from 1",
                    "Evidence 0 support Responses 0 of 1 Actions 0 of 0 completed",
                )
                self.assertContains(response, f'<a href="{PAGE}{tab}#tabs" aria-current="page">')
                for other in TABS:
                    self.assertContains(response, f'href="{PAGE}{other}#tabs"')

    def test_each_item_of_attention_names_its_cause_and_holds_what_helps(self) -> None:
        self.link("A count", "undermines")
        values = {"title": "Write it", "state": "not_started", "due_on": days_ago(3)}
        action = responses.add_action(
            recommendation=self.recommendation, by=self.staff, values=values
        )
        response = self.get(PAGE, self.other_manager)
        self.assert_words(
            self.read(PAGE, self.other_manager),
            "“A count” contradicts the current status. Answer contradiction Add evidence",
            f"“Write it” was due on {days_ago(3):%-d %B %Y}. Update action",
        )
        update = f"/updates/{self.update.pk}/"
        for address in (f"{update}#evidence", f"{update}#answer", action.get_absolute_url()):
            self.assertContains(response, f'href="{address}"')
        self.assertContains(self.get(update, self.other_manager), 'id="answer"')
        self.assert_no_words(self.read(PAGE, self.viewer), "Answer contradiction", "Update action")
        text = self.read(PAGE, self.staff)  # its author
        self.assert_no_words(text, "Answer contradiction")
        self.assert_words(text, "The author cannot answer. A manager can, or another person")

    def test_long_lists_say_how_many_there_are_and_show_all_when_asked(self) -> None:
        for n in range(1, 6):
            self.make_approved(self.recommendation, as_of=days_ago(n), what_happened=f"Step {n}.")
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, "Show all 6", "Step 1.", "Step 3.", "History 6 updates")
        self.assert_no_words(text, "Step 4.", "Timeline")
        for n in range(12):
            self.link(f"Item {n:02}")
        text = self.read(f"{PAGE}evidence/", self.viewer)
        self.assert_words(text, "Item 09", "Show all 12")
        self.assert_no_words(text, "Item 10")
        self.assert_words(self.read(f"{PAGE}evidence/", self.viewer, all=""), "Item 11")

    def test_evidence_for_and_against_with_answer_and_check(self):
        law = self.link("A law", why="A law says so.")
        count = self.link("Z count", "undermines", why="A count says so.")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "but contradicted", "A law says so.")
        self.assert_words(text, "A law, page 1 Not verified")
        tab = self.read(f"{PAGE}evidence/", self.viewer)
        shown = tab.split("Evidence on the current update")[1]
        self.assertLess(shown.index("Z count"), shown.index("A law"))  # what is unanswered first
        evidence_items.check_evidence(evidence=law.evidence, by=self.other_manager)
        evidence_items.answer(link=count, by=self.manager, text="It is of another year.")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Verification Independently verified",
            "A law, page 1 Verified",
            f"Answered by Manager on {days_ago(0):%-d %B %Y}: It is of another year.",
        )
        self.assert_no_words(text, "contradicted", "Unanswered")
        with self.settings(PUBLIC_PAGES=True):
            recommendations.publish_recommendation(
                recommendation=self.recommendation, by=self.manager
            )
            type(count.evidence).objects.update(visibility="public")
            text = self.read(f"{PAGE}evidence/")
            self.assert_words(text, "Answered")
            self.assert_no_words(text, "another year")


class MeasureTests(DetailTestCase):
    def test_an_outcome_measures_it_with_unit_area_and_period(self):
        indicator, area = self.make_indicator(), self.make_area()
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=indicator, relation="outcome"
        )
        self.assert_words(self.read(WHOLE, self.viewer), "Outcome indicator No data yet")
        values = {"dimensions": "SEX=F", "is_lower_bound": True, "obs_status": "P"}
        observe(indicator, area, "2024", "1234", self.manager, **values)
        aim = {"kind": "target", "period": "2030", "value": "5000", "mark": "assumed"}
        indicators.set_target(indicator=indicator, by=self.staff, values={"area": area, **aim})
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Outcome indicator Target 2030 All areas 5,000 persons Assumed",
            "Observed 2024 All areas SEX=F more than 1,234 persons Provisional",
            but_not=["No outcome or delivery indicator linked"],
        )


class FactsTests(DetailTestCase):
    def revise(self, **values: Any) -> None:
        found = Recommendation.objects.get(pk=self.recommendation.pk)
        given: dict[str, Any] = {"by": self.manager, "expected_version": found.version}
        recommendations.revise_recommendation(recommendation=found, values=values, **given)

    def test_its_people_days_addressees_and_the_source_that_is_quoted(self):
        self.revise(contributors=[self.agency])
        Recommendation.objects.update(target_date=days_ago(-1), review_on=days_ago(-5))
        removed = {"removed_at": timezone.now(), "removed_by": self.manager}
        for values in (
            {"area": self.make_area()},
            {"organisation": self.agency},
            {"organisation": self.ministry, **removed},
        ):
            Addressee.objects.create(recommendation=self.recommendation, **values)
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Lead organisation Ministry A Lead officer: Staff",
            "Reviewer Any manager other than the author Who can approve this?",
            "Contributors Agency B",
            "Priority Not set Themes No theme Nature Time-bound",
            f"Target date {days_ago(-1):%-d %B %Y} tomorrow",
            f"Next periodic review {days_ago(-5):%-d %B %Y}",
            "Reporting frequency: every 6 months",
            "Published Not published",
            "Source A report page 12 Level of obligation Should Addressees All areas Agency B",
            "States should do the thing. Because it helps.",
        )

    def test_a_changed_wording_says_so_and_the_earlier_one_is_read_by_who_could_read_it(self):
        self.revise(title="A first try")
        self.publish()
        self.revise(quoted_text="States must do it.", wording_reason="A misprint.")
        recommendations.unpublish_recommendation(
            recommendation=self.recommendation, by=self.manager, reason="Too early."
        )
        self.revise(title="A second try", wording_reason="The first was wrong.")
        self.revise(title="A third try", wording_reason="So was the second.")
        self.publish()
        day = f"{days_ago(0):%-d %B %Y}"
        told = f"Wording changed on {day}: So was the second."
        self.assert_words(self.read(WHOLE, self.viewer), told)
        self.assert_words(
            self.read_public(PAGE), told, "Wording of the source States must do it. page 12"
        )
        first = f"Until {day} Changed because: A misprint. A first try"
        second = f"Until {day} Changed because: The first was wrong. A first try"
        third = f"Until {day} Changed because: So was the second. A second try"
        self.assert_words(self.read(f"{PAGE}wording/", self.viewer), third, second, first)
        # What was replaced while it was withdrawn had been public; what came meanwhile never was.
        outside = self.read_public(f"{PAGE}wording/")
        self.assert_words(outside, second, first, "States should do the thing.")
        self.assert_no_words(outside, "A second try")
