"""The figures of a file beside those of the indicator: new, revised, unchanged or rejected."""

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import compress
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import periods
from recommendations.actions.imports.figures.areas import FileAreas
from recommendations.actions.imports.figures.identity import Identity
from recommendations.actions.imports.figures.plans import (
    MOST_LISTED,
    FigurePlan,
    ImportProgress,
    ImportStep,
    RevisedFigure,
)
from recommendations.actions.imports.figures.plausibility import Plausibility
from recommendations.actions.imports.figures.rounding import is_same_figure
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.indicators import check_figure, new_observation
from recommendations.choices import MISSING_CODES, ObsStatus, SourceStatus
from recommendations.choices.statuses import stated_code, status_columns
from recommendations.models import ImportRun, Indicator, Observation
from recommendations.periods import Period
from recommendations.queries.indicators.agreement import (
    is_additive,
    part_disagreements,
    term_disagreement,
)
from recommendations.readers.statistics import (
    FigureFile,
    FigureRow,
    Rejected,
    open_figures,
)
from recommendations.readers.statistics.plain_tables import FIGURE_MARKS

FigureKey = tuple[int, str, str]
"""Area, period code, dimensions: what identifies a figure of one indicator."""

StatedValue = tuple[Decimal | None, str, str]
"""Number, words, SDMX code of the status: empty where the code of a missing value is not known."""

Terms = tuple[Decimal | None, Decimal | None]
"""Numerator and denominator."""

ExistingValue = tuple[StatedValue | None, int, frozenset[str], Terms, date | None]
"""What is held, ``None`` where all was withdrawn; the number of the last revision, also where that
was withdrawn; marks and terms of what is held, and the newest vintage of its source."""

PROGRESS_EVERY = 1000
"""Figures between two reports of progress."""

_VALUE = Observation._meta.get_field("value")
_NOTHING: Any = (None, 0, frozenset(), (None, None), None)


def existing_values(indicator: Indicator) -> dict[FigureKey, ExistingValue]:
    """What is held of each figure of an indicator, in two queries; tuples, to save memory."""
    vintages, undone = runs_of(indicator)
    rows = Observation.objects.filter(indicator=indicator.pk).order_by("revision")
    columns = (
        *("area", "period", "dimensions", "value", "text", "obs_status", "source_status"),
        *("comment", "revision", "import_run", "numerator", "denominator"),
    )
    flags = tuple(f"is_{mark}" for mark in FIGURE_MARKS)
    # The figures share few sets of marks: one object a set saves memory.
    marks: dict[tuple[bool, ...], frozenset[str]] = {}
    found: dict[FigureKey, ExistingValue] = {}
    # Later revisions overwrite the earlier: simpler, and quicker, than asking for the last.
    for area, period, dimensions, *rest in rows.values_list(*columns, *flags).iterator(5000):
        value, text, *status, revision, run, numerator, denominator = rest[:9]
        if run in undone:
            held = found.get((area, period, dimensions), _NOTHING)
            found[area, period, dimensions] = (held[0], revision, *held[2:])
            continue
        marked = tuple(rest[9:])
        if marked not in marks:
            marks[marked] = frozenset(compress(FIGURE_MARKS, marked))
        found[area, period, dimensions] = (
            (value, text, stated_code(*status)),
            revision,
            marks[marked],
            (numerator, denominator),
            vintages.get(run),
        )
    return found


def runs_of(indicator: Indicator) -> tuple[dict[int | None, date], frozenset[int | None]]:
    """By import: the newest vintage that any import of its source has stated; and those undone.

    A newer file that left a value as it was has confirmed that value, and left no row of it. What
    was undone has stated nothing.
    """
    runs = ImportRun.objects.filter(indicator=indicator.pk).order_by("vintage", "pk")
    read = list(runs.values_list("pk", "source", "vintage", "undone_at"))
    stated = [(pk, of, vintage) for pk, of, vintage, undone in read if vintage and not undone]
    by_source = {of: vintage for _pk, of, vintage in stated}
    vintages: dict[int | None, date] = {pk: by_source[of] for pk, of, _vintage in stated}
    return vintages, frozenset(pk for pk, *_rest, undone in read if undone)


def match_figures(
    upload: Upload, plan: FigurePlan, indicator: Indicator, progress: ImportProgress | None = None
) -> Iterator[Observation]:
    """The figures of a file that are new or differ, unsaved; all others are counted in the plan.

    The plan is complete once this has been read to its end. ``TableError`` where the file cannot
    be read.
    """
    options = plan.options
    file = open_figures(
        upload.file,
        upload.name,
        format=options.format,
        decimal=options.decimal,
        value_column=options.value_column,
        options=upload.options,
        replaces_invalid=options.replaces_invalid,
    )
    plan.format, plan.source, plan.vintage = file.format, file.source, file.vintage
    plan.columns = file.columns
    plan.notes = [*filter(None, [file.why]), *file.notes]
    matcher = FigureMatcher(plan, indicator, file)
    for number, row in enumerate(file.rows, start=1):
        if progress is not None and number % PROGRESS_EVERY == 0:
            progress(ImportStep.READING, number)
        if observation := matcher.match(row):
            yield observation
    matcher.finish()
    plan.empty, plan.invalid = file.counts.empty, file.counts.invalid
    held = sum(stated is not None for stated, *_rest in matcher.existing.values())
    plan.gone = held - matcher.matched


class FigureMatcher:
    """Compares the rows of one file, one after the other, with the figures of an indicator."""

    def __init__(self, plan: FigurePlan, indicator: Indicator, file: FigureFile) -> None:
        self.plan, self.indicator, self.file = plan, indicator, file
        self.existing = existing_values(indicator)
        self.matched = 0
        """Existing figures for which the file has a row."""
        self._identity = Identity(indicator)
        self._plausibility = Plausibility(
            indicator,
            (
                ((area, of), stated[0])
                for (area, _period, of), (stated, *_rest) in self.existing.items()
                if stated is not None
            ),
        )
        self._slice = dict(plan.options.slice)
        self._areas = FileAreas(plan, file.format)
        self._earlier: dict[FigureKey, StatedValue] = {}
        self._periods: dict[str, Period] = {}

    def match(self, row: FigureRow | Rejected) -> Observation | None:
        """The revision that follows from a row, if any; the outcome of every row is counted."""
        if isinstance(row, Rejected):
            self.plan.reject(str(row))
            return None
        if not self._is_of_series(row):
            return None
        if (row.dimensions or self._slice) and not self._is_of_slice(row):
            return None
        if self._slice:
            row = replace(row, dimensions=_without(row.dimensions, self._slice))
        self.plan.contradictions += self._identity.contradictions(row)
        area = self._areas.area_of(row)
        if area is None:
            return None
        if row.area.described_by and (names := self._areas.described_by(row)):
            row = replace(row, dimensions=_without(row.dimensions, names))
        try:
            return self._compare(row, area, self._period(row.period))
        except ValidationError as error:
            self._reject(row, " ".join(error.messages))
            return None

    def _compare(self, row: FigureRow, area: int, period: Period) -> Observation | None:
        key = (area, period.code, row.dimensions)
        stated = (_VALUE.to_python(row.value), row.text, _status(row))
        if key in self._earlier:
            # The same figure twice is one figure; two that differ are none.
            if self._earlier[key] != stated:
                self._reject(
                    row, _("an earlier line gives a different value for the same observation.")
                )
            return None
        before, revision, marks, terms, vintage = self.existing.get(key, _NOTHING)
        self._tell_disagreement(row, stated[0])
        are_same_terms = row.terms is None or all(map(is_same_figure, row.terms, terms))
        if are_same_terms and row.marks in (None, marks) and _is_same(before, stated):
            self._earlier[key] = stated
            self._count_same(key, (before, terms), (stated, row.terms))
            return None
        if self.plan.is_kept(vintage):
            self._earlier[key] = stated
            self.matched += 1
            return None
        observation = self._observation(row, area, period, stated, revision + 1)
        check_figure(observation)
        self._earlier[key] = stated
        self._tell_doubt(row, area, stated[0])
        if before is None:
            self.plan.new += 1
        else:
            self.matched += 1
            self.plan.add_revision(RevisedFigure(*key, _shown(before), _shown(stated)))
        self.plan.add_change(key, stated, revision + 1, sorted(row.marks or ()))
        return observation

    def _count_same(
        self,
        key: FigureKey,
        before: tuple[StatedValue | None, Terms],
        stated: tuple[StatedValue, Terms | None],
    ) -> None:
        """Count a figure that stays, and list it where the file has it with other digits."""
        self.matched += 1
        held, told = _shown(before[0]), _shown(stated[0])
        if held == told and stated[1] in (None, before[1]):
            self.plan.unchanged += 1
        else:
            self.plan.add_rounded(RevisedFigure(*key, held, told))

    def _observation(
        self, row: FigureRow, area: int, period: Period, stated: StatedValue, revision: int
    ) -> Observation:
        value, text, status = stated
        marks: dict[str, Any] = {f"is_{mark}": True for mark in row.marks or ()}
        return new_observation(
            period,
            indicator_id=self.indicator.pk,
            area_id=area,
            dimensions=row.dimensions,
            value=value,
            text=text,
            **status_columns(status),
            comment=row.comment,
            numerator=row.numerator,
            denominator=row.denominator,
            source=" ".join(row.source.split())[:300],
            revision=revision,
            **marks,
        )

    def _tell_disagreement(self, row: FigureRow, value: Decimal | None) -> None:
        """Tell of a value that is not its numerator by its denominator."""
        marks = row.marks or frozenset()
        words = term_disagreement(
            self.indicator,
            value,
            *(row.terms or (None, None)),
            is_lower_bound="lower_bound" in marks,
            is_approximate="approximate" in marks,
        )
        if words:
            self.plan.add_disagreement(str(Rejected(row.line, row.sheet, words)))

    def _tell_doubt(self, row: FigureRow, area: int, value: Decimal | None) -> None:
        """Tell of a value that is to be written and is not plausible."""
        if doubt := self._plausibility.doubt((area, row.dimensions), value):
            named = ", ".join(filter(None, (row.area.name or row.area.code, row.period)))
            words = f"{named} {row.dimensions}".strip()
            self.plan.add_doubt(str(Rejected(row.line, row.sheet, f"{words}: {doubt}")))

    def finish(self) -> None:
        """Tell of what is known once the file is read."""
        self._tell_parts()
        self._areas.finish()

    def _tell_parts(self) -> None:
        """Tell of parts in the file that do not add up to their total."""
        if not is_additive(self.indicator):
            return
        groups: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
        for (area, period, dimensions), (value, _text, _status) in self._earlier.items():
            if value is not None:
                groups[area, period][dimensions] = value
        told = [
            (area, f"{period}: {words}")
            for (area, period), values in groups.items()
            if len(values) > 1
            for words in part_disagreements(self.indicator, values)
        ]
        for area, words in told:
            self.plan.add_disagreement(f"{self._areas.name_of(area)}, {words}")

    def _is_of_series(self, row: FigureRow) -> bool:
        """Whether a row is of the series that is meant. Those in the file are counted."""
        series, chosen = self.plan.series, self.plan.options.series
        if row.indicator in series or len(series) < MOST_LISTED:
            series[row.indicator] = series.get(row.indicator, 0) + 1
        return not chosen or row.indicator == chosen

    def _is_of_slice(self, row: FigureRow) -> bool:
        """Whether a row is of the part that is meant. The parts in the file are counted."""
        found = dict(part.split("=", 1) for part in filter(None, row.dimensions.split("|")))
        for name, code in found.items():
            self.plan.count_dimension(name, code)
        is_meant = all(found.get(name) == code for name, code in self._slice.items())
        self.plan.other_slices += not is_meant
        return is_meant

    def _period(self, code: str) -> Period:
        if code not in self._periods:
            try:
                self._periods[code] = periods.parse(code)
            except ValueError as error:
                raise ValidationError(str(error)) from error
        return self._periods[code]

    def _reject(self, row: FigureRow, reason: str) -> None:
        self._areas.discount(row)
        self.plan.reject(str(Rejected(row.line, row.sheet, reason)))


def _without(dimensions: str, names: Container[str]) -> str:
    """A key of dimensions without those of these names."""
    parts = (part for part in dimensions.split("|") if part.partition("=")[0] not in names)
    return "|".join(parts)


def _status(row: FigureRow) -> str:
    if row.value is None and not row.text and row.obs_status not in MISSING_CODES:
        return SourceStatus.MISSING
    return row.obs_status or ObsStatus.NORMAL


def _is_same(before: StatedValue | None, stated: StatedValue) -> bool:
    """Whether a file states what is held, at the precision given; a code not kept equals any."""
    if before is None:
        return False
    if not before[2] and stated[2] in MISSING_CODES:
        return True
    return before[1:] == stated[1:] and is_same_figure(before[0], stated[0])


def _shown(stated: StatedValue | None) -> Decimal | str | None:
    if stated is None:
        return None
    value, text, _status = stated
    return value if value is not None else text or None
