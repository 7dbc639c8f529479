"""What is counted of sources part by part is what is counted of them whole."""

import random
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations import state
from recommendations.actions import recommendations, themes
from recommendations.models import A_PART, Recommendation, Source, SourcePart
from recommendations.queries import cache as kept
from recommendations.queries.over_time.months import counts_of
from recommendations.queries.recommendations.figures import Figures, figures_of
from recommendations.queries.recommendations.portfolio import with_last_event
from tests import factories
from tests.views.pages import PageTestCase

PARTS = 4
OFF_TRACK = {
    "confidence": "red",
    "issue": "No equipment.",
    "response_action": "Borrow some.",
    "response_owner": "Ministry A",
    "asked_for": "Equipment.",
}


class PartTests(PageTestCase):
    """Recommendations of two sources, whose numbers are far apart."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        rows = factories.recommendations(cls, PARTS * 2)
        first = max(row.pk for row in rows) + A_PART
        far = [cls.far(row, first + n * A_PART) for n, row in enumerate(rows)]
        Recommendation.objects.bulk_create(far)
        state.rebuild()
        cls.themes = [
            themes.add_theme(by=cls.manager, values={"name": name}) for name in ("Health", "Trade")
        ]

    @classmethod
    def far(cls, row: Recommendation, pk: int) -> Recommendation:
        values = {name: getattr(row, name) for name in ("summary", "modality", "nature", "lead_id")}
        number = 1_000 + row.number
        return Recommendation(
            pk=pk,
            source=cls.source,
            number=number,
            reference=f"REP-{number}",
            title=f"Far {number}",
            opened_on=row.opened_on,
            target_date=row.target_date,
            published_at=row.published_at,
            published_by=row.published_by,
            **values,
        )

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def figures(self, person: object) -> Figures:
        [source] = with_last_event(Source.objects.all())
        return figures_of([source], person, timezone.localdate())[source.pk]

    def assert_as_if_nothing_were_kept(self) -> None:
        for person in (self.manager, self.viewer, AnonymousUser()):
            found = self.figures(person)
            with mock.patch.object(kept, "cache", DummyCache("", {})):
                self.assertEqual(found, self.figures(person), person)
        months = counts_of(self.source, timezone.localdate())
        with mock.patch.object(kept, "cache", DummyCache("", {})):
            self.assertEqual(months, counts_of(self.source, timezone.localdate()))

    def test_whatever_changes_they_are_those_of_the_whole(self) -> None:
        luck = random.Random(7)
        self.assertGreater(SourcePart.objects.count(), PARTS)
        self.assert_as_if_nothing_were_kept()
        every = list(Recommendation.objects.order_by("pk"))
        for row in [*luck.choices(every, k=8), every[0], every[-1], every[-1]]:
            acts = (self.report, self.lead, self.publish, self.classify)
            for act in luck.choices(acts, k=luck.randint(1, 2)):
                act(row)
            self.assert_as_if_nothing_were_kept()

    def test_many_parts_are_counted_some_at_a_time(self) -> None:
        name = "recommendations.queries.recommendations.sums.PARTS_AT_ONCE"
        self.report(Recommendation.objects.latest("pk"))
        whole, months = self.figures(self.manager), counts_of(self.source, timezone.localdate())
        cache.clear()
        with mock.patch(name, 3):
            self.assertEqual(self.figures(self.manager), whole)
            self.assertEqual(counts_of(self.source, timezone.localdate()), months)

    def report(self, row: Recommendation) -> None:
        self.make_approved(
            row, by=self.other_manager, **random.Random(row.pk).choice([OFF_TRACK, {}])
        )

    def lead(self, row: Recommendation) -> None:
        row = Recommendation.objects.get(pk=row.pk)
        recommendations.revise_recommendation(
            recommendation=row,
            by=self.manager,
            expected_version=row.version,
            values={"lead": self.agency if row.lead_id != self.agency.pk else self.ministry},
        )

    def classify(self, row: Recommendation) -> None:
        row = Recommendation.objects.get(pk=row.pk)
        others = self.themes[: 1 + row.pk % 2] if not row.themes.exists() else []
        recommendations.revise_recommendation(
            recommendation=row,
            by=self.manager,
            expected_version=row.version,
            values={"themes": list(others)},
        )

    def test_a_theme_is_counted_by_its_new_name(self) -> None:
        row = Recommendation.objects.latest("pk")
        self.classify(row)
        self.assert_as_if_nothing_were_kept()
        [theme, *_others] = self.themes
        themes.change_theme(
            theme=theme, by=self.manager, expected_version=1, values={"name": "Renamed"}
        )
        self.assert_as_if_nothing_were_kept()
        self.assertIn((theme.pk, "Renamed"), self.figures(self.manager).themes)

    def publish(self, row: Recommendation) -> None:
        row = Recommendation.objects.get(pk=row.pk)
        if row.published_at is None:
            recommendations.publish_recommendation(recommendation=row, by=self.manager)
        else:
            recommendations.unpublish_recommendation(
                recommendation=row, by=self.manager, reason="Too early."
            )

    def test_after_a_change_only_its_part_is_read(self) -> None:
        row = Recommendation.objects.latest("pk")
        self.figures(self.manager)
        self.report(row)
        with CaptureQueriesContext(connection) as captured:
            self.figures(self.manager)
        counted = [each["sql"] for each in captured if "recommendations_state" in each["sql"]]
        self.assertEqual(len(counted), 5)
        for sql in counted:
            self.assertIn(str(row.pk // A_PART * A_PART), sql)
