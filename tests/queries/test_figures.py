"""What is counted of a source is kept until something is recorded that touches it."""

import random
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import recommendations, structure
from recommendations.models import Recommendation, Source
from recommendations.queries import cache as kept
from recommendations.queries.recommendations.overview import Figures, figures_of, with_last_event
from tests import factories
from tests.edits import edit
from tests.views.pages import PageTestCase

OFF_TRACK = {
    "confidence": "red",
    "issue": "No equipment.",
    "response_action": "Borrow some.",
    "response_owner": "Ministry A",
    "asked_for": "Equipment.",
}


class FiguresTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        factories.recommendations(cls, 8)
        cls.themes = [
            structure.add_theme(by=cls.manager, values={"name": name})
            for name in ("Health", "Trade")
        ]

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def figures(self, person: object) -> Figures:
        [source] = with_last_event(Source.objects.filter(pk=self.source.pk))
        return figures_of([source], person, timezone.localdate())

    def assert_as_if_nothing_were_kept(self) -> None:
        for person in (self.manager, self.viewer, AnonymousUser()):
            found = self.figures(person)
            with mock.patch.object(kept, "cache", DummyCache("", {})):
                self.assertEqual(found, self.figures(person), person)

    def test_threads_that_ask_at_once_count_once(self) -> None:
        counted: list[int] = []

        def count() -> int:
            counted.append(1)
            sleep(0.05)
            return len(counted)

        def ask(_thread: int) -> int:
            return kept.cached("count", count, audience="all", version=1)

        with ThreadPoolExecutor(4) as threads:
            self.assertEqual([*threads.map(ask, range(4))], [1] * 4)

    def test_whatever_changes_they_are_those_of_the_whole(self) -> None:
        luck = random.Random(7)
        self.assert_as_if_nothing_were_kept()
        every = list(Recommendation.objects.order_by("pk"))
        for row in [*luck.choices(every, k=8), every[0], every[-1], every[-1]]:
            acts = (self.report, self.lead, self.publish, self.classify)
            for act in luck.choices(acts, k=luck.randint(1, 2)):
                act(row)
            self.assert_as_if_nothing_were_kept()

    def report(self, row: Recommendation) -> None:
        self.make_approved(
            row, by=self.other_manager, **random.Random(row.pk).choice([OFF_TRACK, {}])
        )

    def lead(self, row: Recommendation) -> None:
        row = Recommendation.objects.get(pk=row.pk)
        other = self.agency if row.lead_id != self.agency.pk else self.ministry
        edit(row, self.manager, lead=other)

    def classify(self, row: Recommendation) -> None:
        row = Recommendation.objects.get(pk=row.pk)
        others = self.themes[: 1 + row.pk % 2] if not row.themes.exists() else []
        edit(row, self.manager, themes=list(others))

    def test_a_theme_is_counted_by_its_new_name(self) -> None:
        row = Recommendation.objects.latest("pk")
        self.classify(row)
        self.assert_as_if_nothing_were_kept()
        [theme, *_others] = self.themes
        structure.change_theme(
            theme=theme, by=self.manager, expected_version=1, values={"name": "Renamed"}
        )
        self.assert_as_if_nothing_were_kept()
        self.assertIn("Renamed", [row.name for row in self.figures(self.manager).themes])

    def publish(self, row: Recommendation) -> None:
        row = Recommendation.objects.get(pk=row.pk)
        if row.published_at is None:
            recommendations.publish_recommendation(recommendation=row, by=self.manager)
        else:
            recommendations.unpublish_recommendation(
                recommendation=row, by=self.manager, reason="Too early."
            )

    def test_they_are_counted_again_after_a_change_of_the_source_alone(self) -> None:
        other = Source.objects.create(slug="other", title="Other", reference_prefix="OTH")
        elsewhere = self.make_recommendation("Elsewhere", source=other)
        for touched, is_counted in ((elsewhere, False), (self.recommendation, True)):
            self.figures(self.manager)
            self.make_approved(touched)
            with self.subTest(is_counted), CaptureQueriesContext(connection) as captured:
                self.figures(self.manager)
            counted = [each for each in captured if "recommendations_state" in each["sql"]]
            self.assertEqual(bool(counted), is_counted)
