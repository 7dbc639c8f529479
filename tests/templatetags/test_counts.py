"""Counts as bars and as links."""

from django.test import SimpleTestCase

from recommendations.queries.recommendations.tally import Tally
from recommendations.templatetags.counts import (
    age_bar,
    confidence_counts,
    status_bar,
    status_counts,
)


class BarTests(SimpleTestCase):
    def test_pieces_follow_one_another_and_fill_the_bar(self):
        pieces = status_bar({"implemented": 1, "": 2, "superseded": 1})["pieces"]
        shown = [(p.code, p.number, p.start, p.width) for p in pieces if p.number]
        self.assertEqual(
            shown,
            [
                ("implemented", 1, "0.00%", "25.00%"),
                ("none", 2, "25.00%", "50.00%"),
                ("closed", 1, "75.00%", "25.00%"),
            ],
        )

    def test_below_it_opening_statuses_are_counted(self):
        self.assertEqual(status_bar({"implemented": 3}, {"implemented": 2, "": 0})["openings"], 2)

    def test_a_narrow_piece_has_no_room_for_its_number(self):
        pieces = status_bar({"implemented": 95, "in_progress": 5})["pieces"]
        self.assertEqual([p.has_room for p in pieces if p.number], [True, False])

    def test_an_age_of_none_is_named_but_not_drawn(self):
        tally = Tally()
        tally.ages["6-12"] = 3
        shown = age_bar(tally, "source=report")
        self.assertEqual([p.code for p in shown["pieces"]], ["6-12"])
        self.assertEqual([p.number for p in shown["ages"]], [0, 3, 0, 0])
        self.assertEqual(shown["ages"][1].query, "source=report&age=6-12")


class LinkedTests(SimpleTestCase):
    def test_each_count_has_the_query_of_its_list_and_none_is_left_out(self):
        tally = Tally()
        tally.statuses.update({"": 2, "in_progress": 1})
        tally.openings.update({"in_progress": 1})
        tally.confidences.update({"red": 1})
        counts = status_counts(tally, "source=report")["counts"]
        self.assertEqual(
            [(count.number, count.query) for count in counts],
            [(1, "source=report&status=in_progress"), (2, "source=report&status=none")],
        )
        self.assertEqual([count.openings for count in counts], [1, 0])
        [red] = confidence_counts(tally, "source=report")["counts"]
        self.assertEqual(red.query, "source=report&only=open&confidence=red")
