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

    def test_evidence_that_holds_or_expired_or_may_not_be_seen(self) -> None:
        hidden = {"visibility": "internal"}
        for values, expected in (
            ({"expires_on": None}, []),
            ({"expires_on": days_ago(-1)}, []),
            ({"expires_on": days_ago(0)}, []),
            ({"expires_on": days_ago(1)}, ["Evidence expired 1 day ago"]),
            ({"expires_on": days_ago(9)}, ["Evidence expired 9 days ago"]),
            ({"expires_on": None, **hidden}, ["No evidence supports the status"]),
        ):
            Evidence.objects.filter(pk=self.item.pk).update(**values)
            with self.subTest(values):
                told = [why for why in self.reasons() if "evidence" in why.lower()]
                self.assertEqual(told, expected)
