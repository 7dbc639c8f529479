"""What figures of a file belong to, and which of them are new, changed, equal or implausible."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal
from functools import partial
from hashlib import sha256
from itertools import compress
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import names, periods
from recommendations.actions.imports.figures.identity import Identity
from recommendations.actions.imports.figures.plans import (
    DESCRIBED,
    OWN_UNIT,
    UNIT,
    AreaOutcome,
    AreaUse,
    FigurePlan,
    NewArea,
    RevisedFigure,
    Series,
    count_listed,
    decimals,
    is_of,
    opened,
    part_code,
    parts_of,
)
from recommendations.actions.imports.findings import FindingCode
from recommendations.actions.imports.pipeline import ImportProgress, ImportStep, Upload
from recommendations.actions.indicators import check_figure, new_observation
from recommendations.choices import (
    MISSING_CODES,
    WORLD,
    AreaCodes,
    AreaKind,
    CodeList,
    Measure,
    ObsStatus,
    SourceStatus,
)
from recommendations.choices.statuses import stated_code, status_columns
from recommendations.models import Area, ImportRun, Indicator, Observation
from recommendations.periods import Period
from recommendations.queries.areas import AreaCandidate, AreaMatch, AreaMatcher
from recommendations.queries.indicators.values import (
    is_additive,
    part_disagreements,
    term_disagreement,
)
from recommendations.readers.statistics import (
    AreaCodeList,
    AreaReference,
    FigureFile,
    FigureRow,
    Rejected,
)
from recommendations.readers.statistics.figures import with_part
from recommendations.readers.statistics.plain_tables import FIGURE_MARKS, PLAIN
from recommendations.readers.tables import fold_text, usual_words

# ---- Whether two numbers are one figure, given with different numbers of digits.
# Precision is the decimals as they are written, so that 12.50 is given to hundredths. Digits before
# the decimal mark always count as given: whether 1200 was rounded to hundreds cannot be seen, and
# programs write 100000 as 1e+05 without having rounded it.

_EXACT = Context(prec=400)  # beyond what ``ExactField`` holds, so that a difference never rounds


SINGLE_DIGITS = 7
"""Digits of a number in single precision that count; those behind them come by chance."""


def is_same_figure(
    one: Decimal | None, other: Decimal | None, *, is_single_precision: bool = False
) -> bool:
    """Whether both are equal within half a unit of the last decimal that both give.

    Half a unit is within, as some round it up and some to the even digit: all roundings of one
    number are the same figure. With as many decimals in both, only equal numbers are, unless they
    are of single precision: then two numbers that are not whole are the same where they differ by
    less than one in the seventh digit. ``None`` is no number, and the same as none.
    """
    if one is None or other is None:
        return one is other
    if one == other:
        return True
    difference = _EXACT.abs(_EXACT.subtract(one, other))
    fewer, more = sorted((decimals(one), decimals(other)))
    if fewer != more and difference <= Decimal((0, (5,), -fewer - 1)):
        return True
    if not is_single_precision or any(each == each.to_integral_value() for each in (one, other)):
        return False
    last = max(one.adjusted(), other.adjusted()) - SINGLE_DIGITS + 1
    return difference < Decimal((0, (1,), last))


# ---- Values that are not impossible, and so unlikely that a person confirms them

TIMES = 10
"""How many times a value may be more than the highest, or less than the lowest, of its area."""


_CHANGE = re.compile(r"\b(?:change|growth|inflation|balance|net|difference|deviation|anomaly)\b")
"""What may be negative, and more than all there is."""


class Plausibility:
    """What is plausible of one indicator: by what it measures, and by what is recorded of an area.

    ``recorded`` are the values there are, each with what it is a value of: an area and dimensions.
    """

    def __init__(
        self, indicator: Indicator, recorded: Iterable[tuple[tuple[int, str], Decimal | None]]
    ) -> None:
        named = f"{indicator.title} {indicator.unit}".casefold()
        self._is_change = _CHANGE.search(named) is not None
        self._is_percentage = indicator.measure == Measure.PERCENTAGE and not self._is_change
        self._ranges: dict[tuple[int, str], tuple[Decimal, Decimal]] = {}
        self._has_negative = False
        for key, value in recorded:
            if value is not None:
                low, high = self._ranges.get(key, (value, value))
                self._ranges[key] = min(low, value), max(high, value)
                self._has_negative |= value < 0

    def doubt(self, key: tuple[int, str], value: Decimal | None) -> str:
        """Why a value of an area and dimensions is not plausible; empty where it is."""
        if value is None:
            return ""
        if self._is_percentage and not 0 <= value <= 100:
            return _("%(value)s is not between 0 and 100.") % {"value": format(value, "f")}
        if value < 0 and not (self._has_negative or self._is_change):
            return _("%(value)s is negative.") % {"value": format(value, "f")}
        if key not in self._ranges:
            return ""
        low, high = self._ranges[key]
        if not _is_far(value, low, high):
            return ""
        words = _(
            "%(value)s is more than 10 times outside the range of the recorded values, %(low)s to "
            "%(high)s."
        )
        told = {"value": value, "low": low, "high": high}
        return words % {name: format(number, "f") for name, number in told.items()}


def _is_far(value: Decimal, low: Decimal, high: Decimal) -> bool:
    """Whether a value is ``TIMES`` outside a range; by its size only, where that has negatives."""
    if low < 0:
        return abs(value) > TIMES * max(abs(low), abs(high))
    return (bool(high) and value > TIMES * high) or value * TIMES < low


# ---- The areas of a file of figures: each by the code list that its format or a person states, or
# by its name; never by a code whose list is not known.

# Lists that are others with a few codes more, none of which means something else in these.
_WIDER: dict[str, str] = {
    **dict.fromkeys((CodeList.ISO3, CodeList.OWID), CodeList.WORLD_BANK),
    CodeList.ISO2: CodeList.EUROSTAT,
}
_LONGEST_NAME = 200
_ALPHA3 = 3


class FileAreas:
    """Finds the area of each row of one file, and tells the plan of each area once."""

    def __init__(self, plan: FigurePlan) -> None:
        self._plan, self._options = plan, plan.options
        self._matcher = AreaMatcher()
        self._uses: dict[AreaReference, AreaUse] = {}
        self._new: dict[str, int] = {}
        self._names: dict[int, dict[str, str]] = defaultdict(dict)
        self._stated = self._stated_area()

    def area_of(self, row: FigureRow) -> int | None:
        """The area of a row, a number below 0 for a new one; ``None`` where it is not imported."""
        use = self._uses.get(row.area)
        if use is None:
            use = self._uses[row.area] = self._use_of(row.area, row.line)
            self._plan.add_area(use)
        use.rows += 1
        if use.area is None:
            self._count(use)
        return use.area

    def part_in(self, row: FigureRow) -> str:
        """What stands in the place of the area, where a person states that it is a part."""
        is_part = self._options.codes_are == AreaCodes.VALUES and not self._list_of(row.area)
        return (row.area.name or row.area.code) if is_part else ""

    def described_by(self, row: FigureRow) -> tuple[str, ...]:
        """Dimensions of a row that say no more than its area does, which is a part of a country."""
        return row.area.described_by if self._uses[row.area].is_part else ()

    def discount(self, row: FigureRow) -> None:
        """Take a row away that was rejected after its area was found."""
        self._uses[row.area].rows -= 1

    def name_of(self, area: int) -> str:
        """The name of an area here, or of a new one."""
        return str(self._plan.new_areas[area].name if area < 0 else self._row(area)["name"])

    def doubts_about(self, areas: Iterable[int]) -> Iterator[str]:
        """Why a file may mean other areas by its names than these: it has several for one, or among
        names that are mostly unknown, such as those of the states of a country, it has one by
        chance. Each is told once."""
        outcomes = Counter(use.outcome for use in self._uses.values())
        are_unknown = outcomes[AreaOutcome.UNKNOWN] > 2 * outcomes[AreaOutcome.MATCHED]
        words = _("%(name)s is taken for %(area)s, but most areas of the file are unknown.")
        for area in areas:
            found = self._names.pop(area, {})
            told = ", ".join(f"“{name}”" for name in found.values())
            if len(found) > 1:
                yield f"{told}: {self.name_of(area)}"
            elif found and are_unknown:
                yield words % {"name": told, "area": self.name_of(area)}

    def finish(self) -> None:
        """Drop new areas of which no row was accepted, once the file is read, and tell where the
        total of some parts may be among them: nothing is of their country."""
        used = {use.area for use in self._uses.values() if use.rows}
        new = self._plan.new_areas
        self._plan.new_areas = {number: new[number] for number in new if number in used}
        country = self._country()
        has_parts = any(use.is_part for use in self._uses.values())
        if country is not None and has_parts and country not in used:
            words = _("No row is of %(country)s itself. Check that none of its parts is the total.")
            self._plan.notes.append(words % {"country": self.name_of(country)})

    def _row(self, area: int) -> dict[str, str]:
        return self._matcher.row(area)

    def _stated_area(self) -> int | None:
        code = self._options.area
        if not code:
            return None
        area = self._matcher.match(code=code, code_list=CodeList.OWN).area
        if area is None:
            words = _("There is no area with the code “%s”.") % code[:40]
            raise ValidationError({"area": words})
        if self._row(area)["kind"] == AreaKind.ALL:
            words = _("A file is not about “All areas”. Choose a country, a region or a group.")
            raise ValidationError({"area": words})
        return area

    def _count(self, use: AreaUse) -> None:
        """Count a row that is not imported."""
        plan = self._plan
        match use.outcome:
            case AreaOutcome.GROUP:
                plan.aggregates += 1
            case AreaOutcome.SKIPPED:
                plan.skipped_areas += 1
            case AreaOutcome.NOT_NAMED:
                plan.rows_without_area += 1
            case AreaOutcome.UNKNOWN | AreaOutcome.UNSTATED:
                plan.unmatched_rows += 1
                plan.unstated_rows += use.outcome is AreaOutcome.UNSTATED

    def _use_of(self, of: AreaReference, line: int) -> AreaUse:
        if not (of.code or of.name):
            if self._stated is not None:
                return self._matched(of, self._stated, _("The area that you state"))
            return AreaUse(of, AreaOutcome.NOT_NAMED)
        if code_list := self._list_of(of):
            words = _("%(list)s, as the format states") % {"list": CodeList(code_list).label}
            return self._by_list(of, line, code_list, words)
        if of.is_aggregate and self._options.codes_are not in (AreaCodes.PARTS, AreaCodes.VALUES):
            found = self._matcher.match_by_name(of.code, of.name).area
            if found is None:
                return AreaUse(of, AreaOutcome.GROUP)
            return self._by_name(of, found)
        return self._by_choice(of, line)

    def _list_of(self, of: AreaReference) -> str:
        """The code list that the format or the header states; empty where neither does."""
        if of.code_list in (AreaCodeList.NOT_STATED, AreaCodeList.OWN):
            return ""
        return CodeList.OWN if of.code_list is AreaCodeList.SITE else of.code_list.value

    def _by_list(self, of: AreaReference, line: int, code_list: str, basis: str) -> AreaUse:
        code, name = of.code or of.name, of.name if of.code else ""
        match = self._matcher.match(code=code, name=name, code_list=code_list)
        if match.area is None and code_list in _WIDER:
            wider = self._matcher.match(code=code, name=name, code_list=_WIDER[code_list])
            match = match if wider.area is None else wider
        if match.area is not None:
            return self._matched(of, match.area, basis)
        if of.is_aggregate:
            # Some countries have no code there, as groups have none; of these no name is certain.
            named = None if of.code else self._matcher.match_by_name(of.name, "").area
            if named is None:
                return AreaUse(of, AreaOutcome.GROUP)
            return self._by_name(of, named)
        if code_list == CodeList.EUROSTAT and self._is_region_of_country(code):
            return self._part(of, line)
        return self._unknown(of, line, match.candidates)

    def _is_region_of_country(self, code: str) -> bool:
        """Whether it is a code of NUTS of the country whose parts are kept: it begins with that."""
        if self._options.codes_are != AreaCodes.PARTS or self._country() is None:
            return False
        found = self._matcher.match(code=code[:2], code_list=CodeList.EUROSTAT).area
        return found == self._country()

    def _by_choice(self, of: AreaReference, line: int) -> AreaUse:
        """By its name, or as the person states of codes whose list nobody else does."""
        chosen, code = self._options.codes_are, of.code or of.name
        if chosen == AreaCodes.PARTS:
            return self._part(of, line)
        # A publisher's own code says which area it is, and no name beside it does.
        by_name = self._matcher.match_by_name(of.code, of.name)
        if of.code_list is AreaCodeList.OWN:
            by_name = AreaMatch(None)
        if by_name.area is not None:
            return self._named(of, by_name.area)
        if chosen == AreaCodes.SKIP:
            return AreaUse(of, AreaOutcome.SKIPPED)
        if chosen:
            code_list = _list_stated(chosen, code)
            words = _("%(list)s, as you state") % {"list": CodeList(code_list).label}
            return self._by_list(of, line, code_list, words)
        is_code = of.code_list is AreaCodeList.OWN or self._is_like_code(of)
        return self._unknown(of, line, by_name.candidates, is_code=is_code)

    def _named(self, of: AreaReference, area: int) -> AreaUse:
        """An area by its name. Each list cuts regions its own way, so that in a table that does not
        say whose it is a region is one of UN M49 where a person states that list."""
        is_open = self._plan.format == PLAIN.code and self._options.codes_are != AreaCodes.M49
        row = self._row(area)
        if is_open and row["kind"] == AreaKind.REGION and row["m49"] != WORLD:
            return AreaUse(of, AreaOutcome.GROUP)
        return self._by_name(of, area)

    def _by_name(self, of: AreaReference, area: int) -> AreaUse:
        name = of.name or of.code
        self._names[area].setdefault(names.key(name), name)
        return self._matched(of, area, capfirst(_("name")))

    def _is_like_code(self, of: AreaReference) -> bool:
        """Whether it may be a code: some list has it, it stands beside a name, or it has no small
        letters."""
        text = of.code or of.name
        return bool(of.code and of.name) or text.upper() == text or self._matcher.knows(text)

    def _country(self) -> int | None:
        """The stated area, where it is a country."""
        is_one = self._stated is not None and self._row(self._stated)["kind"] == AreaKind.COUNTRY
        return self._stated if is_one else None

    def _is_whole(self, country: int, name: str) -> bool:
        """Whether a name is that of a country, or of the total of its parts, alone or beside it; a
        number may stand before it, as before those of the parts."""
        text, wholes = fold_text(name).lstrip("0123456789 "), usual_words("wholes")
        beside = {text.removeprefix(f"{word} ").removesuffix(f" {word}") for word in wholes}
        is_named = any(self._matcher.is_named(country, each) for each in (name, *beside))
        return text in wholes or is_named

    def _part(self, of: AreaReference, line: int) -> AreaUse:
        country = self._country()
        if country is None:
            self._plan.lacks_country = True
            return self._unknown(of, line, (), is_code=True)
        name = (of.name or of.code)[:_LONGEST_NAME]
        if of.code and not of.code.strip("0"):  # as offices number the whole before its parts
            return self._matched(of, country, capfirst(_("code")))
        if of.code_list is not AreaCodeList.OWN and self._is_whole(country, name):
            return self._matched(of, country, capfirst(_("name")))
        code = part_code(str(self._row(country)["code"]), of.code or of.name)
        match = self._matcher.match_part(country, code, name)
        whole = self._row(country)["name"]
        if match.area is not None:
            words = _("Part of %(country)s, as you state") % {"country": whole}
            use = self._matched(of, match.area, words)
            use.is_part = True
            return use
        if match.candidates or not self._is_new(code, name, country):
            return self._unknown(of, line, match.candidates)
        area = self._new[code.casefold()]
        words = _("Added as a part of %(country)s") % {"country": whole}
        return AreaUse(of, AreaOutcome.NEW, words, area, code, self.name_of(area), is_part=True)

    def _is_new(self, code: str, name: str, country: int) -> bool:
        """Whether a part can be added with this code, or is already among those to be added."""
        if code.casefold() in self._new:
            return True
        area = Area(code=code, name=name, kind=AreaKind.PART)
        try:
            area.clean_fields(exclude={"parent"})
        except ValidationError:
            return False
        if self._matcher.match(code=code, code_list=CodeList.OWN).area is not None:
            return False
        number = self._new[code.casefold()] = -len(self._new) - 1
        self._plan.new_areas[number] = NewArea(code, name, country)
        return True

    def _matched(self, of: AreaReference, area: int, basis: str) -> AreaUse:
        row = self._row(area)
        return AreaUse(of, AreaOutcome.MATCHED, basis, area, row["code"], row["name"])

    def _unknown(
        self,
        of: AreaReference,
        line: int,
        candidates: tuple[AreaCandidate, ...],
        *,
        is_code: bool = False,
    ) -> AreaUse:
        if is_code:
            return AreaUse(of, AreaOutcome.UNSTATED)
        return AreaUse(of, AreaOutcome.UNKNOWN, line=line, candidates=candidates)


def _list_stated(chosen: str, code: str) -> str:
    """The code list of a code, by what a person states of all codes of a file."""
    if chosen == AreaCodes.ISO:
        return CodeList.ISO3 if len(code) == _ALPHA3 else CodeList.ISO2
    return CodeList.M49 if chosen == AreaCodes.M49 else CodeList.OWN


# ---- The figures of a file beside those of the indicator: new, revised, unchanged or rejected

FigureKey = tuple[int, str, str]
"""Area, period code, dimensions: what identifies a figure of one indicator."""

StatedValue = tuple[Decimal | None, str, str]
"""Number, words, SDMX code of the status: empty where the code of a missing value is not known."""

Terms = tuple[Decimal | None, Decimal | None]
"""Numerator and denominator."""

ExistingValue = tuple[StatedValue | None, int, frozenset[str], Terms, date | None]
"""What is held, ``None`` where all was withdrawn; the number of the last revision, also where that
was withdrawn; marks and terms of what is held, and the newest vintage of its source."""

Held = dict[FigureKey, ExistingValue]

PROGRESS_EVERY = 1000
"""Figures between two reports of progress."""

_VALUE = Observation._meta.get_field("value")
_NOTHING: Any = (None, 0, frozenset(), (None, None), None)


def existing_values(indicator: Indicator | None) -> Held:
    """What is held of each figure of an indicator, in two queries; tuples, to save memory."""
    if indicator is None or indicator._state.adding:
        return {}
    vintages, undone = runs_of(indicator)
    rows = Observation.objects.filter(indicator=indicator.pk).order_by("revision")
    columns = (
        *("area", "period", "dimensions", "value", "text", "obs_status", "source_status"),
        *("comment", "revision", "import_run", "numerator", "denominator"),
    )
    flags = tuple(f"is_{mark}" for mark in FIGURE_MARKS)
    # The figures share few sets of marks: one object a set saves memory.
    marks: dict[tuple[bool, ...], frozenset[str]] = {}
    found: Held = {}
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


def parts_on_record(
    series: Iterable[Series], held: Iterable[Held]
) -> tuple[frozenset[str], frozenset[str]]:
    """The dimensions of the values of these indicators, and those that imports have as comments."""
    keys = {dimensions for values in held for _area, _period, dimensions in values}
    kept = {part.partition("=")[0] for key in keys for part in key.split("|")}
    known = [each.indicator.pk for each in series if each.indicator and not each.is_new]
    runs = ImportRun.objects.filter(indicator__in=known, undone_at=None)
    readings = runs.filter(reading__has_key=DESCRIBED).values_list("reading", flat=True)
    return frozenset(kept), frozenset(name for each in readings for name in each[DESCRIBED])


def match_figures(
    upload: Upload, plan: FigurePlan, progress: ImportProgress
) -> Iterator[tuple[Series, Observation]]:
    """The figures of a file that are new or differ, unsaved, each with its series; all others are
    counted in the plan, which says which series are imported.

    The plan is complete once this has been read to its end. ``TableError`` where the file cannot
    be read.
    """
    held = {each.code: existing_values(each.indicator) for each in plan.chosen_series}
    file = opened(upload, plan.options, *parts_on_record(plan.chosen_series, held.values()))
    plan.format, plan.source, plan.vintage = file.format, file.source, file.vintage
    plan.take_columns(file)
    plan.notes, told = [*filter(None, [file.why]), *file.notes], len(file.notes)
    areas, is_counted = FileAreas(plan), bool(plan.series)
    matchers = {
        each.code: FigureMatcher(plan, each, file, areas, held[each.code])
        for each in plan.chosen_series
    }
    every = None if is_counted else matchers.get("")
    # A row that cannot be read is of the one series that is imported, or of none.
    only = plan.chosen_series[0] if len(plan.chosen_series) == 1 else None
    counted = Tally(plan)
    counted.turn_to(only)
    # Where nothing is imported, nothing more is to be read, but why no row could be.
    for number, row in enumerate(file.rows if matchers or not plan.series else (), start=1):
        if number % PROGRESS_EVERY == 0:
            progress(ImportStep.READING, number)
        if isinstance(row, FigureRow) and not is_counted:
            plan.count_series(row)
        matcher = matchers.get(row.series, every)
        if isinstance(row, Rejected):
            if matcher or not (row.series and matchers):
                counted.turn_to(matcher.series if matcher else only)
                plan.reject(row)
            continue
        if matcher is None:
            continue
        counted.turn_to(matcher.series)
        if observation := matcher.match(row):
            yield matcher.series, observation
    for matcher in matchers.values():
        counted.turn_to(matcher.series)
        matcher.finish()
    counted.turn_to(None)
    areas.finish()
    plan.notes += file.notes[told:]
    plan.tell_what_was_not_read()
    plan.empty, plan.invalid = file.counts.empty, file.counts.invalid


class Tally:
    """Tells each series what the plan counted while its rows were read."""

    def __init__(self, plan: FigurePlan) -> None:
        self._plan = plan
        self._series: Series | None = None
        self._before: dict[str, int] = plan.tally

    def turn_to(self, series: Series | None) -> None:
        if series is self._series:
            return
        now = self._plan.tally
        if self._series is not None:
            self._series.counts.update({name: now[name] - self._before[name] for name in now})
        self._series, self._before = series, now


class FigureMatcher:
    """Compares the rows of one series, one after the other, with the figures of its indicator."""

    def __init__(
        self,
        plan: FigurePlan,
        series: Series,
        file: FigureFile,
        areas: FileAreas,
        existing: Held,
    ) -> None:
        indicator: Any = series.indicator
        self.plan, self.series, self.indicator, self.file = plan, series, indicator, file
        self.existing = existing
        self.matched = 0
        """Existing figures for which the file has a row."""
        self._identity = Identity(indicator, plan.options.value_column)
        self._plausibility = Plausibility(
            indicator,
            (
                ((area, of), stated[0])
                for (area, _period, of), (stated, *_rest) in self.existing.items()
                if stated is not None
            ),
        )
        self._slice = dict(plan.options.slice)
        self._unmet = dict(self._slice)
        """Choices of a part that no row has met so far."""
        self._areas = areas
        self._written: set[int] = set()
        """Areas of which a value is to be written."""
        self._earlier: dict[FigureKey, StatedValue] = {}
        self._periods: dict[str, Period] = {}

    def match(self, row: FigureRow) -> Observation | None:
        """The revision that follows from a row, if any; the outcome of every row is counted."""
        if part := self._areas.part_in(row):
            key = with_part(row.dimensions, part)
            row = replace(row, dimensions=key, area=AreaReference())
        parts = parts_of(row)
        if not self._is_of_slice(parts):
            return None
        if self._slice:
            row = replace(row, dimensions=_without(row.dimensions, self._slice))
        for words in self._identity.contradictions(row, parts.values()):
            self.plan.findings.tell(FindingCode.CONTRADICTION, words)
        area = self._areas.area_of(row)
        if area is None:
            return None
        row = self._with_own_unit(row, area)
        if row.area.described_by and (known := self._areas.described_by(row)):
            row = replace(row, dimensions=_without(row.dimensions, known))
        key, words = kept_dimensions(row.dimensions)
        if words:
            row = replace(
                row, dimensions=key, comment="; ".join(filter(None, (row.comment, words)))
            )
        try:
            return self._compare(row, area, self._period(row.period))
        except ValidationError as error:
            self._reject(row, " ".join(error.messages))
            return None

    def _with_own_unit(self, row: FigureRow, area: int) -> FigureRow:
        """A row with its unit as a comment, where that is meant of each area."""
        key = (self.series.code, area)
        self.plan.has_mixed_units |= self.plan.unit_of.setdefault(key, row.unit) != row.unit
        if self._slice.get(UNIT) != OWN_UNIT:
            return row
        return replace(row, comment="; ".join(filter(None, (row.comment, row.unit))))

    def _compare(self, row: FigureRow, area: int, period: Period) -> Observation | None:
        key = (area, period.code, row.dimensions)
        stated = (_VALUE.to_python(row.value), row.text, _status(row))
        # The same figure twice is one figure; two that differ are none.
        of_series = (self.series.code, *key)
        if of_series in self.plan.disputed or self._earlier.get(key, stated) != stated:
            self.plan.conflicts.add(of_series)
            words = _("the file has different values for the same observation.")
            self._reject(row, words)
            return None
        if key in self._earlier:
            return None
        before, revision, marks, terms, vintage = self.existing.get(key, _NOTHING)
        self._tell_disagreement(row, stated[0])
        is_same = partial(is_same_figure, is_single_precision=self.file.is_single_precision)
        are_same_terms = row.terms is None or all(map(is_same, row.terms, terms))
        if are_same_terms and row.marks in (None, marks) and _is_same(before, stated, is_same):
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
            figure = RevisedFigure(*key, _shown(before), _shown(stated))
            self.plan.revised += count_listed(self.plan.revisions, figure)
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
            figure = RevisedFigure(*key, held, told)
            self.plan.rounded += count_listed(self.plan.roundings, figure)

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
            told = str(Rejected(row.line, row.sheet, words))
            self.plan.findings.tell(FindingCode.INCONSISTENT, told)

    def _tell_doubt(self, row: FigureRow, area: int, value: Decimal | None) -> None:
        """Tell of a value that is to be written and is not plausible."""
        self._written.add(area)
        if doubt := self._plausibility.doubt((area, row.dimensions), value):
            named = ", ".join(filter(None, (row.area.name or row.area.code, row.period)))
            words = f"{named} {row.dimensions}".strip()
            told = Rejected(row.line, row.sheet, f"{words}: {doubt}")
            self.plan.findings.tell(FindingCode.DOUBT, str(told))

    def finish(self) -> None:
        """Tell of what is known once the file is read.

        Two names of one area may be those of a country and of the region around it.
        """
        for told in self._areas.doubts_about(sorted(self._written)):
            self.plan.findings.tell(FindingCode.DOUBT, told)
        self._tell_parts()
        is_own = self._slice.get(UNIT) == OWN_UNIT and not self.plan.has_mixed_units
        if len(self._identity.units) > 1 and not is_own:
            self.plan.units = [each[-1] for each in self._identity.units]
        held = sum(stated is not None for stated, *_rest in self.existing.values())
        self.plan.gone += held - self.matched
        for name, code in self._unmet.items() if self.file.counts.figures else ():
            self.plan.tell_lacking(f"{name}={code}", self.plan.dimensions.get(name))

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
            words = f"{self._areas.name_of(area)}, {words}"
            self.plan.findings.tell(FindingCode.INCONSISTENT, words)

    def _is_of_slice(self, found: Mapping[str, str]) -> bool:
        """Whether a row of these parts is of what is meant. The parts in the file are counted."""
        for name, code in found.items():
            self.plan.count_dimension(name, code)
        for name, code in [*self._unmet.items()]:
            if is_of(found.get(name), name, code):
                del self._unmet[name]
        is_meant = self.plan.is_meant(found)
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
        told = str(Rejected(row.line, row.sheet, reason))
        self.plan.findings.tell(FindingCode.REJECTED, told, row=row.line)


def _without(dimensions: str, names: Container[str]) -> str:
    """A key of dimensions without those of these names."""
    parts = (part for part in dimensions.split("|") if part.partition("=")[0] not in names)
    return "|".join(parts)


def _status(row: FigureRow) -> str:
    if row.value is None and not row.text and row.obs_status not in MISSING_CODES:
        return SourceStatus.MISSING
    return row.obs_status or ObsStatus.NORMAL


def _is_same(before: StatedValue | None, stated: StatedValue, is_same: Callable[..., bool]) -> bool:
    """Whether a file states what is held, at the precision given; a code not kept equals any."""
    if before is None:
        return False
    if not before[2] and stated[2] in MISSING_CODES:
        return True
    return before[1:] == stated[1:] and is_same(before[0], stated[0])


LONGEST_KEY = 200
"""Characters of the dimensions of one figure."""


def kept_dimensions(key: str) -> tuple[str, str]:
    """Dimensions as they are kept, and the words of those that are kept by a digest.

    Of dimensions that are too long together the longest ones are, and all where that is too long.
    """
    if len(key) <= LONGEST_KEY:
        return key, ""
    parts = dict(part.split("=", 1) for part in key.split("|"))
    told = []
    for name in sorted(parts, key=lambda name: (-len(parts[name]), name)):
        told.append(f"{name}: {parts[name]}")
        parts[name] = f"#{sha256(parts[name].encode()).hexdigest()[:16]}"
        kept = "|".join(f"{name}={code}" for name, code in parts.items())
        if len(kept) <= LONGEST_KEY:
            return kept, "; ".join(told)
    return f"DIMENSIONS=#{sha256(key.encode()).hexdigest()[:16]}", "; ".join(told)


def _shown(stated: StatedValue | None) -> Decimal | str | None:
    if stated is None:
        return None
    value, text, _status = stated
    return value if value is not None else text or None
