"""Target dates: how far one has moved, its ledger, and the dates of a whole source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import DateChangeState
from recommendations.models import Recommendation, Source, TargetDateChange
from recommendations.permissions import Person


@dataclass(frozen=True, slots=True)
class PendingDateChange:
    """A request for another date that nobody has decided yet; ``new_date`` is none for no date."""

    pk: int
    new_date: date | None
    by_id: int
    by: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger. ``days`` is how far the date moves; none where a side is missing.

    ``note`` is empty for those who may not read notes on decisions.
    """

    pk: int
    number: int
    old_date: date | None
    new_date: date | None
    days: int | None
    reason: str
    asked_by: str
    asked_by_id: int
    asked_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    note: str
    is_demonstration: bool

    @property
    def is_waiting(self) -> bool:
        return self.state == DateChangeState.REQUESTED

    @property
    def moved(self) -> str:
        """How far, in words; empty for the first date and where a side is missing."""
        return "" if self.days is None else _by_days(self.days)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every date that a recommendation had or was asked to have, the newest first."""

    rows: tuple[LedgerRow, ...]
    first_date: date | None
    moved: str

    @property
    def waiting(self) -> LedgerRow | None:
        """The request that nobody has decided, if any."""
        return next((row for row in self.rows if row.is_waiting), None)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """The dates of one recommendation in the report over its source."""

    reference: str
    title: str
    url: str
    first_date: date | None
    target_date: date | None
    moves: int
    days: int | None
    asked: PendingDateChange | None
    is_continuous: bool
    is_archived: bool


@dataclass(frozen=True, slots=True)
class SourceDates:
    """How many recommendations of a source have a date, and how often dates moved."""

    total: int
    dated: int
    moved: int
    changes: int
    waiting: int


def days_between(first: date | None, now: date | None) -> int | None:
    """Days from one date to another; none where either is missing, which is not 0."""
    return None if first is None or now is None else (now - first).days


def moved_in_words(first: date | None, now: date | None, moves: int) -> str:
    """How far a date has moved since it was first set; empty where it never did."""
    if not moves:
        return ""
    changes = ngettext("%(n)d change", "%(n)d changes", moves) % {"n": moves}
    days = days_between(first, now)
    if days is None:
        return _("no date any more, after %(changes)s") % {"changes": changes}
    if days == 0:
        return _("back at the first date after %(changes)s") % {"changes": changes}
    span = ngettext("%(n)d day", "%(n)d days", abs(days)) % {"n": abs(days)}
    words = _("moved %(days)s in %(changes)s")
    if days < 0:
        words = _("brought forward %(days)s in %(changes)s")
    return words % {"days": span, "changes": changes}


def change_in_words(old: date | None, new: date | None) -> str:
    """A date change in few words: from which date to which."""
    if old is None:
        return _("to %(new)s") % {"new": _day(new)}
    return _("%(old)s to %(new)s") % {"old": _day(old), "new": _day(new)}


def pending_date_change(found: Any) -> PendingDateChange | None:
    """The undecided request of a recommendation that was read with ``with_date_changes``."""
    value = found.date_asked
    if value is None:
        return None
    name = f"{value['first_name']} {value['last_name']}".strip()
    return PendingDateChange(
        pk=value["pk"],
        new_date=parse_date(value["new_date"]) if value["new_date"] else None,
        by_id=value["by"],
        by=name or value["username"],
    )


def ledger_of(recommendation: Recommendation, person: Person) -> Ledger:
    """The ledger of one recommendation, for one reader: one query."""
    changes = (
        TargetDateChange.objects.visible_to(person)
        .filter(recommendation=recommendation.pk)
        .select_related("requested_by", "decided_by")
        .order_by("-number", "-pk")
    )
    may_read_notes = permissions.can_read_drafts(person)
    rows = tuple(_ledger_row(change, may_read_notes) for change in changes)
    first = rows[-1].new_date if rows else None
    moves = sum(row.number > 0 and row.state == DateChangeState.APPROVED for row in rows)
    return Ledger(rows, first, moved_in_words(first, recommendation.target_date, moves))


def dates_of(source: Source) -> Any:
    """The recommendations of a source with their dates, for ``source_rows`` and its pages."""
    return Recommendation.objects.filter(source=source).with_date_changes().order_by("number", "pk")


def source_rows(recommendations: Iterable[Any]) -> list[SourceRow]:
    """Rows of the report from ``dates_of``."""
    return [
        SourceRow(
            reference=found.reference,
            title=found.title,
            url=found.get_absolute_url(),
            first_date=found.first_date,
            target_date=found.target_date,
            moves=found.date_moves,
            days=days_between(found.first_date, found.target_date),
            asked=pending_date_change(found),
            is_continuous=found.nature == "continuous",
            is_archived=found.archived_at is not None,
        )
        for found in recommendations
    ]


def source_dates(source: Source) -> SourceDates:
    """The sums over a source, in one query."""
    sums = dates_of(source).aggregate(
        total=Count("pk"),
        dated=Count("pk", filter=Q(target_date__isnull=False)),
        moved=Count("pk", filter=Q(date_moves__gt=0)),
        changes=Sum("date_moves", default=0),
        waiting=Count("pk", filter=Q(date_asked__isnull=False)),
    )
    return SourceDates(**sums)


def _ledger_row(change: TargetDateChange, may_read_notes: bool) -> LedgerRow:
    return LedgerRow(
        pk=change.pk,
        number=change.number,
        old_date=change.old_date,
        new_date=change.new_date,
        days=days_between(change.old_date, change.new_date),
        reason=change.reason,
        asked_by=str(change.requested_by),
        asked_by_id=change.requested_by_id,
        asked_at=change.requested_at,
        state=change.state,
        decided_by=str(change.decided_by or ""),
        decided_at=change.decided_at,
        note=change.decision_note if may_read_notes else "",
        is_demonstration=change.requested_by.is_demonstration,
    )


def _by_days(days: int) -> str:
    span = ngettext("%(n)d day", "%(n)d days", abs(days)) % {"n": abs(days)}
    return (_("%(days)s earlier") if days < 0 else _("%(days)s later")) % {"days": span}


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else _("no date")
