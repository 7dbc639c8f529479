"""What is archived and was published says so to everybody, and why to people inside alone."""

from django.test import override_settings

from recommendations.actions import recommendations
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"


@override_settings(PUBLIC_PAGES=True)
class ArchivedTests(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def test_followed_it_says_nothing(self) -> None:
        self.assert_no_words(self.read(PAGE), "No longer followed")

    def test_archived_it_says_so_without_the_reason(self) -> None:
        self.recommendation.refresh_from_db()
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate", note="Twice."
        )
        text = self.read(PAGE)
        self.assert_words(text, "No longer followed")
        self.assert_no_words(text, "Duplicate", "Twice", "Manager", "Archived")
        self.assert_words(self.read(PAGE, self.viewer), "Archived on", "Duplicate of another")
