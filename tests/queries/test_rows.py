"""Why a recommendation needs somebody, in the words of its row."""

from django.utils import timezone

from recommendations.actions.updates import decisions
from recommendations.models import Evidence
from recommendations.queries.recommendations.rows import rows_for
from tests.base import TrackerTestCase, days_ago, link_evidence
from tests.updates import begin_draft, submit


class EvidenceGapTests(TrackerTestCase):
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence(visibility="public")
        draft = begin_draft(
            recommendation=cls.recommendation,
            by=cls.staff,
            values={
                "implementation_status": "partly_implemented",
                "confidence": "green",
                "what_happened": "The first part is in effect.",
                "remaining": "The second part.",
            },
        )
        link_evidence(to=draft, by=cls.staff, stance="supports", evidence=cls.item)
        sent = submit(update=draft, by=cls.staff, expected_version=draft.version)
        decisions.approve_update(update=sent, by=cls.manager)

    def reasons(self) -> tuple[str, ...]:
        today = timezone.localdate()
        return rows_for(self.viewer, [self.recommendation.pk], today)[0].reasons

    def test_evidence_that_holds_is_no_reason(self) -> None:
        for last_day in (None, days_ago(0), days_ago(-1)):
            Evidence.objects.filter(pk=self.item.pk).update(expires_on=last_day)
            with self.subTest(last_day):
                self.assertFalse([why for why in self.reasons() if "evidence" in why])

    def test_evidence_that_expired_is_told_with_its_days(self) -> None:
        for days, words in ((1, "Evidence expired 1 day ago"), (9, "Evidence expired 9 days ago")):
            Evidence.objects.filter(pk=self.item.pk).update(expires_on=days_ago(days))
            with self.subTest(days):
                self.assertIn(words, self.reasons())

    def test_what_a_reader_may_not_see_does_not_stand_for_anything(self) -> None:
        Evidence.objects.filter(pk=self.item.pk).update(visibility="internal")
        self.assertIn("No evidence supports the status", self.reasons())
