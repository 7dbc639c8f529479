"""A long queue is listed in stretches, always with the row that is open."""

from django.test import SimpleTestCase
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recommendations.queries.updates.my_work import MOST_ROWS
from recommendations.queries.updates.review_queue import Place, window


def row(number: int) -> Place:
    return Place(rank=1, since=timezone.now(), is_date=0, pk=number)


class WindowTests(SimpleTestCase):
    @given(length=st.integers(0, 3 * MOST_ROWS), at=st.integers(0, 3 * MOST_ROWS))
    def test_it_is_one_stretch_of_the_queue_with_the_open_row(self, length: int, at: int) -> None:
        queue = [row(number) for number in range(length)]
        shown = window(queue, row(at))
        self.assertEqual(len(shown), min(length, MOST_ROWS))
        numbers = [found.pk for found in shown]
        self.assertEqual(
            numbers, list(range(numbers[0], numbers[0] + len(numbers))) if shown else []
        )
        if at < length:
            self.assertIn(at, numbers)

    def test_without_an_open_row_it_begins_at_the_beginning(self) -> None:
        queue = [row(number) for number in range(2 * MOST_ROWS)]
        self.assertEqual(window(queue, row(-1)), queue[:MOST_ROWS])
