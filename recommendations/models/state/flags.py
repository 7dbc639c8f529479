"""The flags of recommendations on a day: one condition for each, on a column of the kept state.

The same table filters lists and tells which flags a row shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import eq
from typing import Any

from django.db.models import Q

from recommendations.choices import GRACE_DAYS, UNDATED_DAYS, Flag

_LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": eq,
    "lt": lambda kept, day: kept is not None and kept < day,
    "range": lambda kept, days: kept is not None and days[0] <= kept <= days[1],
    "isnull": lambda kept, is_null: (kept is None) is is_null,
}


@dataclass(frozen=True, slots=True)
class FlagCondition:
    """What is asked of one column; its name is that for readers of all evidence."""

    column: str
    lookup: str
    value: Any

    def as_q(self, column: str) -> Q:
        """As a condition on kept states, by the column that a reader sees."""
        return Q(**{f"{column}__{self.lookup}": self.value})

    def holds(self, kept: Any) -> bool:
        """Of a value of the column."""
        return _LOOKUPS[self.lookup](kept, self.value)


def flag_conditions(today: date) -> dict[str, FlagCondition]:
    """The condition of each flag on ``today``."""
    return conditions_between(*flag_days(today))


def flag_days(today: date) -> tuple[date, date, date]:
    """Today, and the days before which an update is overdue and a missing date is flagged.

    ``today`` may be any day, also the first of the calendar: before it, there is none.
    """
    since_ever = today - date.min
    grace, undated = (min(timedelta(days=n), since_ever) for n in (GRACE_DAYS, UNDATED_DAYS))
    return today, today - grace, today - undated


def conditions_between(
    today: Any, overdue_from: Any, undated_from: Any
) -> dict[str, FlagCondition]:
    """The condition of each flag, of ``flag_days`` or of what stands for these in a statement."""
    return {
        Flag.UPDATE_DUE: FlagCondition("update_due_on", "range", (overdue_from, today)),
        Flag.UPDATE_OVERDUE: FlagCondition("update_due_on", "lt", overdue_from),
        Flag.DATE_OVERDUE: FlagCondition("date_overdue_after", "lt", today),
        Flag.RATING_OUT_OF_DATE: FlagCondition("rating_out_of_date_after", "lt", today),
        Flag.NO_DATE: FlagCondition("open_without_date_since", "lt", undated_from),
        Flag.REVIEW_PAST: FlagCondition("review_past_after", "lt", today),
        Flag.EVIDENCE_GAP: FlagCondition("evidence_gap_after", "lt", today),
        Flag.CONTRADICTED: FlagCondition("contradicted_since", "isnull", False),
        Flag.INDICATOR_AGAINST: FlagCondition("has_indicator_against", "exact", True),
        Flag.RESPONSE_OVERDUE: FlagCondition("response_overdue_after", "lt", today),
        Flag.ACTION_OVERDUE: FlagCondition("action_overdue_after", "lt", today),
        Flag.NO_LEAD: FlagCondition("has_no_lead", "exact", True),
        Flag.NO_OFFICER: FlagCondition("has_no_officer", "exact", True),
    }
