"""What each reader finds in the list of recommendations."""

from django.test import override_settings

from recommendations.actions import recommendations
from recommendations.filters.recommendations import (
    PublicRecommendationFilter,
    RecommendationFilter,
)
from tests.views.test_recommendation_list import LIST, ListTestCase


class VisibilityTests(ListTestCase):
    def test_without_public_pages_one_must_be_signed_in_with_a_role(self):
        self.assert_turned_away(LIST)

    def test_every_role_reads_it(self):
        for name in ("viewer", "staff", "manager", "auditor", "administrator"):
            with self.subTest(role=name):
                self.assertEqual(len(self.references(getattr(self, name))), 5)

    def test_status_and_confidence_are_said_in_words(self):
        text = self.read(LIST, self.viewer)
        self.assert_words(
            text,
            "REP-1 Alpha cables Agency B High priority Skills Status: In progress",
            "Status: In progress Confidence: On track",
            "Overdue by 10 days",
            "Status: In progress Confidence: Off track",
            "Status: No report yet",
            "Status: Not started Confidence: Not rated",
        )

    def test_the_public_finds_what_is_published_and_followed(self):
        recommendations.publish_recommendation(recommendation=self.first, by=self.manager)
        recommendations.publish_recommendation(recommendation=self.gone, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            for reader in (None, self.stranger):
                with self.subTest(reader=reader):
                    self.assertEqual(self.references(reader), ["REP-1"])
                    text = self.read(LIST, reader)
                    self.assert_no_words(
                        text, "Agency B", "Staff", "Lead organisation", "Archived", "Omega"
                    )

    def test_the_public_can_ask_only_of_what_it_sees(self):
        recommendations.publish_recommendation(recommendation=self.first, by=self.manager)
        recommendations.publish_recommendation(recommendation=self.second, by=self.manager)
        internal = set(RecommendationFilter.base_filters) - set(
            PublicRecommendationFilter.base_filters
        )
        self.assertEqual(
            internal,
            {
                "lead",
                "theme",
                "priority",
                "parts",
                "dependency",
                "officer",
                "addressee",
                "addressee_body",
                "own_status",
                "age",
                "nature",
                "flag",
                "archived",
            },
        )
        with override_settings(PUBLIC_PAGES=True):
            everything = self.read(LIST)
            for name in sorted(internal):
                for value in (self.agency.pk, "x"):
                    with self.subTest(filter=name, value=value):
                        self.assertEqual(self.read(LIST, **{name: value}), everything)

    def test_the_public_cannot_tell_an_unpublished_source_from_none(self):
        recommendations.publish_recommendation(recommendation=self.first, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            self.assert_no_words(self.read(LIST), "Study")
            there = self.read(LIST, status=400, source="study")
            not_there = self.read(LIST, status=400, source="nothing")
        self.assertEqual(there.replace("study", ""), not_there.replace("nothing", ""))
