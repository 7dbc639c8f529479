"""All rows at the end of a step of a history, and the days on which something else is shown."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Model

from recommendations.models import (
    Action,
    Addressee,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Indicator,
    IndicatorLink,
    Observation,
    ObservationConfirmation,
    Organisation,
    Part,
    PartCompletion,
    Recommendation,
    Response,
    Source,
    StatusUpdate,
    SteeringDecision,
    StoredFile,
    TargetDateChange,
    Theme,
    User,
)

NOTED: tuple[type[Model], ...] = (
    *(Action, Addressee, Evidence, EvidenceCheck, EvidenceLink, EvidenceRevision, Indicator),
    *(IndicatorLink, Observation, ObservationConfirmation, Organisation, Part, PartCompletion),
    *(Recommendation, Response, Source, StatusUpdate, SteeringDecision, StoredFile),
    *(TargetDateChange, Theme, User),
)

GRACE, UNDATED = timedelta(days=30), timedelta(days=180)
"""After which a report is overdue, and after which what has no date is flagged."""


class Noted:
    """All rows at the end of a step, at ``at``, by kind and key."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.rows = {model: model._default_manager.in_bulk() for model in NOTED}
        undone = StatusUpdate.objects.filter(opening_row__undone_at__isnull=False)
        self.undone = set(undone.values_list("pk", flat=True))
        withdrawn = Observation.objects.filter(import_run__undone_at__isnull=False)
        self.withdrawn = set(withdrawn.values_list("pk", flat=True))
        self.contributors = _pairs(Recommendation.contributors.through, "recommendation")
        self.themes = _pairs(Recommendation.themes.through, "recommendation")
        self.editors = _pairs(StatusUpdate.editors.through, "statusupdate")

    def of(self, model: type[Model]) -> Collection[Any]:
        return self.rows[model].values()

    def standing(self, model: type[Model], **of: Any) -> list[Any]:
        """Rows of a kind that were not removed, with these values."""
        return [
            row
            for row in self.of(model)
            if row.removed_at is None
            and all(getattr(row, name) == value for name, value in of.items())
        ]

    def is_same(self, other: "Noted") -> bool:
        """Whether both hold the same values in all rows."""
        return self._values == other._values

    @cached_property
    def _values(self) -> Any:
        tables = {
            (model, pk): {field.attname: getattr(row, field.attname) for field in row._meta.fields}
            for model, rows in self.rows.items()
            for pk, row in rows.items()
        }
        return tables, self.undone, self.withdrawn, self.contributors, self.themes, self.editors


def _pairs(through: type[Model], of: str) -> set[tuple[int, int]]:
    other = next(
        field.attname
        for field in through._meta.fields
        if field.is_relation and field.attname != f"{of}_id"
    )
    return set(through._default_manager.values_list(f"{of}_id", other))


def months_later(day: date, months: int) -> date:
    """The same day some months on, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def days_that_matter(noted: Noted, until: date) -> list[date]:
    """The first and the last day of each stretch of days that show the same; the last is ``until``.

    A look back compares its day with columns of rows, or with days some time after these.
    """
    begins = {row.as_of for row in noted.of(StatusUpdate)}
    begins |= {row.last_day for row in noted.of(Observation)}
    begins |= {row.decided_on for row in noted.of(SteeringDecision)}
    over: set[date | None] = {row.expires_on for row in noted.of(Evidence)}
    over |= {row.due_on for model in (Action, Response) for row in noted.of(model)}
    for row in noted.of(Recommendation):
        over |= {row.target_date, row.review_on, row.opened_on and row.opened_on + UNDATED}
        dues = [months_later(day, row.interval_months) for day in _counted_from(noted, row)]
        # A review is a day on which an update is due as well.
        begins |= {*dues, *({row.review_on} if row.review_on else ())}
        over |= {due + GRACE for due in (*dues, row.review_on) if due}
    begins |= {day + timedelta(1) for day in over if day}
    days = {until} | begins | {day - timedelta(1) for day in begins}
    return sorted(day for day in days if day <= until)


def _counted_from(noted: Noted, recommendation: Recommendation) -> Iterator[date]:
    """The days from which intervals of reporting are counted."""
    if recommendation.opened_on:
        yield recommendation.opened_on
    for row in noted.of(StatusUpdate):
        if row.recommendation_id == recommendation.pk:
            yield row.as_of
            if row.rated_on:
                yield row.rated_on
