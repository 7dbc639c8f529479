"""The review queue: what concerns one recommendation stands together, and what comes next."""

from datetime import timedelta

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.actions import dates
from recommendations.actions.updates import decisions
from recommendations.models import Addressee, Recommendation, StatusUpdate, TargetDateChange
from recommendations.queries.updates.review_queue import (
    Place,
    next_in_queue,
    queue_of,
    window,
    with_date,
)
from recommendations.queries.updates.tasks import MOST_ROWS
from tests.base import LONG_AGO, TrackerTestCase, days_ago


class GroupTests(TrackerTestCase):
    def about(self, title: str, *, day: int) -> tuple[Recommendation, int, int]:
        """A recommendation with an update and a date change that wait since one day."""
        about = self.make_recommendation(title)
        at = LONG_AGO + timedelta(days=day)
        said = {"recommendation": about, "reason": "x", "at": at}
        dates.set_first(by=self.manager, new_date=days_ago(0), **said)
        dates.request(by=self.staff, new_date=None, **said)
        update = self.make_submitted(about, at=at, as_of=at.date())
        return about, update.pk, TargetDateChange.objects.get(recommendation=about, number=1).pk

    def test_a_date_change_stands_with_the_update_of_its_recommendation(self) -> None:
        _about, update, change = self.about("Do it", day=3)
        [place] = queue_of(self.manager)
        self.assertEqual((place.key, place.date), ((0, update), change))
        self.assertEqual(with_date([place], place.date), place)
        self.assertIsNone(with_date([place], place.date + 1))

    def test_it_stands_alone_where_only_one_of_both_is_theirs_to_decide(self) -> None:
        _about, update, change = self.about("Do it", day=3)
        returned = StatusUpdate.objects.get(pk=update)
        decisions.return_update(update=returned, by=self.manager, note="Which?")
        [place] = queue_of(self.manager)
        self.assertEqual((place.key, place.date), ((1, change), 0))

    def test_what_concerns_one_recommendation_stands_where_its_first_would(self) -> None:
        first, early, _change = self.about("First", day=1)
        _second, other, _change = self.about("Second", day=2)
        late = self.make_submitted(first, by=self.other_manager, as_of=days_ago(1))
        queue = [place.pk for place in queue_of(self.manager)]
        self.assertEqual(queue, [early, late.pk, other])

    def test_an_addressees_own_state_is_decided_apart(self) -> None:
        about, update, _change = self.about("Do it", day=3)
        addressee = Addressee.objects.create(recommendation=about, organisation=self.agency)
        StatusUpdate.objects.filter(pk=update).update(addressee=addressee)
        self.assertEqual([place.date for place in queue_of(self.manager)], [0, 0])


class PlaceTests(SimpleTestCase):
    def test_after_each_comes_the_one_below_and_after_the_last_the_first(self) -> None:
        queue = [Place(0, LONG_AGO, 0, 1), Place(0, LONG_AGO, 1, 1), Place(1, LONG_AGO, 0, 2)]
        for place, following in zip(queue, [*queue[1:], queue[0]], strict=True):
            self.assertEqual(next_in_queue(queue, place.key), following)

    def test_nothing_after_what_waits_alone_and_the_first_after_what_waits_not(self) -> None:
        [alone] = queue = [Place(0, LONG_AGO, 0, 1)]
        self.assertIsNone(next_in_queue(queue, alone.key))
        self.assertEqual(next_in_queue(queue, (0, 9)), alone)
        self.assertIsNone(next_in_queue([], (0, 9)))

    @given(length=st.integers(0, 3 * MOST_ROWS), at=st.integers(-1, 3 * MOST_ROWS))
    def test_a_long_queue_is_listed_in_stretches_with_the_open_row(
        self, length: int, at: int
    ) -> None:
        queue = [Place(1, LONG_AGO, 0, number) for number in range(length)]
        numbers = [place.pk for place in window(queue, Place(1, LONG_AGO, 0, at))]
        self.assertEqual(len(numbers), min(length, MOST_ROWS))
        first = numbers[0] if numbers else 0
        self.assertEqual(numbers, [*range(first, first + len(numbers))])
        self.assertTrue(at in numbers if 0 <= at < length else first == 0 or at >= length)
