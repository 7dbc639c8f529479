"""The figures of an indicator as they stand: what a file is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import periods
from recommendations.actions.imports.figures.plans import (
    MOST_TOLD,
    Plan,
    Progress,
    Revised,
    Unmatched,
    Upload,
)
from recommendations.choices import AreaKind, ObsStatus
from recommendations.choices import CodeList as Lists
from recommendations.models import Area, Indicator, Observation
from recommendations.models.fields import validate_readable, validate_single_line
from recommendations.periods import Period
from recommendations.queries.areas import AreaCandidate, AreaMatcher
from recommendations.readers.statistics import (
    AreaCodeList,
    AreaReference,
    FigureFile,
    FigureRow,
    Rejected,
    open_figures,
)
from recommendations.readers.statistics.plain_tables import FIGURE_MARKS

Key = tuple[int, str, str]
"""Area, period code, dimensions: what a figure is known by."""

Held = tuple[Decimal | None, str, str, int, frozenset[str]]
"""Number, words, SDMX status, revision, marks."""


class ExistingValues:
    """The last revision of each figure of one indicator, read in one query; a tuple each."""

    def __init__(self, indicator: Indicator) -> None:
        rows = Observation.objects.filter(indicator=indicator.pk).order_by("revision")
        columns = ("area", "period", "dimensions", "value", "text", "obs_status", "revision")
        flags = tuple(f"is_{mark}" for mark in FIGURE_MARKS)
        # Few sets stand for the marks of all figures.
        marks: dict[tuple[bool, ...], frozenset[str]] = {}
        self._held: dict[Key, Held] = {}
        # Later revisions overwrite the earlier: simpler, and quicker, than asking for the last.
        for area, period, dimensions, *held in rows.values_list(*columns, *flags).iterator(5000):
            marked = tuple(held[4:])
            if marked not in marks:
                marks[marked] = frozenset(compress(FIGURE_MARKS, marked))
            value, text, status, revision = held[:4]
            self._held[area, period, dimensions] = (value, text, status, revision, marks[marked])

    def get(self, key: Key) -> Held | None:
        return self._held.get(key)

    def __len__(self) -> int:
        return len(self._held)


TOLD_EVERY = 1000
"""Figures between two reports of how far it is."""

# Whose codes "own" ones are.
_OWNERS = {
    "world_bank": Lists.WORLD_BANK,
    "world_bank_api": Lists.WORLD_BANK,
    "owid": Lists.OWID,
}
_VALUE = Observation._meta.get_field("value")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is to be written, as the next revision of what it is known by."""

    area: int
    period: Period
    dimensions: str
    value: Decimal | None
    text: str
    status: str
    comment: str
    source: str
    revision: int
    marks: frozenset[str]


def figures_in(
    upload: Upload, planned: Plan, known: ExistingValues, progress: Progress | None = None
) -> Iterator[Figure]:
    """The figures of a file that are new or differ; all others are counted in the plan.

    The plan is whole once this has been walked to its end. ``TableError`` where it cannot be.
    """
    choices = planned.choices
    file = open_figures(
        upload.file,
        upload.name,
        format=choices.format,
        decimal=choices.decimal,
        value_column=choices.value_column,
        options=choices.asked,
    )
    planned.format, planned.source, planned.vintage = file.format, file.source, file.vintage
    planned.notes = file.notes
    walk = _FigureMatcher(planned, known, file)
    for number, row in enumerate(file.rows, start=1):
        if progress is not None and number % TOLD_EVERY == 0:
            progress(number)
        if figure := walk.take(row):
            yield figure
    planned.empty = file.counts.empty
    planned.gone = len(known) - walk.met


class _FigureMatcher:
    """One walk through a file: what was met so far, and what each row comes to."""

    def __init__(self, planned: Plan, known: ExistingValues, file: FigureFile) -> None:
        self.planned, self.known, self.file = planned, known, file
        self.book = AreaMatcher()
        self.met = 0
        self._seen: dict[Key, tuple[Decimal | None, str, str]] = {}
        self._periods: dict[str, Period] = {}
        self._general = _area_of_all()

    def take(self, row: FigureRow | Rejected) -> Figure | None:
        """The figure of a row that is to be written, if any; everything else is counted."""
        if isinstance(row, Rejected):
            self._reject(str(row))
            return None
        if not self._is_of_series(row):
            return None
        area = self._area(row)
        if area is None:
            return None
        try:
            period = self._period(row.period)
            value = _checked(row)
        except ValidationError as error:
            self._reject(str(Rejected(row.line, row.sheet, " ".join(error.messages))))
            return None
        key, said = (area, period.code, row.dimensions), (value, row.text, _status(row))
        if key in self._seen:
            self._again(row, key, said)
            return None
        self._seen[key] = said
        return self._compare(row, key, period, said)

    def _compare(
        self, row: FigureRow, key: Key, period: Period, said: tuple[Decimal | None, str, str]
    ) -> Figure | None:
        held = self.known.get(key)
        if held is not None:
            self.met += 1
            if held[:3] == said and row.marks in (None, held[4]):
                self.planned.unchanged += 1
                return None
            self.planned.revised += 1
            if len(self.planned.revisions) < MOST_TOLD:
                self.planned.revisions.append(
                    Revised(*key, _shown(held[0], held[1]), _shown(said[0], said[1]))
                )
        else:
            self.planned.new += 1
        revision = held[3] + 1 if held is not None else 1
        marks = row.marks or frozenset()
        self.planned.note_change(key, said, revision, sorted(marks))
        return Figure(key[0], period, key[2], *said, row.comment, row.source[:300], revision, marks)

    def _again(self, row: FigureRow, key: Key, said: tuple[Decimal | None, str, str]) -> None:
        """The same figure stands twice in the file: once is enough, two that differ are none."""
        if self._seen[key] != said:
            why = _("this figure stands on an earlier line too, and otherwise.")
            self._reject(str(Rejected(row.line, row.sheet, why)))

    def _is_of_series(self, row: FigureRow) -> bool:
        """Whether a row is of the series that is meant. Those that there are, are counted."""
        series, chosen = self.planned.series, self.planned.choices.series
        if row.indicator in series or len(series) < MOST_TOLD:
            series[row.indicator] = series.get(row.indicator, 0) + 1
        return not chosen or row.indicator == chosen

    def _area(self, row: FigureRow) -> int | None:
        place = row.area
        if not (place.code or place.name):
            # About one place only, and the file does not say which: figures for all areas.
            return self._general
        lists = _OWNERS.get(self.file.format, "")
        code_list = "" if place.code_list is AreaCodeList.NOT_STATED else place.code_list.value
        if lists and place.code_list is not AreaCodeList.NOT_STATED:
            code_list = lists
        elif place.code_list is AreaCodeList.OWN:
            code_list = ""
        # Where no list is said, what stands for a code may as well be a name.
        name = place.name or ("" if code_list else place.code)
        match = self.book.match(code=place.code, name=name, code_list=code_list)
        if match.area is not None:
            return match.area
        if place.is_aggregate:
            self.planned.aggregates += 1
            return None
        self._unmatched(row, place, match.candidates)
        return None

    def _unmatched(
        self, row: FigureRow, place: AreaReference, candidates: tuple[AreaCandidate, ...]
    ) -> None:
        planned = self.planned
        planned.unmatched_rows += 1
        known = planned.unmatched.get((place.code, place.name))
        if known is None and len(planned.unmatched) < MOST_TOLD:
            known = Unmatched(place.code, place.name, candidates, row.line)
            planned.unmatched[place.code, place.name] = known
        if known is not None:
            known.rows += 1

    def _period(self, code: str) -> Period:
        if code not in self._periods:
            try:
                self._periods[code] = periods.parse(code)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return self._periods[code]

    def _reject(self, told: str) -> None:
        self.planned.rejected += 1
        if len(self.planned.rejections) < MOST_TOLD:
            self.planned.rejections.append(told)


def _checked(row: FigureRow) -> Decimal | None:
    """The number of a row, once sure that the columns take all that it says."""
    for text, most in ((row.text, 200), (row.dimensions, 200), (row.comment, 20_000)):
        if text:
            validate_readable(text)
            if len(text) > most:
                raise ValidationError(_("A text is longer than %d characters.") % most)
    for line in (row.text, row.dimensions):
        validate_single_line(line)
    if row.obs_status and row.obs_status not in ObsStatus.values:
        raise ValidationError(
            _("“%s” is no observation status that is kept here.") % row.obs_status
        )
    if row.obs_status == ObsStatus.MISSING and (row.value is not None or row.text):
        raise ValidationError(_("It says that the figure is missing, and gives one."))
    value: Decimal | None = _VALUE.to_python(row.value)
    return value


def _status(row: FigureRow) -> str:
    if row.value is None and not row.text:
        return ObsStatus.MISSING
    return row.obs_status or ObsStatus.NORMAL


def _shown(value: Decimal | None, text: str) -> Decimal | str | None:
    return value if value is not None else text or None


def _area_of_all() -> int | None:
    """The area that stands for all of them, if there is one."""
    found = Area.objects.filter(kind=AreaKind.ALL).order_by("pk").values_list("pk", flat=True)
    return found.first()
