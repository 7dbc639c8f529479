"""Evidence, indicators and facts on the page of a recommendation."""

from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import Addressee, IndicatorLink, Recommendation
from tests.base import days_ago, link_evidence
from tests.views.test_recommendation_detail import WHOLE, DetailTestCase


class EvidenceTests(DetailTestCase):
    def test_need_and_background_never_count_as_progress(self):
        item = self.make_evidence("The report itself", visibility="public")
        link_evidence(to=self.recommendation, by=self.staff, evidence=item, stance="need")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "Rationale and context", "This evidence does not count as progress")
        self.assert_words(text, "Evidence: Rationale The report itself Document")
        self.assert_no_words(text, "Evidence on the current update")

    def test_evidence_for_and_against_with_answer_and_check(self):
        update = self.make_approved(self.recommendation)
        for title, stance in (("A law", "supports"), ("A count", "undermines")):
            link_evidence(
                to=update,
                by=self.staff,
                stance=stance,
                evidence=self.make_evidence(title, visibility="public", by=self.other_staff),
                why=f"{title} says so.",
            )
        law, count = update.evidence_links.order_by("pk")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "but contradicted Unanswered since", "A law says so.")
        self.assert_words(text, "A law, page 1 Not verified")
        evidence_items.check_evidence(evidence=law.evidence, by=self.other_manager)
        contradictions.answer(link=count, by=self.manager, text="It is of another year.")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Verification Independently verified",
            "A law, page 1 Verified",
            f"Answered by Manager on {days_ago(0):%-d %B %Y}: It is of another year.",
        )
        self.assert_no_words(text, "contradicted", "Unanswered")

    def test_internal_evidence_is_for_those_who_may_read_it(self):
        update = self.make_approved(self.recommendation)
        item = self.make_evidence("A note to file")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        for name in ("staff", "other_staff", "manager", "auditor", "administrator"):
            with self.subTest(reader=name):
                text = self.read(WHOLE, getattr(self, name))
                self.assert_words(text, "A note to file", "Internal", "Independently verified")
        text = self.read(WHOLE, self.viewer)
        self.assert_no_words(text, "A note to file", "Independently verified")
        self.assert_words(text, "Verification Approved, evidence not verified")


class MeasureTests(DetailTestCase):
    def link(self, relation: str, code: str = "USE") -> None:
        self.indicator = self.make_indicator(code)
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=self.indicator, relation=relation
        )

    def test_without_an_indicator_it_says_that_none_measures_it(self):
        self.assert_words(self.read(WHOLE, self.viewer), "No outcome or delivery indicator linked")

    def test_context_measures_nothing_and_is_listed_all_the_same(self):
        self.link("context")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "No outcome or delivery indicator linked",
            "Context indicators USE Use of the thing",
        )

    def test_an_outcome_measures_it_with_unit_area_and_period(self):
        self.link("outcome")
        area = self.make_area()
        indicators.observe(
            indicator=self.indicator,
            area=area,
            period="2024",
            by=self.manager,
            dimensions="SEX=F",
            values={"value": "1234", "is_lower_bound": True, "obs_status": "P"},
        )
        indicators.set_target(
            indicator=self.indicator,
            by=self.staff,
            values={
                "kind": "target",
                "area": area,
                "period": "2030",
                "value": "5000",
                "mark": "assumed",
            },
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_no_words(text, "No outcome or delivery indicator linked")
        self.assert_words(
            text,
            "Outcome indicator Target 2030 All areas 5,000 persons assumed",
            "Observed 2024 All areas SEX=F more than 1,234 persons provisional",
        )

    def test_an_indicator_without_a_figure_says_so(self):
        self.link("delivery")
        self.assert_words(self.read(WHOLE, self.viewer), "Output or process indicator No data yet")


class FactsTests(DetailTestCase):
    def test_lead_officer_contributors_dates_and_rhythm(self):
        recommendations.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"contributors": [self.agency]},
        )
        Recommendation.objects.update(target_date=days_ago(-1), review_on=days_ago(-5))
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Lead organisation Ministry A Lead officer: Staff",
            "Reviewer Any manager other than the author Who can approve this?",
            "Contributors Agency B",
            "Priority Not set Themes No theme Nature Time-bound",
            f"Target date {days_ago(-1):%-d %B %Y} tomorrow",
            f"Next periodic review {days_ago(-5):%-d %B %Y}",
            "Reporting frequency: every 6 months",
            "Published Not published",
        )

    def test_the_source_is_quoted_with_how_firmly_it_asks_of_whom_and_where(self):
        Addressee.objects.create(recommendation=self.recommendation, area=self.make_area())
        Addressee.objects.create(recommendation=self.recommendation, organisation=self.agency)
        removed = {"removed_at": timezone.now(), "removed_by": self.manager}
        Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.ministry, **removed
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Source A report page 12 Level of obligation Should Addressees All areas Agency B",
            "States should do the thing. Because it helps.",
        )

    def test_an_amended_wording_says_so(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        current = Recommendation.objects.get()
        recommendations.revise_recommendation(
            recommendation=current,
            by=self.manager,
            expected_version=current.version,
            values={"quoted_text": "States must do it.", "wording_reason": "A misprint."},
        )
        day = f"{days_ago(0):%-d %B %Y}"
        self.assert_words(self.read(WHOLE, self.viewer), f"Wording amended on {day}: A misprint.")
