"""The calendar of reminders: plain days, no database and no clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from recommendations.choices import ReminderFrequency
from recommendations.models import NotificationSettings

AHEAD = (30, 7, 0)
"""Days before it is due on which somebody is reminded; from then on once a week."""

LOOK_BACK = timedelta(days=31)
"""How far a message looks back at most: longer than the longest span between two reminders."""

FIRST_LOOK = timedelta(days=7)
"""Of changes in this span the first message to a person tells."""


@dataclass(frozen=True, slots=True)
class Span:
    """What one message covers: the days after ``since`` up to ``today``, and the changes recorded
    after ``told`` up to ``until``."""

    since: date
    today: date
    told: datetime
    until: datetime

    def reminds_of_due(self, due: date) -> bool:
        """Whether a reminder of what is due on this day falls into the span."""
        return self._covers(last_before_due(due, self.today))

    def reminds_of_waiting(self, first: date) -> bool:
        """Whether a reminder of what waits from this day on falls into the span."""
        return self._covers(last_while_waiting(first, self.today))

    def _covers(self, day: date | None) -> bool:
        return day is not None and self.since < day <= self.today


def last_before_due(due: date, today: date) -> date | None:
    """The last day up to ``today`` on which to remind of what is due on ``due``; none before."""
    if today >= due:
        return last_while_waiting(due, today)
    ahead = [day for n in AHEAD if (day := due - timedelta(days=n)) <= today]
    return max(ahead, default=None)


def last_while_waiting(first: date, today: date) -> date | None:
    """The last day up to ``today`` on which to remind of what waits since ``first``: each week."""
    days = (today - first).days
    return None if days < 0 else today - timedelta(days=days % 7)


def is_message_day(wanted: NotificationSettings, last: date | None, today: date) -> bool:
    """Whether a person may be sent a message today; ``last`` is the day of the one before.

    Weekly means once in a calendar week, on its first day that is not quiet and has anything to
    tell.
    """
    if wanted.frequency == ReminderFrequency.NONE or today.isoweekday() in wanted.quiet_days:
        return False
    if last is None:
        return True
    is_weekly = wanted.frequency == ReminderFrequency.WEEKLY
    monday = today - timedelta(days=today.weekday())
    return last < (monday if is_weekly else today)
