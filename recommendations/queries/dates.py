"""Target dates: how far one was postponed, its ledger, and the dates of a whole source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import (
    CLOSED_STATUSES,
    DateChangeState,
    DatePrecision,
    ImplementationStatus,
)
from recommendations.models import (
    AuditEvent,
    Recommendation,
    RecommendationState,
    Source,
    StatusUpdate,
    TargetDateChange,
    fictional,
    full_name,
)
from recommendations.permissions import Person
from recommendations.queries.listed import column_names
from recommendations.queries.shown import Shown, ShownPart, field_parts


def beginning_of(day: date) -> datetime:
    """The first moment of a day in the time zone of the site; the day before ends there."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """The last moment of a day in the time zone of the site."""
    return beginning_of(day + timedelta(days=1)) - timedelta(microseconds=1)


def first_day() -> date | None:
    """The day of the first event: before it nothing is on record."""
    at = AuditEvent.objects.order_by("sequence").values_list("at", flat=True).first()
    return timezone.localdate(at) if at else None


@dataclass(frozen=True, slots=True)
class PendingDateChange:
    """An undecided request for another date; ``new_date`` is none for no date."""

    pk: int
    new_date: date | None
    by_id: int
    by: str

    @property
    def text(self) -> str:
        """Who asks for which date."""
        if self.new_date is None:
            return _("%(who)s requests removal of the target date") % {"who": self.by}
        day = short_day_text(self.new_date)
        return _("%(who)s requests %(day)s") % {"who": self.by, "day": day}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every date that a recommendation had or was asked to have, the newest first.

    ``rows`` are changes with a ``note``, empty for those who may not read notes on decisions.
    """

    rows: tuple[Any, ...]
    first_date: date | None
    moved: str

    @property
    def waiting(self) -> Any:
        """The undecided request, if there is one."""
        return next((row for row in self.rows if row.is_waiting), None)


def days_between(first: date | None, now: date | None) -> int | None:
    """Days from one date to another; none where either is missing, which is not 0."""
    return None if first is None or now is None else (now - first).days


def postponement_text(first: date | None, now: date | None, moves: int) -> str:
    """How far a date has moved since it was first set; empty where it never did."""
    if not moves:
        return ""
    changes = ngettext("%(n)d change", "%(n)d changes", moves) % {"n": moves}
    days = days_between(first, now)
    if days is None:
        return _("target date removed, after %(changes)s") % {"changes": changes}
    if days == 0:
        return _("original target date again, after %(changes)s") % {"changes": changes}
    span = ngettext("%(n)d day", "%(n)d days", abs(days)) % {"n": abs(days)}
    words = _("postponed %(days)s (%(changes)s)")
    if days < 0:
        words = _("brought forward %(days)s (%(changes)s)")
    return words % {"days": span, "changes": changes}


def day_text(day: date) -> str:
    """A day written out, for a sentence."""
    return _written(day, "long", get_language())


def short_day_text(day: date) -> str:
    """A day with its month abbreviated, for a row of a list."""
    return _written(day, "short", get_language())


def known_day_text(day: date, precision: str, *, is_short: bool = False) -> str:
    """A day no more exact than it is known: a year alone, a month, or the day."""
    if precision == DatePrecision.YEAR:
        return str(day.year)
    if precision == DatePrecision.MONTH:
        return _written(day, "short month" if is_short else "month", get_language())
    return short_day_text(day) if is_short else day_text(day)


_PATTERNS = {
    "long": pgettext_lazy("date, written out", "j F Y"),
    "short": pgettext_lazy("date, short", "j M Y"),
    "month": pgettext_lazy("date, month", "F Y"),
    "short month": pgettext_lazy("date, short", "M Y"),
}


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, _language: str | None) -> str:
    """A page repeats few days many times, and Django puts each together letter by letter."""
    return date_format(day, str(_PATTERNS[pattern]))


def finished_text(update: StatusUpdate | None, *, is_continuous: bool) -> str:
    """Since when a recommendation with this current update is finished; empty while it is open."""
    if update is None:
        return ""
    return finished_words(
        update.implementation_status, update.finished_on, is_continuous=is_continuous
    )


def finished_words(
    status: str,
    finished_on: date | None,
    *,
    is_continuous: bool = False,
    written_as: Callable[[date], str] = day_text,
) -> str:
    """The same of a status and the day on which it was reached, none while it is open.

    An opening status may be implemented without a day: its list did not state one.
    """
    if finished_on is None:
        if status != ImplementationStatus.IMPLEMENTED:
            return ""
        if is_continuous:
            return _("Implemented (continuing), date not stated")
        return _("Completed, date not stated")
    words = _("Completed on %(day)s")
    if status in CLOSED_STATUSES:
        words = _("Closed on %(day)s")
    elif is_continuous:
        words = _("Implemented (continuing) since %(day)s")
    return words % {"day": written_as(finished_on)}


def finished_refusal(recommendation: Recommendation) -> str:
    """Why the date of a finished recommendation does not change."""
    update = recommendation.current_update
    return _("%(reference)s is closed (%(finished)s). The target date can no longer change.") % {
        "reference": recommendation.reference,
        "finished": finished_text(update, is_continuous=recommendation.is_continuous),
    }


def ledger_of(recommendation: Recommendation, person: Person) -> Ledger:
    """The ledger of one recommendation, for one reader: one query."""
    changes = (
        TargetDateChange.objects.visible_to(person)
        .filter(recommendation=recommendation.pk)
        .select_related("requested_by", "decided_by")
        .order_by("-number", "-pk")
    )
    may_read_notes = permissions.can_read_drafts(person)
    rows: tuple[Any, ...] = tuple(changes)
    for row in rows:
        row.note = row.decision_note if may_read_notes else ""
    first = rows[-1].new_date if rows else None
    moves = sum(row.number > 0 and row.state == DateChangeState.APPROVED for row in rows)
    return Ledger(rows, first, postponement_text(first, recommendation.target_date, moves))


DATE_CHANGE = "date"
"""What ``Shown`` is about where a date change is decided on."""


def shown_date_change(
    change: TargetDateChange, recommendation: Recommendation, ledger: Ledger
) -> Shown:
    """A request for another date with the ledger that it is shown in, and the date now."""
    columns = ("old_date", "new_date", "reason", "requested_by", "state")
    so_far = ShownPart("so-far", _("Number of changes"), str(len(ledger.rows)), ledger.moved)
    parts = [
        *field_parts(recommendation, ("title", "target_date"), under="recommendation"),
        *field_parts(change, columns),
        so_far,
    ]
    return Shown(f"{DATE_CHANGE}-{change.pk}", tuple(parts))


def dates_of(source: Source) -> QuerySet[Recommendation]:
    """The recommendations of a source by number, of which ``date_rows`` reads a page."""
    return Recommendation.objects.filter(source=source).order_by("number", "pk")


def date_rows(ids: Sequence[int]) -> dict[int, Any]:
    """Rows of the report by id: two queries.

    Each with its ``first_date``, ``date_moves`` and ``days_moved``, with what is ``asked``, and
    since when it is ``finished``, in words. ``is_demonstration`` where it or a date is fictional.
    """
    asked_for = TargetDateChange.objects.filter(
        recommendation__in=ids, requested_by__is_demonstration=True
    ).values("recommendation")
    rows: dict[int, Any] = (
        Recommendation.objects.select_related("current_update", "kept")
        .only(
            *("reference", "title", "nature", "target_date", "archived_at"),
            *("current_update__implementation_status", "current_update__as_of"),
            *("current_update__completed_on", "kept__first_date", "kept__date_moves"),
        )
        .annotate(is_demonstration=fictional() | Q(pk__in=asked_for))
        .in_bulk(ids)
    )
    asked = pending_changes(ids)
    for pk, row in rows.items():
        row.first_date, row.date_moves = row.kept.first_date, row.kept.date_moves
        row.asked = asked.get(pk)
        row.days_moved = days_between(row.first_date, row.target_date)
        row.finished = finished_text(row.current_update, is_continuous=row.is_continuous)
    return rows


def pending_changes(ids: Sequence[int]) -> dict[int, PendingDateChange]:
    """The undecided request of each of these recommendations, by its id; one query, if any."""
    if not ids:
        return {}
    asked = TargetDateChange.objects.filter(recommendation__in=ids, state=DateChangeState.REQUESTED)
    rows = asked.values_list(
        "recommendation", "pk", "new_date", "requested_by", *column_names("requested_by")
    )
    return {
        about: PendingDateChange(pk, day, by, full_name(*names))
        for about, pk, day, by, *names in rows
    }


def source_dates(source: Source) -> dict[str, int]:
    """How many recommendations of a source have a date, and how often dates changed; one query."""
    return RecommendationState.objects.filter(source=source).aggregate(
        total=Count("pk"),
        dated=Count("pk", filter=Q(target_date__isnull=False)),
        moved=Count("pk", filter=Q(date_moves__gt=0)),
        changes=Sum("date_moves", default=0),
        waiting=Count("pk", filter=Q(has_date_request=True)),
    )
