"""Evidence for and against what an addressee says."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from recommendations import audit
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.responses import record_responses
from recommendations.models import Addressee, AuditEvent, EvidenceLink, Response
from tests.base import TrackerTestCase, days_ago, link_evidence


class ResponseEvidenceTests(TrackerTestCase):
    body: Addressee
    response: Response

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.body = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )
        [cls.response] = record_responses(
            addressees=[cls.body],
            by=cls.staff,
            values={"position": "accepted", "since": days_ago(3)},
        )

    def attach(self, **values: Any) -> EvidenceLink:
        return link_evidence(
            **{"to": self.response, "by": self.staff, "stance": "supports", **values}
        )

    def test_an_item_that_is_there_or_a_new_one(self):
        paper = self.make_evidence()
        link = self.attach(evidence=paper, why="Their letter.")
        self.assertEqual((link.response, link.evidence, link.why), (self.response, paper, link.why))
        letter = {"title": "A letter", "kind": "document", "citation": "Letter of 3 May"}
        self.attach(stance="undermines", values=letter)
        self.attach(stance="background", evidence=self.make_evidence("Another"))
        told = AuditEvent.objects.filter(verb="attach", recommendation=self.recommendation.pk)
        self.assertEqual(told.count(), 3)
        self.assertEqual(audit.verify_chain().fault, "")

    def test_it_speaks_for_against_or_beside_and_once(self):
        paper = self.make_evidence()
        with self.assertRaises(ValidationError):
            self.attach(evidence=paper, stance="need")
        self.attach(evidence=paper)
        with self.assertRaises(ValidationError):
            self.attach(evidence=paper, stance="background")

    def test_whoever_may_log_there_and_nobody_else(self):
        paper = self.make_evidence()
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person=person), self.assertRaises(NotAllowed):
                self.attach(by=person, evidence=paper)
        self.attach(by=self.other_manager, evidence=paper)

    def test_not_where_it_is_archived_or_not_addressed_any_more(self):
        paper = self.make_evidence()
        Addressee.objects.update(removed_at=timezone.now(), removed_by=self.manager)
        with self.assertRaisesMessage(ActionRefused, "is no longer an addressee"):
            self.attach(evidence=paper)
        Addressee.objects.update(removed_at=None, removed_by=None)
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate", note="Twice."
        )
        with self.assertRaises(NotAllowed):
            self.attach(evidence=paper)

    def test_taken_away_it_stays_on_record(self):
        link = self.attach(evidence=self.make_evidence())
        for person in (self.other_staff, self.viewer, self.auditor):
            with self.subTest(person=person), self.assertRaises(NotAllowed):
                evidence_items.detach(link=link, by=person)
        evidence_items.detach(link=link, by=self.staff)
        link.refresh_from_db()
        self.assertEqual(link.removed_by, self.staff)
        with self.assertRaisesMessage(ActionRefused, "already"):
            evidence_items.detach(link=link, by=self.staff)

    def test_staff_leave_what_somebody_else_set_against_it(self):
        link = self.attach(
            by=self.other_manager, stance="undermines", evidence=self.make_evidence()
        )
        with self.assertRaises(NotAllowed):
            evidence_items.detach(link=link, by=self.staff)
        evidence_items.detach(link=link, by=self.manager)
        mine = self.attach(stance="undermines", evidence=self.make_evidence("Mine"))
        evidence_items.detach(link=mine, by=self.staff)

    def test_the_key_of_a_link_leads_back_to_it(self):
        link = self.attach(evidence=self.make_evidence())
        self.assertEqual(EvidenceLink.objects.get_by_natural_key(*link.natural_key()), link)
