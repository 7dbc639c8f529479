"""My work beside the lists that Home leads to, after random histories: the same of every flag."""

import random
from datetime import date, timedelta
from unittest.mock import patch

from django.core.cache import cache
from django.test import TestCase

from recommendations.choices import Only
from recommendations.models import Recommendation, RecommendationState, Source, User
from recommendations.queries.recommendations.overview import portfolio_of
from recommendations.queries.recommendations.rows import rows_for
from recommendations.queries.recommendations.tally import is_flagged, only_tests
from recommendations.queries.updates.tasks import Tasks, tasks_of
from recommendations.views.updates.my_work import work_of
from tests.depth import times
from tests.histories.history import ACTS, History
from tests.histories.test_kept_state import HistoryTestCase, begin

SEEDS = range(times(1, 8))
DAYS = (0, 40, 200, 400)
"""Days after the end of a history: more and more is overdue."""


class TaskTests(HistoryTestCase, TestCase):
    def test_each_flag_of_what_is_mine_is_in_one_table_and_no_other(self) -> None:
        for seed in SEEDS:
            with self.undone():
                history = History(self)
                begin(history)
                chance = random.Random(seed)
                for name in chance.sample(sorted(ACTS), len(ACTS)):
                    history.take(name, chance.randint(0, 2**32))
                for days in DAYS:
                    for person in (self.staff, self.manager, self.other_staff):
                        with self.subTest(seed=seed, days=days, person=str(person)):
                            self.assert_same(person, history.today + timedelta(days=days))

    def assert_same(self, person: User, today: date) -> None:
        cache.clear()
        mine = Recommendation.objects.followed().involving(person)
        ids = list(mine.order_by("pk").values_list("pk", flat=True))
        expected = {
            (row.reference, flag) for row in rows_for(person, ids, today) for flag in row.flags
        }
        found = tasks_of(person, today, drafts={}, returned=())
        self.assertEqual(told_by(found), expected)
        self.assert_badge(person, today)
        states = RecommendationState.objects.filter(pk__in=ids)
        flagged = states.filter(is_flagged(person, today))
        self.assertEqual(len({reference for reference, _flag in expected}), flagged.count())
        attention = states.filter(only_tests(person, today)[Only.ATTENTION])
        self.assertEqual(found.more, 0)
        if len(ids) == Recommendation.objects.followed().count():
            home = portfolio_of(list(Source.objects.all()), person, today)
            self.assertEqual(attention.count(), home.tally.only[Only.ATTENTION])

    def assert_badge(self, person: User, today: date) -> None:
        """The number in the menu is that of the rows of the page."""
        with patch("django.utils.timezone.localdate", return_value=today):
            shown = work_of(person)
        listed = (*shown["returned"], *shown["tasks"].needed, *shown["drafts"])
        self.assertEqual(shown["counts"]["needed"], len(listed))


def told_by(tasks: Tasks) -> set[tuple[str, str]]:
    rows = (*tasks.needed, *tasks.others)
    return {(task.about.reference, flag) for task in rows for flag in task.flags}
