"""Evidence for and against a figure, and figures that are recorded over what somebody has seen."""

from decimal import Decimal
from typing import Any

from recommendations.actions import indicators
from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import EvidenceLink, IndicatorLink, Observation
from tests.base import TrackerTestCase, link_evidence

ITEM = {"title": "Yearbook", "kind": "document", "citation": "Page 9"}


class FigureTestCase(TrackerTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.area = cls.make_area()
        cls.indicator = cls.make_indicator("USE")
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.indicator, relation="outcome"
        )
        cls.figure = cls.observe("10")

    @classmethod
    def observe(cls, value: str, **more: Any) -> Observation:
        return indicators.observe(
            indicator=cls.indicator,
            area=cls.area,
            period="2020",
            by=cls.manager,
            values={"value": value},
            **more,
        )

    def attach(self, **values: Any) -> EvidenceLink:
        given = {"to": self.figure, "by": self.staff, "stance": "supports", **values}
        return link_evidence(**given)


class AttachTests(FigureTestCase):
    def test_an_item_that_is_there_or_a_new_one(self):
        paper = self.make_evidence()
        self.assertEqual(self.attach(evidence=paper).observation, self.figure)
        link = self.attach(values=ITEM, stance="undermines", why="Another number.")
        self.assertEqual((link.evidence.title, link.why), ("Yearbook", "Another number."))

    def test_whoever_may_record_figures_there_and_nobody_else(self):
        for number, person in enumerate((self.staff, self.manager, self.administrator)):
            self.attach(by=person, evidence=self.make_evidence(f"Paper {number}"))
        for person in (self.other_staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.attach(by=person, values=ITEM)
        self.assertEqual(EvidenceLink.objects.count(), 3)

    def test_a_revised_figure_takes_no_more_and_keeps_what_it_has(self):
        self.attach(values=ITEM)
        self.observe("11")
        with self.assertRaises(ActionRefused):
            self.attach(values=ITEM)
        self.assertEqual(self.figure.evidence_links.count(), 1)

    def test_it_is_taken_away_by_who_may_record_there_but_not_another_persons_objection(self):
        mine = self.attach(values=ITEM, stance="undermines")
        theirs = self.attach(values=ITEM, stance="undermines", by=self.manager)
        for person in (self.other_staff, self.viewer):
            with self.assertRaises(NotAllowed):
                evidence_items.detach(link=mine, by=person)
        with self.assertRaises(NotAllowed):
            evidence_items.detach(link=theirs, by=self.staff)
        evidence_items.detach(link=mine, by=self.staff)
        evidence_items.detach(link=theirs, by=self.other_manager)
        self.assertFalse(EvidenceLink.objects.live().exists())


class SeenTests(FigureTestCase):
    def test_what_was_seen_is_what_is_revised(self):
        self.assertEqual(self.observe("11", expected_version=1).revision, 2)

    def test_another_revision_or_the_first_one_unseen_is_refused_with_what_stands(self):
        self.observe("11")
        for seen in (0, 1, 3):
            with self.subTest(expected_version=seen), self.assertRaises(StaleWrite) as refusal:
                self.observe("12", expected_version=seen)
            self.assertEqual(refusal.exception.current.value, Decimal(11))
            [difference] = refusal.exception.differences
            self.assertEqual(difference.field, "value")
        self.assertEqual(Observation.objects.count(), 2)

    def test_a_new_figure_was_not_there_to_be_seen(self):
        Observation.objects.count()
        made = indicators.observe(
            indicator=self.indicator,
            area=self.area,
            period="2021",
            by=self.manager,
            values={"value": "1"},
            expected_version=0,
        )
        self.assertEqual(made.revision, 1)
