"""Themes: who may add and change one, what lists keep of them, and what the record tells."""

from unittest.mock import patch

from django.core.exceptions import ValidationError

from recommendations import audit
from recommendations.actions import recommendations, themes
from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.models import AuditEvent, RecommendationState, Theme
from recommendations.search import documents
from tests.base import TrackerTestCase


class ThemeTests(TrackerTestCase):
    def add(self, name: str = "Skills", **given: object) -> Theme:
        return themes.add_theme(by=given.pop("by", self.manager), values={"name": name, **given})

    def give(self, *found: Theme) -> None:
        self.recommendation.refresh_from_db()
        recommendations.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"themes": list(found)},
        )

    def kept(self) -> str:
        return RecommendationState.objects.get(pk=self.recommendation.pk).theme_names

    def test_managers_and_administrators_add_and_change_them(self) -> None:
        theme = self.add()
        changed = themes.change_theme(
            theme=theme,
            by=self.administrator,
            expected_version=1,
            values={"name": "Digital skills"},
        )
        self.assertEqual(
            (changed.name, changed.version, changed.slug), ("Digital skills", 2, "skills")
        )
        told = AuditEvent.objects.filter(object_type="recommendations.theme").order_by("sequence")
        self.assertEqual(list(told.values_list("verb", flat=True)), ["create", "change"])

    def test_nobody_else_may(self) -> None:
        theme = self.add()
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person=person):
                with self.assertRaises(NotAllowed):
                    self.add("Other", by=person)
                with self.assertRaises(NotAllowed):
                    themes.change_theme(
                        theme=theme, by=person, expected_version=1, values={"name": "Other"}
                    )
        self.assertEqual(Theme.objects.get().name, "Skills")

    def test_a_name_is_there_once_and_is_never_empty(self) -> None:
        self.add()
        for name in ("Skills", ""):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.add(name)

    def test_a_stale_form_changes_nothing(self) -> None:
        theme = self.add()
        themes.change_theme(theme=theme, by=self.manager, expected_version=1, values={"name": "A"})
        with self.assertRaises(StaleWrite):
            themes.change_theme(
                theme=theme, by=self.other_manager, expected_version=1, values={"name": "B"}
            )

    def test_there_are_not_more_than_a_form_can_show(self) -> None:
        self.add()
        with patch.object(themes, "MOST_THEMES", 1), self.assertRaises(ActionRefused):
            self.add("Trade")

    def test_names_are_kept_for_lists_in_their_order_and_renamed_there(self) -> None:
        trade, skills = self.add("Trade"), self.add("Skills")
        self.give(trade, skills)
        self.assertEqual(self.kept(), "Skills\nTrade")
        themes.change_theme(
            theme=skills, by=self.manager, expected_version=1, values={"name": "Zeal"}
        )
        self.assertEqual(self.kept(), "Trade\nZeal")
        self.assertEqual(list(documents.drift([self.recommendation.pk])), [])
        self.assertEqual(audit.verify_states().count, 0)
        self.give()
        self.assertEqual(self.kept(), "")
