"""How many statements a decision and a submission cost, whatever there is beside them."""

import re
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import EvidenceLink, StatusUpdate
from tests.base import days_ago, link_evidence
from tests.views.writing import Browser, WritingTestCase

MOST = 25 if connection.vendor == "postgresql" else 26
"""Statements of one of these requests, session and person included.

SQLite, to which there is no way to go, marks what was touched by two where PostgreSQL takes one.
"""


class WritingBudgetTests(WritingTestCase):
    before: StatusUpdate
    kept: int

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        past = timezone.now() - timedelta(days=90)
        cls.before = cls.make_approved(cls.recommendation, at=past, as_of=days_ago(91))
        cls.kept = cls.supported("Kept")

    @classmethod
    def supported(cls, title: str) -> int:
        """A link to the update in force, which the form of the next one offers to keep."""
        item = cls.make_evidence(title)
        return link_evidence(
            to=cls.before, by=cls.staff, evidence=item, stance="supports", why="It says so."
        ).pk

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

    def test_a_submission_that_keeps_and_drops_evidence_and_meets_contradictions(self) -> None:
        few = self.submitted_with(keep=[self.kept], drop=[], contradictions=1)
        more = [self.supported(f"More {number}") for number in range(4)]
        many = self.submitted_with(keep=[self.kept, *more[:2]], drop=more[2:], contradictions=3)
        self.assertEqual(len(many), len(few), many)
        self.assertLessEqual(len(few), MOST, few)

    def submitted_with(self, *, keep: list[int], drop: list[int], contradictions: int) -> list[str]:
        """What a submission asked whose form keeps and drops, and whose base is contradicted."""
        draft = self.drafted()
        for number in range(contradictions):
            link_evidence(
                to=self.before,
                by=self.other_manager,
                evidence=self.make_evidence(f"Against {draft.pk} {number}"),
                stance="undermines",
                why="It says otherwise.",
            )
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        typed = {**window.form, "offered": [*keep, *drop], "keep": keep}
        asked = self.asked(window, "update-submit", draft, **typed)
        links = EvidenceLink.objects.filter(update=draft).values_list("stance", "removed_at")
        found = [stance for stance, removed_at in links if removed_at is None]
        self.assertEqual(found.count("supports"), len(keep))
        self.assertGreaterEqual(found.count("undermines"), contradictions)
        self.assertEqual(len(links) - len(found), len(drop))
        return asked

    def test_an_approval(self) -> None:
        few = self.decided("update-approve", 1)
        for number in range(5):
            self.make_submitted(self.make_recommendation(f"Waits {number}"))
        many = self.decided("update-approve", 6)
        self.assertEqual(len(many), len(few), many)
        self.assertLessEqual(len(few), MOST, few)
        update = StatusUpdate.objects.filter(state="approved").latest("decided_at").pk
        of_the_row = re.compile(rf'WHERE \(?"recommendations_statusupdate"\."id" = \(?{update}\b')
        reads = [sql for sql in many if sql.startswith("SELECT") and of_the_row.search(sql)]
        self.assertEqual(len(reads), 1, reads)

    def test_a_return(self) -> None:
        asked = self.decided("update-return", 6)
        self.assertLessEqual(len(asked), MOST, asked)
