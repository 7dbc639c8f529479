"""Why a recommendation needs somebody, in the words of its row; and whether it is fictional."""

from typing import Any

from django.utils import timezone

from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.updates import decisions
from recommendations.models import Evidence
from recommendations.queries.dates import date_rows
from recommendations.queries.days import Days
from recommendations.queries.recommendations.past.listed import rows_then
from recommendations.queries.recommendations.rows import rows_for
from recommendations.queries.updates.published import public_updates
from tests.base import TrackerTestCase, days_ago, link_evidence
from tests.settled import OUTSIDE
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


class FictionTests(TrackerTestCase):
    """What a recommendation rests on marks it, for everybody and of every day, and nothing else."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation.contributors.add(cls.agency)
        publish_recommendation(recommendation=cls.recommendation, by=cls.manager)
        cls.make_approved(cls.recommendation, by=cls.other_manager)

    def marked(self) -> set[bool]:
        """Whether pages and files say so to people inside and outside, of today and of before."""
        pk, today, now = self.recommendation.pk, timezone.localdate(), timezone.now()
        days = Days(today, today, now, entry=0, recorded_at=now, entry_hash="")
        found: list[Any] = [date_rows([pk])[pk]]
        for person in (self.viewer, OUTSIDE):
            found += [*rows_for(person, [pk], today), *rows_then([pk], days, person).values()]
        [entry] = public_updates(now.isoformat())
        return {bool(row.is_demonstration) for row in found} | {"Demonstration:" in entry.title}

    def test_the_source_the_lead_the_officer_and_the_author_of_the_status(self) -> None:
        self.assertEqual(self.marked(), {False})
        for row, is_marked in (
            *((self.source, True), (self.ministry, True), (self.staff, True)),
            *((self.other_manager, True), (self.agency, False), (self.manager, False)),
        ):
            with self.subTest(row):
                type(row).objects.filter(pk=row.pk).update(is_demonstration=True)
                self.assertEqual(self.marked(), {is_marked})
                type(row).objects.filter(pk=row.pk).update(is_demonstration=False)
