"""How many statements a decision and a submission cost, whatever there is beside them."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import StatusUpdate
from tests.base import days_ago, link_evidence
from tests.views.writing import Browser, WritingTestCase

MOST = 25
"""Statements of one of these requests, session and person included."""


class WritingBudgetTests(WritingTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        past = timezone.now() - timedelta(days=90)
        before = cls.make_approved(cls.recommendation, at=past, as_of=days_ago(91))
        link_evidence(
            to=before, by=cls.staff, evidence=cls.make_evidence("Kept"), stance="supports"
        )

    def asked(self, window: Browser, name: str, update: StatusUpdate, **data: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            response = window.post(name, update.pk, **data)
        self.assertEqual(response.status_code, 302, response.content)
        found = [query["sql"] for query in captured]
        return [sql for sql in found if not sql.startswith(("SAVEPOINT", "RELEASE"))]

    def written(self, evidence: int) -> tuple[StatusUpdate, list[str]]:
        """An update with so much evidence, and what its submission asked."""
        draft = self.drafted()
        for number in range(evidence):
            item = self.make_evidence(f"Item {StatusUpdate.objects.count()} {number}")
            link_evidence(to=draft, by=self.staff, evidence=item, stance="supports")
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        asked = self.asked(window, "update-submit", draft, **window.form)
        return draft, asked

    def decided(self, name: str, evidence: int) -> list[str]:
        update, _asked = self.written(evidence)
        window = Browser(self.manager)
        window.open("review-item", update.pk)
        return self.asked(window, name, update, note="Seen.")

    def test_a_submission(self) -> None:
        _update, few = self.written(1)
        _update, many = self.written(6)
        self.assertEqual(len(many), len(few), many)
        self.assertLessEqual(len(few), MOST, few)

    def test_an_approval(self) -> None:
        few = self.decided("update-approve", 1)
        for number in range(5):
            self.make_submitted(self.make_recommendation(f"Waits {number}"))
        many = self.decided("update-approve", 6)
        self.assertEqual(len(many), len(few), many)
        self.assertLessEqual(len(few), MOST, few)

    def test_a_return(self) -> None:
        asked = self.decided("update-return", 6)
        self.assertLessEqual(len(asked), MOST, asked)

    def test_a_decision_reads_its_update_once(self) -> None:
        update, _asked = self.written(1)
        window = Browser(self.manager)
        window.open("review-item", update.pk)
        of_the_row = f'WHERE "recommendations_statusupdate"."id" = {update.pk} '
        asked = self.asked(window, "update-approve", update, note="")
        reads = [sql for sql in asked if sql.startswith("SELECT") and of_the_row in sql]
        self.assertEqual(len(reads), 1, reads)
