"""What a manager decides on next, found without reading the queue."""

from datetime import timedelta
from typing import Any

from recommendations.actions import dates
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.queries.updates.review_queue import (
    next_in_queue,
    place_of,
    queue_of,
    url_after,
)
from tests.base import LONG_AGO, TrackerTestCase, days_ago
from tests.updates import begin_draft


class NextTests(TrackerTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        for number in range(3):
            about = cls.make_recommendation(f"Do {number}")
            named = cls.manager if number == 2 else None
            Recommendation.objects.filter(pk=about.pk).update(reviewer=named)
            at = LONG_AGO + timedelta(days=number + 1)
            dates.set_first(
                recommendation=about, by=cls.manager, new_date=days_ago(0), reason="x", at=at
            )
            dates.request(recommendation=about, by=cls.staff, new_date=None, reason="x", at=at)
            cls.make_submitted(about, at=at, as_of=at.date())
        # Handed in at one moment: the updates come first, then the numbers of the rows decide.
        TargetDateChange.objects.filter(number=1).update(requested_at=LONG_AGO)
        StatusUpdate.objects.update(submitted_at=LONG_AGO)

    def row(self, found: Any) -> StatusUpdate | TargetDateChange:
        model: Any = TargetDateChange if found.is_date else StatusUpdate
        row: StatusUpdate | TargetDateChange = model.objects.select_related("recommendation").get(
            pk=found.pk
        )
        return row

    def test_after_each_comes_what_the_queue_shows_below_it_and_after_the_last_the_first(
        self,
    ) -> None:
        queue = queue_of(self.manager)
        self.assertEqual(len(queue), 6)
        self.assertEqual({found.is_date for found in queue[:2]}, {False, True})
        for found in queue:
            following = next_in_queue(queue, found)
            self.assertIsNotNone(following)
            place = self.place(found)
            with self.assertNumQueries(1):
                url = url_after(place, self.manager)
            self.assertEqual(url, following.url if following else None)

    def place(self, found: Any) -> Any:
        return place_of(self.row(found), self.manager)

    def test_nothing_comes_after_what_waits_alone(self) -> None:
        [alone, *others] = queue_of(self.manager)
        for other in others:
            asked = "requested_by" if other.is_date else "author"
            rows = type(self.row(other)).objects.filter(pk=other.pk)
            rows.update(**{asked: self.manager})
        self.assertIsNone(url_after(self.place(alone), self.manager))

    def test_what_was_never_handed_in_leads_to_the_first(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        first = queue_of(self.manager)[0]
        self.assertEqual(url_after(place_of(draft, self.manager), self.manager), first.url)
