"""What the database itself refuses of themes, parts, what completes them, and relations."""

from recommendations.models import Part, PartCompletion, RecommendationRelation, Theme
from tests.models.constraints import NOW, ConstraintTestCase, Rule


class RelationConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.second = cls.make_recommendation("Second")
        cls.relation = RecommendationRelation.objects.create(
            recommendation=cls.recommendation,
            other=cls.second,
            kind="depends_on",
            added_at=NOW,
            added_by=cls.manager,
        )
        cls.part = Part.objects.create(
            recommendation=cls.recommendation, label="a", text="A strand."
        )
        cls.theme = Theme.objects.create(slug="skills", name="Skills")

    def test_a_theme_has_a_name(self) -> None:
        self.assert_rule(Rule("theme_has_name", self.theme, [{"name": "Trade"}], [{"name": ""}]))

    def test_a_relation_leads_to_another(self) -> None:
        same = {"other": self.recommendation.pk}
        self.assert_rule(
            Rule("relation_not_to_itself", self.relation, [{"other": self.second.pk}], [same])
        )

    def test_related_goes_from_the_lower_number_to_the_higher(self) -> None:
        ends = {"recommendation": self.second.pk, "other": self.recommendation.pk}
        self.assert_rule(
            Rule(
                "relation_related_is_stored_once",
                self.relation,
                [{"kind": "related"}, ends],
                [{**ends, "kind": "related"}],
            )
        )

    def test_removed_has_who_and_when_or_neither(self) -> None:
        both = {"removed_at": NOW, "removed_by": self.manager.pk}
        completion = PartCompletion.objects.create(
            update=self.make_submitted(self.recommendation),
            part=self.part,
            added_at=NOW,
            added_by=self.manager,
        )
        for name, row in (
            ("relation_removed_together", self.relation),
            ("part_removed_together", self.part),
            ("part_completion_removed_together", completion),
        ):
            lone = [{"removed_at": NOW}, {"removed_by": self.manager.pk}]
            nothing = {"removed_at": None, "removed_by": None}
            self.assert_rule(Rule(name, row, [both, nothing], lone))

    def test_a_part_has_label_and_text(self) -> None:
        self.assert_rule(
            Rule(
                "part_has_label_and_text",
                self.part,
                [{"label": "b", "text": "Other."}],
                [{"label": ""}, {"text": ""}],
            )
        )

    def test_an_amended_part_has_its_reason(self) -> None:
        self.assert_rule(
            Rule(
                "part_amended_with_reason",
                self.part,
                [{"amended_at": NOW, "amendment_reason": "So."}, {"amendment_reason": "So."}],
                [{"amended_at": NOW}],
            )
        )
