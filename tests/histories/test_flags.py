"""The flags of a history, on the day before, of and after each of their days."""

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.test import TestCase
from django.utils import timezone

from recommendations.choices import UNDATED_DAYS, Flag
from recommendations.models import Recommendation, RecommendationState, User
from tests.depth import times
from tests.histories.history import ACTS, History, clock_at
from tests.histories.test_kept_state import HistoryTestCase, begin
from tests.past import state_at
from tests.views.pages import client_of

SEEDS = range(times(1, 4))
ROUNDS = times(1, 2)

DAY = timedelta(days=1)

DAYS = {
    Flag.UPDATE_DUE: ("update_due_on", -1),
    Flag.UPDATE_OVERDUE: ("update_due_on", 0),
    Flag.DATE_OVERDUE: ("date_overdue_after", 0),
    Flag.RATING_OUT_OF_DATE: ("rating_out_of_date_after", 0),
    Flag.NO_DATE: ("open_without_date_since", UNDATED_DAYS),
    Flag.REVIEW_PAST: ("review_past_after", 0),
    Flag.EVIDENCE_GAP: ("evidence_gap_after", 0),
    Flag.RESPONSE_OVERDUE: ("response_overdue_after", 0),
    Flag.ACTION_OVERDUE: ("action_overdue_after", 0),
}
"""Each flag that a day raises: the column, and how many days after it is the last without."""


class FlagTests(HistoryTestCase, TestCase):
    def test_a_flag_is_raised_from_its_day_on_by_public_evidence_and_by_all_of_it(self) -> None:
        for seed in SEEDS:
            with self.undone():
                history = History(self)
                begin(history)
                chance = random.Random(seed)
                for _round in range(ROUNDS):
                    for name in chance.sample(sorted(ACTS), len(ACTS)):
                        history.take(name, chance.randint(0, 2**32))
                self.assert_flags(history)

    def assert_flags(self, history: History) -> None:
        ids = list(Recommendation.objects.values_list("pk", flat=True))
        states = list(state_at(ids, history.today, history.now + DAY).values())
        references = dict(Recommendation.objects.values_list("pk", "reference"))
        for flag, day in sorted(set(moments(states))):
            for reader, prefix in ((self.other_manager, ""), (self.viewer, "public_")):
                expected = {
                    references[row.pk] for row in states if is_raised(row, flag, day, prefix)
                }
                with self.subTest(flag=flag, day=day, of=prefix):
                    self.assertEqual(listed(reader, flag, day), expected)


def moments(states: list[RecommendationState]) -> Iterator[tuple[str, date]]:
    """One day of each flag and audience, and the day before it; in a deep run the day after too."""
    for flag, (column, grace) in DAYS.items():
        for name in {column, f"public_{column}"}:
            days = [getattr(row, name, None) for row in states]
            known = sorted(day for day in days if day and day.year > 1)
            if known:
                last = known[len(known) // 2] + grace * DAY
                yield from ((flag, last + move * DAY) for move in range(times(2, 3)))


def is_raised(row: RecommendationState, flag: str, day: date, prefix: str) -> bool:
    """The flag as the rule has it, of a row as a reader sees it."""
    if row.is_archived:
        return False
    column, grace = DAYS[Flag(flag)]
    after = getattr(row, f"{prefix}{column}", getattr(row, column))
    if after is None or (after.year > 1 and after + grace * DAY >= day):
        return False
    return flag != Flag.UPDATE_DUE or day == after


def listed(reader: User, flag: str, day: date) -> set[str]:
    """References of the list that is filtered by a flag, on a day."""
    noon = datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone())
    with clock_at(noon):
        # As stored now: a step may have set their password, which ends their sessions.
        person = User.objects.get(pk=reader.pk)
        response = client_of(person).get(f"/recommendations/?flag={flag}")
    assert response.status_code == 200, response.status_code
    found = re.findall(r'href="/recommendations/([^/"?]+-\d+)/"', response.content.decode())
    return set(found)
