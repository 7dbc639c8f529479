"""Relations on the page of either end, and their forms."""

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import recommendations, relations
from recommendations.models import Recommendation, RecommendationRelation
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"


class RelationTestCase(PageTestCase):
    second: Recommendation
    relation: RecommendationRelation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.second = cls.make_recommendation("Lay the cable")
        cls.relation = relations.add_relation(
            by=cls.manager,
            values={
                "recommendation": cls.recommendation,
                "other": cls.second,
                "kind": "depends_on",
                "why": "It needs the cable.",
            },
        )

    def setUp(self) -> None:
        super().setUp()
        cache.clear()


class RelationPageTests(RelationTestCase):
    def test_both_ends_tell_it(self) -> None:
        self.assert_words(
            self.read(PAGE, self.viewer), "Depends on REP-2 Lay the cable", "It needs the cable."
        )
        self.assertIn("Required by REP-1", self.read("/recommendations/REP-2/", self.viewer))

    def test_a_closed_predecessor_is_told_on_what_depends_on_it(self) -> None:
        closed = "closed without being implemented"
        self.assertNotIn(closed, self.read(PAGE, self.viewer))
        self.make_approved(
            self.second,
            implementation_status="not_implemented",
            confidence="not_rated",
            closing_reason="No money.",
        )
        cache.clear()
        self.assertIn(closed, self.read(PAGE, self.viewer))
        self.assertNotIn(closed, self.read("/recommendations/REP-2/", self.viewer))

    def test_an_archived_predecessor_is_told_with_its_reason(self) -> None:
        recommendations.archive(recommendation=self.second, by=self.manager, reason="duplicate")
        cache.clear()
        self.assertIn("Archived: Duplicate of another", self.read(PAGE, self.viewer))

    def test_what_is_superseded_follows_from_the_successor(self) -> None:
        self.make_approved(
            self.second,
            implementation_status="superseded",
            confidence="not_rated",
            successor=self.recommendation,
        )
        cache.clear()
        self.assertIn("Supersedes REP-2", self.read(PAGE, self.viewer))
        self.assertIn("Superseded by REP-1", self.read("/recommendations/REP-2/", self.viewer))

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_none(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assertNotContains(self.get(PAGE), "Lay the cable")

    def test_files_name_the_references(self) -> None:
        file = self.get("/recommendations/export/", self.viewer, format="csv")
        self.assertIn("REP-2", b"".join(file.streaming_content).decode().splitlines()[1])


class RelationFormTests(RelationTestCase):
    def test_one_is_added_and_removed(self) -> None:
        third = self.make_recommendation("Third")
        new = f"{PAGE}relations/new/"
        self.assertEqual(self.get(new, self.manager).status_code, 200)
        self.assertRedirects(self.post(new, self.manager, kind="related", other=third.pk), PAGE)
        relation = RecommendationRelation.objects.get(kind="related")
        remove = f"/relations/{relation.pk}/remove/"
        self.assertContains(self.get(remove, self.manager), "Remove relation")
        self.assertRedirects(self.post(remove, self.manager), PAGE)
        self.assertEqual(self.get(remove, self.manager).status_code, 404)

    def test_wrong_input_is_told(self) -> None:
        new = "/recommendations/REP-2/relations/new/"
        circle = {"kind": "depends_on", "other": self.recommendation.pk}
        for sent in (circle, {"kind": "x", "other": "0"}, {"kind": "related"}, {"other": "x"}):
            with self.subTest(sent):
                self.assertEqual(self.post(new, self.manager, **sent).status_code, 400)

    def test_only_who_may_change_recommendations_opens_them(self) -> None:
        for person in (self.staff, self.viewer, self.auditor):
            for page in (f"{PAGE}relations/new/", f"/relations/{self.relation.pk}/remove/"):
                with self.subTest(page, person=person):
                    self.assertEqual(self.get(page, person).status_code, 403)
                    self.assertEqual(self.post(page, person).status_code, 403)
