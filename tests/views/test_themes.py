"""Themes: on Home, in lists and on their own page; and the themes of one recommendation."""

from typing import Any

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import recommendations, themes
from recommendations.models import Recommendation, Theme
from tests.views.pages import PageTestCase

CLASSIFY = "/recommendations/REP-1/classify/"


class ThemePageTestCase(PageTestCase):
    skills: Theme
    second: Recommendation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.skills = themes.add_theme(
            by=cls.manager, values={"name": "Skills", "description": "What people learn."}
        )
        cls.second = cls.make_recommendation("Second")
        cls.classify(cls.recommendation, themes=[cls.skills], priority="high")

    @classmethod
    def classify(cls, found: Recommendation, **values: Any) -> None:
        found.refresh_from_db()
        recommendations.revise_recommendation(
            recommendation=found, by=cls.manager, expected_version=found.version, values=values
        )

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def references(self, **query: Any) -> list[str]:
        response = self.get("/recommendations/", self.viewer, **query)
        return [row.reference for row in response.context["rows"]]


class ReadTests(ThemePageTestCase):
    def test_home_counts_by_theme_and_each_count_is_a_list(self) -> None:
        response = self.get("/", self.viewer)
        self.assertContains(response, "By theme")
        self.assertContains(response, f"?theme={self.skills.pk}&amp;")
        self.assertEqual(self.references(theme=self.skills.pk), ["REP-1"])
        self.assertEqual(self.references(only="no-theme"), ["REP-2"])

    def test_without_any_theme_home_says_nothing_of_them(self) -> None:
        self.classify(self.recommendation, themes=[])
        self.assertNotContains(self.get("/", self.viewer), "By theme")

    def test_lists_show_search_filter_and_sort(self) -> None:
        self.assertContains(self.get("/recommendations/", self.viewer), "High priority")
        self.assertEqual(self.references(text="skills"), ["REP-1"])
        self.assertEqual(self.references(priority="high"), ["REP-1"])
        self.assertEqual(self.references(priority="not_set"), ["REP-2"])
        self.classify(self.second, priority="low")
        self.assertEqual(self.references(sort="-priority"), ["REP-2", "REP-1"])
        for query in ({"theme": "0"}, {"theme": "x"}, {"priority": "x"}):
            with self.subTest(query):
                self.assertEqual(
                    self.get("/recommendations/", self.viewer, **query).status_code, 400
                )

    def test_the_page_of_themes_shows_what_has_none_too(self) -> None:
        themes.add_theme(by=self.manager, values={"name": "Unused"})
        text = self.read("/themes/", self.viewer)
        for words in ("Skills", "What people learn.", "Unused"):
            self.assertIn(words, text)
        self.assertNotIn("Add theme", text)
        self.assertIn("Add theme", self.read("/themes/", self.manager))
        self.assertEqual(self.get("/themes/", self.viewer, source="x\0").status_code, 404)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_none_of_it(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for path in ("/", "/recommendations/", "/recommendations/REP-1/"):
            with self.subTest(path):
                response = self.get(path)
                self.assertNotContains(response, "Skills")
                self.assertNotContains(response, "High priority")


class WriteTests(ThemePageTestCase):
    def test_a_theme_is_added_and_changed(self) -> None:
        self.post("/themes/new/", self.manager, name="Trade")
        theme = Theme.objects.get(name="Trade")
        page = f"/themes/{theme.pk}/edit/"
        self.post(page, self.manager, name="Trade rules", seen=1)
        self.assertEqual(Theme.objects.get(pk=theme.pk).name, "Trade rules")
        self.assertEqual(self.post(page, self.manager, name="Late", seen=1).status_code, 409)
        self.assertEqual(self.post("/themes/new/", self.manager, name="").status_code, 400)
        self.assertEqual(self.post("/themes/new/", self.manager, name="Skills").status_code, 400)

    def test_only_who_may_change_recommendations_opens_the_forms(self) -> None:
        for person in (self.staff, self.viewer, self.auditor):
            for page in ("/themes/new/", f"/themes/{self.skills.pk}/edit/", CLASSIFY):
                with self.subTest(page, person=person):
                    self.assertEqual(self.get(page, person).status_code, 403)
                    self.assertEqual(self.post(page, person, name="x").status_code, 403)

    def test_themes_and_priority_of_a_recommendation_change_together(self) -> None:
        self.recommendation.refresh_from_db()
        seen = self.recommendation.version
        sent = {"priority": "low", "themes": [], "seen": seen}
        self.assertRedirects(self.post(CLASSIFY, self.manager, **sent), "/recommendations/REP-1/")
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.priority, "low")
        self.assertFalse(self.recommendation.themes.exists())
        sent = {"priority": "high", "themes": [self.skills.pk], "seen": seen}
        response = self.post(CLASSIFY, self.manager, **sent)
        self.assertContains(response, "Another person changed", status_code=409)
        huge = {"themes": ["9" * 25]}
        for wrong in ({"priority": "x"}, {"themes": ["x"]}, {"themes": ["0"]}, huge):
            with self.subTest(wrong):
                sent = {"priority": "low", "seen": self.recommendation.version, **wrong}
                self.assertEqual(self.post(CLASSIFY, self.manager, **sent).status_code, 400)
