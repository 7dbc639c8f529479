"""The flags of recommendations on a day: one condition for each, on columns of the kept state.

The same table filters lists and tells which flags a row shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import eq
from typing import Any

from django.db.models import Q

from recommendations.choices import Flag

_LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": eq,
    "lt": lambda kept, day: kept is not None and kept < day,
    "lte": lambda kept, day: kept is not None and kept <= day,
    "isnull": lambda kept, is_null: (kept is None) is is_null,
}


@dataclass(frozen=True, slots=True)
class FlagCondition:
    """What is asked of one column, and of one that holds the last day, if there is any.

    Its names are those for readers of all evidence.
    """

    column: str
    lookup: str
    value: Any
    last_day: str = ""

    def as_q(self, column: str) -> Q:
        """As a condition on kept states, by the column that a reader sees."""
        found = Q(**{f"{column}__{self.lookup}": self.value})
        return found & Q(**{f"{self.last_day}__gte": self.value}) if self.last_day else found

    def holds(self, row: Any) -> bool:
        """Of a row that has these columns."""
        has_begun = _LOOKUPS[self.lookup](getattr(row, self.column), self.value)
        return has_begun and (not self.last_day or getattr(row, self.last_day) >= self.value)


def flag_conditions(today: Any) -> dict[str, FlagCondition]:
    """The condition of each flag on ``today``, or on what stands for it in a statement."""
    after = {
        Flag.UPDATE_OVERDUE: "update_overdue_after",
        Flag.DATE_OVERDUE: "date_overdue_after",
        Flag.RATING_OUT_OF_DATE: "rating_out_of_date_after",
        Flag.NO_DATE: "no_date_after",
        Flag.REVIEW_PAST: "review_past_after",
        Flag.EVIDENCE_GAP: "evidence_gap_after",
        Flag.RESPONSE_OVERDUE: "response_overdue_after",
        Flag.ACTION_OVERDUE: "action_overdue_after",
    }
    return {
        **{flag: FlagCondition(column, "lt", today) for flag, column in after.items()},
        Flag.UPDATE_DUE: FlagCondition("update_due_on", "lte", today, "update_overdue_after"),
        Flag.CONTRADICTED: FlagCondition("contradicted_since", "isnull", False),
        Flag.INDICATOR_AGAINST: FlagCondition("has_indicator_against", "exact", True),
        Flag.NO_LEAD: FlagCondition("has_no_lead", "exact", True),
        Flag.NO_OFFICER: FlagCondition("has_no_officer", "exact", True),
    }
