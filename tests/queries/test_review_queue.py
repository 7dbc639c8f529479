"""The review queue: what concerns one recommendation stands together, and what comes next."""

from datetime import timedelta

from recommendations.actions import dates
from recommendations.actions.updates import decisions
from recommendations.models import Addressee, Recommendation, StatusUpdate, TargetDateChange
from recommendations.queries.updates.review_queue import (
    Place,
    next_in_queue,
    queue_of,
    with_date,
)
from tests.base import LONG_AGO, TrackerTestCase, days_ago


class QueueTestCase(TrackerTestCase):
    def about(self, title: str, *, day: int) -> Recommendation:
        """A recommendation with a date, an update and a date change that wait since one day."""
        about = self.make_recommendation(title)
        at = LONG_AGO + timedelta(days=day)
        dates.set_first(
            recommendation=about, by=self.manager, new_date=days_ago(0), reason="x", at=at
        )
        dates.request(recommendation=about, by=self.staff, new_date=None, reason="x", at=at)
        self.make_submitted(about, at=at, as_of=at.date())
        return about

    def update_of(self, about: Recommendation) -> StatusUpdate:
        return StatusUpdate.objects.get(recommendation=about)

    def change_of(self, about: Recommendation) -> TargetDateChange:
        return TargetDateChange.objects.get(recommendation=about, number=1)


class GroupTests(QueueTestCase):
    def test_a_date_change_stands_with_the_update_of_its_recommendation(self) -> None:
        about = self.about("Do it", day=3)
        [place] = queue_of(self.manager)
        self.assertEqual(place.key, (0, self.update_of(about).pk))
        self.assertEqual(place.date, self.change_of(about).pk)
        self.assertEqual(with_date([place], place.date), place)
        self.assertIsNone(with_date([place], place.date + 1))

    def test_what_concerns_one_recommendation_stands_where_its_first_would(self) -> None:
        first, second = self.about("First", day=1), self.about("Second", day=2)
        late = self.make_submitted(first, by=self.other_manager, as_of=days_ago(1))
        expected = [self.update_of(second).pk, late.pk]
        queue = queue_of(self.manager)
        self.assertEqual([place.pk for place in queue][1:], [late.pk, expected[0]])

    def test_alone_where_only_one_of_both_is_theirs_to_decide(self) -> None:
        about = self.about("Do it", day=3)
        change = self.change_of(about)
        decisions.return_update(update=self.update_of(about), by=self.manager, note="Which?")
        [place] = queue_of(self.manager)
        self.assertEqual((place.key, place.date), ((1, change.pk), 0))

    def test_an_addressees_own_state_is_decided_apart(self) -> None:
        about = self.about("Do it", day=3)
        addressee = Addressee.objects.create(recommendation=about, organisation=self.agency)
        StatusUpdate.objects.filter(recommendation=about).update(addressee=addressee)
        self.assertEqual([place.date for place in queue_of(self.manager)], [0, 0])


class NextTests(TrackerTestCase):
    def test_after_each_the_one_below_and_after_the_last_the_first(self) -> None:
        queue = [Place(0, LONG_AGO, 0, 1), Place(0, LONG_AGO, 1, 1), Place(1, LONG_AGO, 0, 2)]
        for place, following in zip(queue, [*queue[1:], queue[0]], strict=True):
            self.assertEqual(next_in_queue(queue, place.key), following)

    def test_nothing_after_what_waits_alone_and_the_first_after_what_waits_not(self) -> None:
        [alone] = queue = [Place(0, LONG_AGO, 0, 1)]
        self.assertIsNone(next_in_queue(queue, alone.key))
        self.assertEqual(next_in_queue(queue, (0, 9)), alone)
        self.assertIsNone(next_in_queue([], (0, 9)))
