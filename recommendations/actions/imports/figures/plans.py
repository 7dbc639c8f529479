"""What an import of figures would do, how its file is read, and what was chosen the last time."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommendations import names
from recommendations.actions.imports.findings import (
    MOST_LISTED,
    FindingCode,
    Findings,
    counted,
    told,
)
from recommendations.actions.imports.pipeline import (
    SOME_REJECTED,
    ImportPlan,
    Upload,
    option,
    replacing,
)
from recommendations.choices import AreaCodes
from recommendations.models import ImportRun, Indicator
from recommendations.queries.areas import AreaCandidate, AreaMatcher
from recommendations.readers import TableError
from recommendations.readers.meanings import DateOrder
from recommendations.readers.statistics import (
    AreaCodeList,
    AreaReference,
    ColumnUse,
    FigureFile,
    FigureRow,
    Rejected,
    open_figures,
    statistics_formats,
)
from recommendations.readers.statistics.plain_tables import PLAIN_FORMATS
from recommendations.readers.statistics.reading import Use, dimension_name
from recommendations.readers.tables import position_label

# ---- What the areas of a file of figures are here: one each, with what that rests on

LONGEST_CODE = 40


class AreaOutcome(TextChoices):
    """What becomes of the rows of one area of a file; the label says why they are not imported."""

    MATCHED = "matched"
    NEW = "new"
    GROUP = "group", _("Group of countries: skipped")
    SKIPPED = "skipped", _("Skipped by your choice")
    UNKNOWN = "unknown", _("Unknown")
    UNSTATED = "unstated", _("Code whose list is not stated")
    NOT_NAMED = "not named", _("The file does not name the area")


_OPEN = (AreaOutcome.UNSTATED, AreaOutcome.NOT_NAMED)
_MAY_BE_PARTS = (AreaCodeList.NOT_STATED, AreaCodeList.OWN, AreaCodeList.EUROSTAT)


@dataclass(slots=True)
class AreaUse:
    """One area of a file: as the file gives it, the area here, and what that rests on, in words.

    ``area`` is its key here, a number below 0 for one that the import adds, ``None`` where its rows
    are not imported; ``code`` and ``name`` are those here. ``is_part``: by the choice of a person
    it is kept as a part of a country. Of one that is no area here, or could be several, ``line``
    is the first that names it, and ``candidates`` are the likeliest.
    """

    reference: AreaReference
    outcome: AreaOutcome
    basis: str = ""
    area: int | None = None
    code: str = ""
    name: str = ""
    rows: int = 0
    is_part: bool = False
    line: int = 0
    candidates: tuple[AreaCandidate, ...] = ()

    def __post_init__(self) -> None:
        self.basis = self.basis or str(self.outcome.label)

    @property
    def first_place(self) -> str:
        """The first line or row that names it, in words."""
        return position_label(self.line)

    @property
    def is_open(self) -> bool:
        """Whether a person can say what it is: it is not known, and no format states its list, or
        that has parts of countries too."""
        may_be_stated = self.reference.code_list in _MAY_BE_PARTS
        return self.outcome in _OPEN or (self.outcome is AreaOutcome.UNKNOWN and may_be_stated)


@dataclass(frozen=True, slots=True)
class NewArea:
    """A part of a country that the import adds."""

    code: str
    name: str
    country: int


def part_code(country: str, code: str) -> str:
    """The code here of a part of a country, from its code in files; the same one each time.

    ``CHE`` and ``BE`` are ``CHE-BE``. What cannot be part of an address gives way to a digest.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", names.fold(code) if not code.isascii() else code)
    plain = plain.strip("-")
    found = f"{country}-{plain}"
    if names.fold(plain) == names.fold(code) and len(found) <= LONGEST_CODE:
        return found
    digest = hashlib.sha256(code.encode()).hexdigest()[:8]
    return f"{country}-{plain}"[: LONGEST_CODE - 9].rstrip("-") + f"-{digest}"


# ---- What importing a file of figures would do, counted while it is read: nothing grows with it

MOST_AREAS = 2_000
"""Areas of a file that are listed with what they are here; a division of NUTS has fewer."""

UNIT, SOURCE = "UNIT", "SOURCE"
"""What tells rows apart as a dimension does where a file has several, and is none of a value."""

OWN_UNIT = "*"
"""As the unit that is meant: that of each area, where it has one alone, such as its currency."""

IN_OWN_UNIT = _("Each area in its own unit: UNIT=*")

_NAMES = {Use.UNIT: UNIT, Use.NOTE: SOURCE}

MOST_SOURCES = 50
"""Texts of these that are offered: those of more rows than that are notes on each."""

MOST_DIMENSIONS = 20

MOST_NAMED = 20
"""Codes that are named where a choice is none of them, and ranges of years."""

ListedT = TypeVar("ListedT")


def decimals(number: Decimal) -> int:
    """Decimals as they are written: 2 for 12.50, 0 for 1E+3."""
    return max(0, -int(number.as_tuple().exponent))


def count_listed(listed: list[ListedT], item: ListedT) -> int:
    """List one more, unless there are very many already; it counts as one all the same."""
    if len(listed) < MOST_LISTED:
        listed.append(item)
    return 1


class Obstacle(TextChoices):
    """Why a file is not imported as it is, with what to do; the first that holds is told."""

    SERIES = "series", _("The file contains several series. Choose which to import.")
    NEW_INDICATORS = "new indicators", _("You cannot add or change indicators.")
    INCOMPLETE = "incomplete", _("Complete the entries of the new indicator.")
    AREA = "area"
    COUNTRY = (
        "country",
        _("Choose the country that the file is about: its codes are parts of that."),
    )
    AREA_CODES = (
        "area codes",
        _(
            "The file has codes of areas and does not state their code list. State what they are, "
            "or choose to skip them."
        ),
    )
    NEW_AREAS = (
        "new areas",
        _(
            "Only managers and administrators may add areas. Ask one of them to import this file, "
            "or skip the rows of these areas."
        ),
    )
    LACKING = "lacking"
    UNITS = "units"
    CONTRADICTION = (
        "contradiction",
        _(
            "The file contradicts the indicator. Choose another file or indicator, or state a "
            "reason for importing it all the same."
        ),
    )
    LEFT_OUT = "left out", SOME_REJECTED
    NOTHING = "nothing", _("No row of the file can be imported.")
    DOUBT = (
        "doubt",
        _("Some values are not plausible, or two names are one area. Check and confirm."),
    )


DECIDED_AT_ONCE = (Obstacle.CONTRADICTION, Obstacle.LEFT_OUT, Obstacle.DOUBT)
"""Those that are told together: each is decided on by itself, and changes nothing of the others."""


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """What the person who imports states about the file; what is empty the file must state.

    ``slice`` is which part of each dimension is meant, by name and code: only these rows are read,
    and their values are those of the indicator, without that dimension. ``codes_are`` is one of
    ``AreaCodes``. ``indicators`` are the series that are imported each into an indicator of its
    own, with what is said of those that are added, by field: what is not is as the file has it.
    """

    format: str = option("--format", choices=statistics_formats)
    decimal: str = option("--decimal", "", "decimal mark", choices=(".", ","))
    area_column: str = option("--area-column", "", "column with the areas")
    period_column: str = option("--period-column", "", "column with the periods")
    value_column: str = option("--value-column", "", "column with the values")
    unread: str = option("--not-read", "", "columns that are not read", metavar="NAME|NAME")
    period: str = option(
        *("--period", "", "period of all rows, where no column has any"), metavar="PERIOD"
    )
    date_order: str = option(
        *("--date-order", "", "order of numeric days, where these are periods"),
        choices=tuple(DateOrder.values),
    )
    frequency: str = option(
        *("--frequency", "", "how long periods are, where codes such as 2018T2 leave it open"),
        choices=("A", "S", "Q", "M"),
    )
    series: str = option("--series", "", "one of several indicators in the file")
    source: str = option("--source", "", "name of the data source")
    vintage: date | None = option(  # noqa: RUF009 - a field
        "--vintage", None, "day of last update"
    )
    skip_rejected: bool = option(
        "--leave-out", False, "skip rejected rows and unknown areas", form="is_leaving_out"
    )
    allow_older: bool = option(
        *("--allow-older", False, "let values of an older vintage replace newer ones"),
        form="is_allowing_older",
    )
    reason: str = option(
        *("--reason", "", "why a file is imported that contradicts the indicator; is recorded"),
        metavar="TEXT",
    )
    accept_doubts: bool = option(
        *("--accept-doubts", False),
        "import values that are not plausible or whose area has two names, as listed",
        form="is_accepting_doubts",
    )
    slice: tuple[tuple[str, str], ...] = option(
        *("--slice", ()),
        "the part that is meant, such as SEX=_T|AGE=_T: it is taken as the value",
        metavar="NAME=CODE",
    )
    area: str = option(
        *("--area", ""),
        "area that the file is about: that of rows that name none, and of parts",
        metavar="CODE",
    )
    codes_are: str = option(
        *("--codes-are", "", "what codes of areas are whose list the format does not state"),
        choices=tuple(AreaCodes.values),
    )
    replaces_invalid: bool = replacing()
    indicators: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()


COLUMNS = ("area_column", "period_column", "value_column")
"""Options that state the column of a use, by its header."""

OF_PERIODS = ("date_order", "frequency")


def opened(
    upload: Upload,
    options: FigureOptions,
    kept: frozenset[str] | None = None,
    described: frozenset[str] = frozenset(),
) -> FigureFile:
    """A file as these options say that it is read; ``TableError`` where it cannot be.

    ``kept`` are dimensions on record, which stay as the chosen ones do, ``described`` those that
    an earlier import has as comments: the next file has the parts of the one before.
    """
    matcher = SimpleLazyObject(AreaMatcher)
    if kept is not None:
        kept |= {dimension_name(name) for name, _code in options.slice}
    return open_figures(
        upload.file,
        upload.name,
        format=options.format,
        options=upload.options,
        **{name: getattr(options, name) for name in ("decimal", *COLUMNS, "period", *OF_PERIODS)},
        unread=(options.unread, *options.unread.split("|")),
        replaces_invalid=options.replaces_invalid,
        has_area=bool(options.area),
        is_area=lambda text: bool(matcher.named(text)),
        has_codes=bool(options.codes_are),
        are_values=options.codes_are == AreaCodes.VALUES,
        kept=kept,
        described=described - (kept or frozenset()),
    )


def parts_of(row: FigureRow | Rejected) -> dict[str, str]:
    """What tells a row from others of its series: unit, source and dimensions, each by its name."""
    found = {name: text for name, text in ((UNIT, row.unit), (SOURCE, row.source)) if text}
    return found | dict(part.split("=", 1) for part in filter(None, row.dimensions.split("|")))


def under_own_names(
    chosen: Iterable[tuple[str, str]], columns: Iterable[ColumnUse]
) -> tuple[tuple[str, str], ...]:
    """The parts that are meant under the names that rows have; a heading of the file is one too."""
    known = {dimension_name(each.header): _NAMES.get(each.use, "") for each in columns}
    named = ((dimension_name(name), code) for name, code in chosen)
    return tuple((known.get(name) or name, code) for name, code in named)


def is_of(found: str | None, name: str, code: str) -> bool:
    """Whether a part of a row is the one that is meant of a dimension."""
    return found == code or (found is not None and (name, code) == (UNIT, OWN_UNIT))


@dataclass(frozen=True, slots=True)
class RevisedFigure:
    """One figure for which the file gives another value than the last revision has."""

    area: int
    period: str
    dimensions: str
    before: Decimal | str | None
    after: Decimal | str | None


COUNTED = (
    *("aggregates", "empty", "gone", "replaced_newer", "undated", "doubted", "other_slices"),
    "skipped_areas",
)
"""What is counted of rows beside what a preview says of all imports."""


@dataclass(slots=True, eq=False)
class Series:
    """One thing that a file has values of, as it says, and the indicator that this is here.

    That is unsaved where the import adds it, with what is ``wrong`` or lacking, by field. Of one
    that is imported, ``counts`` are those of the plan for its rows, and ``stage`` its rows that
    were made ready to be written.
    """

    code: str
    title: str = ""
    unit: str = ""
    source: str = ""
    rows: int = 0
    decimals: int = 0
    indicator: Indicator | None = None
    wrong: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    stage: Any = field(default=None, repr=False)

    @property
    def is_new(self) -> bool:
        """Whether the import adds its indicator."""
        return self.indicator is not None and self.indicator._state.adding

    @property
    def asks_confirmation(self) -> bool:
        return self.indicator is not None and self.indicator.asks_confirmation


@dataclass(slots=True)
class FigurePlan(ImportPlan):
    """The outcome of each figure. Lists end at ``MOST_LISTED``; the counts are complete.

    ``aggregates`` are rows for groups of the source's own, such as its regions, which are no areas
    here: they are always skipped. ``rounded`` are figures that the file has with other digits and
    that are the same at the precision given: they stay, with the digits they have. ``gone`` are
    figures that exist here and not in the file; they are counted, and stay. ``newer`` are figures
    that differ from those of a newer vintage, of ``newest``: they stay too, unless the options
    allow older ones. ``undated`` are revisions of figures with a known vintage by a file without
    one. ``series`` are those of the file, ``chosen_series`` those that are imported, each into its
    indicator, which the person may add or not (``may_add_indicators``). ``contradictions`` are what
    the file says of itself that is not so of the indicator; ``doubted`` are values to be written
    that are not plausible. ``columns`` are what those of the file are taken for; ``dimensions`` the
    codes of each dimension with their rows, and ``other_slices`` rows of another part than the
    options mean; ``units`` are those of one series that has several; ``lacking`` says of a choice
    that no row has it what the file has. ``unit_of`` are those of areas, by series, of which some
    have several where they are mixed. ``year_ranges`` count rows of ranges of years, which are
    skipped. ``conflicts`` are figures of
    which rows have different values, so that none is one; those in ``disputed`` are known to be.
    ``areas`` are those of the file, each with what it is here; ``new_areas`` what the import adds,
    by the number that stands for each until then, if the person may (``may_add_areas``).
    ``unmatched_rows`` are of areas that are not known, ``unstated_rows`` those of them whose code
    may be of any list; ``rows_without_area`` name none, ``skipped_areas`` are skipped by choice.
    ``invalid`` are rows that are rejected for a character.
    """

    format: str = ""
    source: str = ""
    vintage: date | None = None
    series: dict[str, Series] = field(default_factory=dict)
    chosen_series: list[Series] = field(default_factory=list)
    may_add_indicators: bool = True
    columns: tuple[ColumnUse, ...] = ()
    dimensions: dict[str, dict[str, int]] = field(default_factory=dict)
    other_slices: int = 0
    year_ranges: Counter[str] = field(default_factory=Counter)
    disputed: frozenset[tuple[Any, ...]] = frozenset()
    conflicts: set[tuple[Any, ...]] = field(default_factory=set)
    lacking: str = ""
    units: list[str] = field(default_factory=list)
    unit_of: dict[tuple[str, int], str] = field(default_factory=dict)
    has_mixed_units: bool = False
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    rounded: int = 0
    empty: int = 0
    aggregates: int = 0
    gone: int = 0
    newer: int = 0
    newest: date | None = None
    undated: int = 0
    invalid: int = 0
    unmatched_rows: int = 0
    areas: list[AreaUse] = field(default_factory=list)
    more_areas: int = 0
    new_areas: dict[int, NewArea] = field(default_factory=dict)
    may_add_areas: bool = True
    unstated_rows: int = 0
    rows_without_area: int = 0
    skipped_areas: int = 0
    lacks_country: bool = False
    revisions: list[RevisedFigure] = field(default_factory=list)
    roundings: list[RevisedFigure] = field(default_factory=list)
    findings: Findings = field(default_factory=lambda: Findings(most=MOST_LISTED), kw_only=True)
    _changes: Any = field(default_factory=hashlib.sha256, repr=False)

    rejections, rejected = told(FindingCode.REJECTED), counted(FindingCode.REJECTED)
    contradictions = told(FindingCode.CONTRADICTION)
    doubts, doubted = told(FindingCode.DOUBT), counted(FindingCode.DOUBT)
    disagreements = told(FindingCode.INCONSISTENT)
    disagreeing = counted(FindingCode.INCONSISTENT)

    @property
    def unmatched(self) -> list[AreaUse]:
        """Those that are no area here, or could be several."""
        return [use for use in self.areas if use.outcome is AreaOutcome.UNKNOWN]

    @property
    def described(self) -> frozenset[str]:
        """The names of dimensions whose columns only describe."""
        columns = (each for each in self.columns if each.use is Use.DESCRIPTION)
        return frozenset(dimension_name(each.header) for each in columns)

    @property
    def stated_source(self) -> str:
        """Whose figures they are: as the person or the file states, else empty."""
        return (self.options.source or self.source)[:300]

    @property
    def stated_vintage(self) -> date | None:
        """When the source last updated the file, as the person or the file states."""
        return self.options.vintage or self.vintage

    @property
    def is_asked(self) -> bool:
        """Whether an indicator asks for confirmation of values without a statistical office."""
        return any(each.asks_confirmation for each in self.chosen_series)

    @property
    def asks_confirmation(self) -> bool:
        """Whether a second person must confirm some of the values."""
        return any(map(self.asks_of, self.chosen_series))

    def asks_of(self, series: Series) -> bool:
        """Whether a second person must confirm the values of a series.

        Not those of a file in the format of a statistical office that names its source.
        """
        is_official = self.format not in PLAIN_FORMATS and bool(self.stated_source)
        return series.asks_confirmation and not is_official

    @property
    def staged_series(self) -> list[Series]:
        """Those of which rows were made ready to be written."""
        return [each for each in self.chosen_series if each.stage is not None]

    @property
    def new_indicators(self) -> list[Series]:
        """The series of which the import adds the indicator."""
        return [each for each in self.chosen_series if each.is_new]

    @property
    def replaced_newer(self) -> int:
        """Values of a newer vintage that are replaced."""
        return self.newer if self.options.allow_older else 0

    @property
    def kept_newer(self) -> int:
        """Values of a newer vintage that stay, although the file has others."""
        return self.newer - self.replaced_newer

    def is_kept(self, vintage: date | None) -> bool:
        """Whether a figure of this vintage stays, although the file has another; counted."""
        if vintage is None:
            return False
        if self.stated_vintage is None:
            self.undated += 1
            return False
        if self.stated_vintage >= vintage:
            return False
        self.newer += 1
        self.newest = max(self.newest or vintage, vintage)
        return not self.options.allow_older

    def take_columns(self, file: FigureFile) -> None:
        """Take the columns of a file, whose names the parts that are meant then have."""
        self.columns = file.columns
        meant = under_own_names(self.options.slice, file.columns)
        self.options = replace(self.options, slice=meant)

    def is_meant(self, found: Mapping[str, str]) -> bool:
        """Whether a row of these parts is of those that the options mean."""
        return all(is_of(found.get(name), name, code) for name, code in self.options.slice)

    def count_series(self, row: FigureRow) -> None:
        """Count a row of a series that is meant; of very many the first are counted."""
        if self.options.slice and not self.is_meant(parts_of(row)):
            return
        found, unit = self.series.get(row.series), row.unit_words or row.unit
        if found is None:
            if len(self.series) >= MOST_LISTED:
                return
            found = Series(row.series, row.title, unit, row.source)
            self.series[row.series] = found
        found.rows += 1
        # What rows say differently is not said of all of them.
        found.unit = found.unit if found.unit == unit else ""
        found.source = found.source if found.source == row.source else ""
        if row.value is not None:
            found.decimals = max(found.decimals, decimals(row.value))

    def count_dimension(self, name: str, code: str) -> None:
        """Count a row of a part; of very many dimensions or codes the first are counted."""
        if name not in self.dimensions and len(self.dimensions) >= MOST_DIMENSIONS:
            return
        codes = self.dimensions.setdefault(name, {})
        if code in codes or len(codes) < MOST_LISTED:
            codes[code] = codes.get(code, 0) + 1

    @property
    def choices(self) -> dict[str, dict[str, int]]:
        """The dimensions of which a part may be meant, with their codes.

        The unit and the source of a row are one where the file has several.
        """
        return {
            name: codes
            for name, codes in self.dimensions.items()
            if name not in (UNIT, SOURCE) or 1 < len(codes) < MOST_SOURCES
        }

    def reject(self, row: Rejected) -> None:
        """Count a row that cannot be read: one of a range of years, or of another part than is
        meant, is skipped."""
        found = parts_of(row)
        if not all(is_of(found.get(name, code), name, code) for name, code in self.options.slice):
            self.other_slices += 1
        elif row.years:
            self.year_ranges[row.years] += 1
        else:
            self.findings.tell(FindingCode.REJECTED, str(row), row=row.line)

    def tell_what_was_not_read(self) -> None:
        """Tell of ranges of years, and of a series that was chosen and is not there."""
        if (series := self.options.series) and series not in self.series:
            self.tell_lacking(series, self.series)
        self.notes += self._told_ranges

    @property
    def _told_ranges(self) -> list[str]:
        words = gettext("“%(years)s” is a range of years, not a period. Rows skipped: %(n)d.")
        found = self.year_ranges.most_common(MOST_NAMED)
        return [words % {"years": name, "n": count} for name, count in found]

    def tell_lacking(self, chosen: str, known: Iterable[str] | None) -> None:
        """Say that no row of the file is of what was chosen, and what there is."""
        headers = (each.header for each in self.columns if each.use is not Use.VALUE)
        names = [*filter(None, known or self.dimensions)] or [*filter(None, headers)]
        words = gettext("The file has no “%(chosen)s”. It has: %(known)s.")
        self.lacking = words % {"chosen": chosen, "known": ", ".join(names[:MOST_NAMED])}

    def add_area(self, use: AreaUse) -> None:
        """List an area of the file, or count it where there are very many."""
        if len(self.areas) < MOST_AREAS:
            self.areas.append(use)
        else:
            self.more_areas += 1

    def add_change(self, *values: object) -> None:
        """Take one change into the digest of the plan."""
        self._changes.update(repr(values).encode())

    @property
    def outcome(self) -> object:
        return (
            self._changes.hexdigest(),
            self.rejected,
            self.unmatched_rows,
            self.newer,
            self.year_ranges,
            self.is_asked,
            self.contradictions,
            self.doubted,
            self.doubts,
            [(each.code, str(each.indicator), each.wrong) for each in self.chosen_series],
            self.new_areas and (self.new_areas, self.may_add_areas),
        )

    @property
    def left_out(self) -> int:
        """Rows that hold a figure and keep the file out as long as they are not skipped."""
        return int(self.rejected) + self.unmatched_rows

    @property
    def size(self) -> int:
        return self.new + self.revised

    @property
    def obstacles(self) -> list[Obstacle]:
        """What stands against importing the file as it is: the first, or those decided at once."""
        options, contradicts = self.options, self.findings.count(FindingCode.CONTRADICTION)
        stands = {
            Obstacle.SERIES: self.is_ambiguous,
            Obstacle.NEW_INDICATORS: self.new_indicators and not self.may_add_indicators,
            Obstacle.INCOMPLETE: any(each.wrong for each in self.chosen_series),
            Obstacle.LACKING: self.lacking,
            Obstacle.UNITS: self.units,
            Obstacle.AREA: self.rows_without_area,
            Obstacle.COUNTRY: self.lacks_country,
            Obstacle.AREA_CODES: self.unstated_rows and not options.skip_rejected,
            Obstacle.NEW_AREAS: self.new_areas and not self.may_add_areas,
            Obstacle.CONTRADICTION: contradicts and self.changes_anything and not options.reason,
            Obstacle.LEFT_OUT: self.left_out and not options.skip_rejected,
            Obstacle.NOTHING: self.has_nothing and (options.skip_rejected or not self.left_out),
            Obstacle.DOUBT: self.doubted and not options.accept_doubts,
        }
        found = [each for each, is_there in stands.items() if is_there]
        return found if set(found) <= set(DECIDED_AT_ONCE) else found[:1]

    @property
    def obstacle(self) -> Obstacle | None:
        """The first thing that stands against importing the file as it is, if anything does."""
        return next(iter(self.obstacles), None)

    @property
    def has_nothing(self) -> bool:
        """Whether the file has rows, and none of them is a figure here."""
        skipped = self.rejected + self.aggregates + self.skipped_areas + self.year_ranges.total()
        here = self.size + self.unchanged + self.rounded + self.newer
        return bool(skipped or self.unmatched_rows) and not here

    @property
    def asks_of_areas(self) -> bool:
        """Whether the file leaves open which area it is about, or of which list its codes are."""
        is_stated = bool(self.options.area or self.options.codes_are)
        return is_stated or any(use.is_open for use in self.areas)

    @property
    def refusal(self) -> str:
        n, obstacles = self.rows_without_area, self.obstacles
        if Obstacle.AREA in obstacles:
            words = ngettext(
                "The file does not state the area of %(n)d value. Choose the area that the file "
                "is about.",
                "The file does not state the area of %(n)d values. Choose the area that the file "
                "is about.",
                n,
            )
            return words % {"n": n}
        if Obstacle.LACKING in obstacles:
            return self.lacking
        if Obstacle.UNITS in obstacles:
            words = gettext("The file has several units. Choose one: %s.")
            named = words % ", ".join(f"“{unit}”" for unit in self.units[:MOST_NAMED])
            return named if self.has_mixed_units else f"{named} {IN_OWN_UNIT}"
        why = [*self._told_ranges, *self.rejections[:1]]
        more = why if Obstacle.NOTHING in obstacles else []
        return " ".join([*(str(each.label) for each in obstacles), *more])

    @property
    def is_ambiguous(self) -> bool:
        """Whether the file holds several series, and it was not chosen which are imported."""
        is_chosen = any(self.series.get(each.code) is each for each in self.chosen_series)
        is_one = len(self.series) == 1 and bool(self.chosen_series)
        return bool(self.series) and not (is_chosen or is_one or self.options.series)

    @property
    def counts(self) -> dict[str, int]:
        names = ("new", "revised", "unchanged", "rounded", "kept_newer", "rejected")
        return {name: getattr(self, name) for name in (*names, "unmatched_rows")}

    @property
    def tally(self) -> dict[str, int]:
        """All that is counted of its rows."""
        counted = {name: getattr(self, name) for name in COUNTED}
        return {**self.counts, **counted, "year_ranges": self.year_ranges.total()}

    def is_against(self, code: FindingCode) -> bool:
        options = self.options
        if code == FindingCode.CONTRADICTION:
            return not options.reason
        if code == FindingCode.DOUBT:
            return not options.accept_doubts
        return code == FindingCode.REJECTED and not options.skip_rejected


# ---- How a file was read, kept with its import: the next one with the same columns is read alike

STATED = (*("format", "decimal", *COLUMNS, "unread", *OF_PERIODS, "series", "area", "codes_are"),)
"""Options that a person states about a file, and that hold for the next one: not its period."""

DESCRIBED = "described"
"""Dimensions of its columns that were comments, as they are in the next file."""

MOST_LOOKED_AT = 5
"""Newest imports of an indicator among which one with the same columns is looked for."""


def reading_of(plan: FigurePlan, series: Series) -> dict[str, Any]:
    """What is kept of a plan for one series; nothing where the person stated nothing."""
    options = plan.options
    stated: dict[str, Any] = {name: getattr(options, name) for name in STATED}
    stated["slice"] = [list(pair) for pair in options.slice]
    stated["indicator_added"] = series.is_new
    kept = {name: value for name, value in stated.items() if value}
    if plan.new_areas:
        kept["areas_added"] = [new.code for new in plan.new_areas.values()]
    if plan.described:
        kept[DESCRIBED] = sorted(plan.described)
    return {**kept, "columns": _headers(plan)} if kept else {}


def remembered_import(upload: Upload, indicator: Indicator | None) -> ImportRun | None:
    """The newest import of an indicator of which the choices fit a file: it has the same columns;
    without an indicator, the newest of the same file.

    Imports that were undone, or that no choice was made for, are none.
    """
    of = {"indicator": indicator.pk} if indicator else {"file_sha256": upload.sha256()}
    runs = ImportRun.objects.filter(undone_at=None, **of).exclude(reading={})
    for run in runs.order_by("-at", "-pk")[:MOST_LOOKED_AT]:
        if run.reading.keys() <= {"columns", DESCRIBED}:
            continue
        with suppress(TableError):
            if _headers(opened(upload, remembered_options(run))) == run.reading.get("columns"):
                return run
    return None


def remembered_options(run: ImportRun) -> FigureOptions:
    """The choices of an import."""
    kept = run.reading
    given: dict[str, Any] = {name: str(kept.get(name, "")) for name in STATED}
    pairs = tuple((str(name), str(code)) for name, code in kept.get("slice", ()))
    return FigureOptions(**given, slice=pairs)


def _headers(file: FigureFile | FigurePlan) -> list[str]:
    return [column.header for column in file.columns]
