"""Areas by value: their order, the median, and those without data."""

from itertools import pairwise

from django.test import SimpleTestCase

from recommendations.charts import ranking_chart
from tests.charts.examples import RANKING, areas, frame
from tests.charts.reading import every, read, words


def drawn(data, **more):
    return read(ranking_chart(data, frame(**more)))


class RankedTests(SimpleTestCase):
    def names(self, root, *named: str) -> list[str]:
        return [text for text in words(root) if text in named]

    def test_the_highest_is_first_and_equal_ones_go_by_name(self):
        root = drawn(areas(("Low", 1), ("B", 5), ("High", 9), ("A", 5)))
        self.assertEqual(self.names(root, "Low", "A", "B", "High"), ["High", "A", "B", "Low"])

    def test_each_dot_is_to_scale(self):
        root = drawn(areas(("A", 0), ("B", 50), ("C", 100)))
        high, middle, low = (float(dot.get("cx")) for dot in every(root, "circle"))
        self.assertAlmostEqual(middle, (low + high) / 2, delta=0.1)

    def test_the_median_is_of_those_with_a_figure(self):
        self.assertIn("median 3", words(drawn(areas(("A", 1), ("B", 5), ("C", None)))))

    def test_missing_areas_are_named_apart_and_have_no_dot(self):
        root = drawn(areas(("A", 1), ("Chad", None), ("Benin", None)))
        self.assertEqual(len(every(root, "circle")), 1)
        self.assertIn("No data (2): Benin, Chad", words(root))

    def test_marks_are_shown_and_named(self):
        shown = words(drawn(RANKING))
        for expected in ("≥ 44.5", "≈ 86", "at least", "approximate", "provisional"):
            with self.subTest(expected):
                self.assertIn(expected, shown)

    def test_a_long_name_is_wrapped_and_at_last_cut_with_the_whole_in_its_title(self):
        name = "The Republic of a very long name that takes in the whole of its history " * 3
        root = drawn(areas((name, 4)), width=316)
        cut = [text for text in every(root, "text") if (text.text or "").endswith("…")]
        self.assertEqual(len(cut), 1)
        self.assertEqual(cut[0][0].text, name)

    def test_200_areas_have_200_rows_that_do_not_overlap(self):
        root = drawn(areas(*((f"Area {number}", number) for number in range(200))))
        heights = [float(dot.get("cy")) for dot in every(root, "circle")]
        self.assertEqual(len(heights), 200)
        self.assertTrue(all(b - a >= 14 for a, b in pairwise(heights)))

    def test_the_description_gives_ends_middle_and_missing(self):
        self.assertEqual(
            drawn(RANKING)[1].text,
            "4 areas from 33 (Pakistan) to ≈ 86 (Bhutan), median 48.25; 1 without data.",
        )
