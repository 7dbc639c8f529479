"""A sum that is corrected part by part is what adding up its parts as they are now gives."""

from collections import Counter
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from recommendations.queries.recommendations.sums import Sum

COUNTS = st.dictionaries(st.sampled_from("abc"), st.integers(-2, 2))
"""Few keys and small numbers of either sign: often they cancel each other out."""

Change = tuple[int, dict[str, int], str | None]

CHANGES = st.lists(st.tuples(st.integers(0, 2), COUNTS, st.none() | st.text(max_size=1)))
"""Which part changes, what it counts since, and what stands beside."""


class SumTests(TestCase):
    @given(CHANGES)
    def test_whatever_changes_it_is_the_sum_of_the_parts(self, changes: list[Change]) -> None:
        now: dict[int, tuple[dict[str, int], str | None]] = {}
        found = Sum()
        for step, (part, counts, beside) in enumerate(changes):
            now[part] = counts, beside
            found = found.corrected({part: str(step)}, {part: now[part]})
            total: Counter[str] = Counter()
            for each, _beside in now.values():
                total.update(each)
            self.assertEqual(found.counts, {key: n for key, n in total.items() if n})
            self.assertEqual(
                found.beside, {each: by for each, (_n, by) in now.items() if by is not None}
            )

    @given(CHANGES, st.sets(st.integers(0, 2)))
    def test_without_some_parts_it_is_the_sum_of_the_others(
        self, changes: list[Change], gone: set[int]
    ) -> None:
        whole, rest = Sum(), Sum()
        for step, (part, counts, beside) in enumerate(changes):
            whole = whole.corrected({part: str(step)}, {part: (counts, beside)})
            if part not in gone:
                rest = rest.corrected({part: str(step)}, {part: (counts, beside)})
        self.assertEqual(whole.without(gone), rest)
