"""One change, and what an approval did to the status that was in force, or to the target date."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import (
    DateChangeState,
    UpdateState,
    label_of_confidence,
    label_of_status,
)
from recommendations.choices.changes import ChangeKind
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.queries.dates import day_text
from recommendations.queries.log.rows import Change
from recommendations.queries.recommendations.past.states import update_in_force
from recommendations.queries.replaced import marks_among

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OneChange:
    """One change: what it is about, what was done, from which value to which, by whom and why.

    ``note`` says what became of it since: that it was retracted, corrected or undone.
    """

    kind: ChangeKind
    number: int
    at: datetime
    by: str
    what: str
    title: str
    url: str
    changes: tuple[Change, ...]
    reason: str
    note: str = ""
    is_demonstration: bool = False

    @property
    def words(self) -> tuple[Change, ...]:
        """The fields that say something to a reader; ``digests`` are the others."""
        return tuple(change for change in self.changes if not change.is_digest)

    @property
    def digests(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_digest)


class Dates:
    """What the ledger says of changes of target dates: from which date to which, and why."""

    def __init__(self, ids: Collection[int]) -> None:
        rows = TargetDateChange.objects.filter(
            recommendation__in=ids, state=DateChangeState.APPROVED
        )
        self.by_key = {str(row.pk): row for row in rows}
        self.stated: dict[int, list[tuple[Any, date | None]]] = defaultdict(list)
        for row in self.by_key.values():
            self.stated[row.recommendation_id].append((row.decided_at, row.new_date))

    def has_date(self, recommendation: int, at: datetime) -> bool:
        """Whether a recommendation had a target date at a moment."""
        known = [each for each in self.stated[recommendation] if each[0] <= at]
        return bool(known) and max(known, key=itemgetter(0))[1] is not None

    def of(self, change: OneChange, key: str) -> OneChange:
        """The change with both dates and the reason of the request, where it is of a date."""
        row = self.by_key.get(key) if change.kind == ChangeKind.DATE else None
        if row is None:
            return change
        moved = Change(_("Target date"), _date(row.old_date), _date(row.new_date))
        why = "\n".join(filter(None, dict.fromkeys((row.reason, change.reason))))
        return replace(change, changes=(moved,), reason=why)


class Statuses:
    """What approvals did to the status that was in force, by the rule that pages go by."""

    def __init__(self, ids: Collection[int], dates: Dates) -> None:
        self.dates = dates
        rows = StatusUpdate.objects.filter(recommendation__in=ids, state=UpdateState.APPROVED)
        beside = ("addressee__area", "addressee__organisation", "opening_row", "recommendation")
        self.updates = list(rows.select_related(*beside))
        self.of_scope: dict[Any, list[StatusUpdate]] = defaultdict(list)
        for row in self.updates:
            self.of_scope[row.recommendation_id, row.addressee_id].append(row)
        self.by_key = {str(row.pk): row for row in self.updates}
        self.by_opening = {str(row.opening_row_id): row for row in self.updates}
        self.marks = marks_among(self.updates)

    def of(self, change: OneChange, key: str) -> OneChange:
        """The change with the status and confidence before and after, where it is of a status."""
        if change.kind != ChangeKind.STATUS:
            return change
        update, at = self.by_key.get(key), None
        if update is not None:
            at = update.decided_at
        elif (update := self.by_opening.get(key)) is not None and update.opening_row is not None:
            at = update.opening_row.undone_at
        if update is None or at is None:
            return change
        before, after = (self._in_force(update, at - MOMENT), self._in_force(update, at))
        has_date = self.dates.has_date(update.recommendation_id, at)
        told = _sides(update.recommendation, before, after, has_date=has_date)
        mark = self.marks.get(update.pk)
        note = mark.sentence if mark and mark.at > at else ""
        told_of = replace(change, kind=_kind(before, after), changes=told, note=note)
        if update.addressee is None:
            return told_of
        # Its own status: that of the recommendation is another one, and stays.
        return replace(told_of, kind=ChangeKind.ADDRESSEE, title=str(update.addressee))

    def _in_force(self, update: StatusUpdate, known: datetime) -> StatusUpdate | None:
        rows = self.of_scope[update.recommendation_id, update.addressee_id]
        return update_in_force(rows, timezone.localdate(known), known)


def _date(day: date | None) -> str:
    return day_text(day) if day else _("No target date")


def _kind(before: StatusUpdate | None, after: StatusUpdate | None) -> ChangeKind:
    if _status(before) != _status(after):
        return ChangeKind.STATUS
    if _confidence(before) != _confidence(after):
        return ChangeKind.CONFIDENCE
    return ChangeKind.UPDATE


def _status(update: StatusUpdate | None) -> str:
    return update.implementation_status if update else ""


def _confidence(update: StatusUpdate | None) -> str:
    return update.confidence if update else ""


def _sides(
    about: Recommendation,
    before: StatusUpdate | None,
    after: StatusUpdate | None,
    *,
    has_date: bool,
) -> tuple[Change, ...]:
    """Status and confidence before and after; both where both are the same."""
    of_status = [
        label_of_status(_status(each), is_continuous=about.is_continuous)
        for each in (before, after)
    ]
    of_confidence = [
        label_of_confidence(_confidence(each), has_date=has_date) for each in (before, after)
    ]
    pairs = ((_("Status"), of_status), (_("Confidence"), of_confidence))
    return tuple(Change(label, *sides) for label, sides in pairs if sides[0] != sides[1])
