"""What the database itself asks of evidence, its links, its checks, and of what is taken out."""

from django.db import IntegrityError, models, transaction

from recommendations.actions import indicators
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import (
    Addressee,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    IndicatorLink,
    Observation,
    Response,
    StatusUpdate,
)
from tests.base import link_evidence
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule, Values


class EvidenceConstraintTests(ConstraintTestCase):
    update: StatusUpdate
    item: Evidence
    observation: Observation
    link: EvidenceLink
    check_made: EvidenceCheck

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)
        cls.item = cls.make_evidence()
        cls.observation = indicators.observe(
            indicator=cls.make_indicator(),
            area=cls.make_area(),
            period="2024",
            by=cls.manager,
            values={"value": "1"},
        )
        cls.link = link_evidence(
            to=cls.update, by=cls.staff, stance="undermines", evidence=cls.item
        )
        cls.check_made = evidence_items.check_evidence(evidence=cls.item, by=cls.manager)

    def test_evidence_can_be_looked_up(self) -> None:
        self.assert_rule(
            Rule(
                "evidence_can_be_looked_up",
                self.item,
                holds=[
                    {"url": "https://example.org/", "citation": "Page 1"},
                    {"url": "https://example.org/", "citation": ""},
                    {"url": "", "citation": "Page 1"},
                ],
                breaks=[{"url": "", "citation": ""}],
            )
        )

    def test_an_effective_day_says_how_exact_it_is(self) -> None:
        self.assert_rule(
            Rule(
                "evidence_date_has_precision",
                self.item,
                holds=[
                    {"effective_on": TODAY, "effective_precision": "month"},
                    {"effective_on": None, "effective_precision": "unknown"},
                ],
                breaks=[
                    {"effective_on": TODAY, "effective_precision": "unknown"},
                    {"effective_on": None, "effective_precision": "day"},
                ],
            )
        )

    def test_evidence_does_not_expire_before_it_takes_effect(self) -> None:
        self.assert_rule(
            Rule(
                "evidence_expires_after_effective",
                self.item,
                holds=[
                    {"effective_on": BEFORE, "effective_precision": "day", "expires_on": TODAY},
                    {"effective_on": TODAY, "effective_precision": "day", "expires_on": TODAY},
                    {"effective_on": None, "expires_on": TODAY},
                    {"effective_on": TODAY, "effective_precision": "day", "expires_on": None},
                ],
                breaks=[
                    {"effective_on": TODAY, "effective_precision": "day", "expires_on": BEFORE}
                ],
            )
        )

    def test_a_link_has_exactly_one_target(self) -> None:
        none: Values = {"recommendation": None, "update": None, "observation": None}
        one: list[Values] = [
            {"recommendation": self.recommendation},
            {"update": self.update},
            {"observation": self.observation},
        ]
        self.assert_rule(
            Rule(
                "link_has_one_target",
                self.link,
                holds=[{**none, **target} for target in one],
                breaks=[
                    {**none, **one[0], **one[1]},
                    {**none, **one[0], **one[2]},
                    {**none, **one[1], **one[2]},
                    {**none, **one[0], **one[1], **one[2]},
                ],
                base={"stance": "background"},
            )
        )
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.write(self.link, none)

    def test_only_a_claim_is_spoken_for_or_against(self) -> None:
        to_recommendation: Values = {"recommendation": self.recommendation, "update": None}
        to_observation: Values = {"observation": self.observation, "update": None}
        self.assert_rule(
            Rule(
                "link_stance_fits_target",
                self.link,
                holds=[
                    *({**to_recommendation, "stance": stance} for stance in ("need", "background")),
                    *({"stance": stance} for stance in ("supports", "undermines", "background")),
                    *(
                        {**to_observation, "stance": stance}
                        for stance in ("supports", "undermines")
                    ),
                ],
                breaks=[
                    {**to_recommendation, "stance": "supports"},
                    {**to_recommendation, "stance": "undermines"},
                    {"stance": "need"},
                    {**to_observation, "stance": "need"},
                ],
            )
        )

    def test_an_answer_has_its_words_who_and_when_and_answers_what_is_against(self) -> None:
        given: Values = {
            "answer": "It is out of date.",
            "answered_at": NOW,
            "answered_by": self.manager,
        }
        empty: Values = {"answer": "", "answered_at": None, "answered_by": None}
        self.assert_rule(
            Rule(
                "link_answer_together",
                self.link,
                holds=[{}, given],
                breaks=[
                    *({**given, missing: empty[missing]} for missing in given),
                    {**given, "stance": "supports"},
                ],
            )
        )

    def test_what_is_taken_out_says_by_whom_and_when(self) -> None:
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        indicator_link = IndicatorLink.objects.create(
            recommendation=self.recommendation,
            indicator=self.observation.indicator,
            relation="context",
        )
        rows: dict[str, models.Model] = {
            "link_removed_together": self.link,
            "check_removed_together": self.check_made,
            "addressee_removed_together": addressee,
            "indicator_link_removed_together": indicator_link,
        }
        for name, row in rows.items():
            self.assert_rule(
                Rule(
                    name,
                    row,
                    holds=[{}, {"removed_at": NOW, "removed_by": self.manager}],
                    breaks=[{"removed_at": NOW}, {"removed_by": self.manager}],
                )
            )

    def assert_once(self, row: models.Model, name: str) -> None:
        """A second row like this one is refused until the first is taken out."""

        def again() -> None:
            # The database itself: validation would find the first one too.
            row.pk, row._state.adding = None, True
            type(row)._base_manager.bulk_create([row])

        first = row.pk
        with (
            self.subTest(name, case="twice"),
            self.assertRaises(IntegrityError),
            transaction.atomic(),
        ):
            again()
        with self.subTest(name, case="again after removal"), self.undone():
            type(row)._base_manager.filter(pk=first).update(removed_at=NOW, removed_by=self.manager)
            again()

    def make_response(self) -> Response:
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        return Response.objects.create(
            addressee=addressee,
            position="accepted",
            since=NOW.date(),
            recorded_at=NOW,
            recorded_by=self.staff,
        )

    def test_the_same_evidence_is_linked_once_until_it_is_taken_away(self) -> None:
        targets: dict[str, Values] = {
            "link_update_once": {"update": self.update},
            "link_recommendation_once": {"recommendation": self.recommendation},
            "link_observation_once": {"observation": self.observation},
            "link_response_once": {"response": self.make_response()},
        }
        other = self.make_evidence("Another paper")
        for name, target in targets.items():
            row = EvidenceLink.objects.create(
                evidence=other, stance="background", added_at=NOW, **target
            )
            self.assert_once(row, name)

    def test_a_person_checks_an_item_once_until_the_check_is_taken_back(self) -> None:
        self.assert_once(
            EvidenceCheck.objects.create(evidence=self.item, by=self.other_manager, at=NOW),
            "check_once_by_a_person",
        )

    def test_an_addressee_is_named_once_until_it_is_taken_out(self) -> None:
        targets: dict[str, Values] = {
            "addressee_area_once": {"area": self.observation.area},
            "addressee_organisation_once": {"organisation": self.agency},
        }
        for name, target in targets.items():
            row = Addressee.objects.create(recommendation=self.recommendation, **target)
            self.assert_once(row, name)

    def test_an_indicator_is_linked_once_until_the_link_is_taken_away(self) -> None:
        row = IndicatorLink.objects.create(
            recommendation=self.recommendation,
            indicator=self.observation.indicator,
            relation="context",
        )
        self.assert_once(row, "indicator_link_once")
