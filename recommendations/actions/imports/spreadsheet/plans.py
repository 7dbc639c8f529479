"""What an import of a list would do: which column means what, each row, what was found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField, DateField, TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommendations.actions.base import validate
from recommendations.actions.imports.findings import (
    Finding,
    FindingCode,
    FindingGroup,
    Findings,
)
from recommendations.actions.imports.pipeline import (
    ImportPlan,
    option,
    replacing,
)
from recommendations.characters import INVALID, replace_invalid
from recommendations.choices import ImplementationStatus, Modality, Nature, RelationKind
from recommendations.columns import OWN, Field
from recommendations.models import (
    Action,
    Addressee,
    Area,
    OpeningBatch,
    OpeningRow,
    Organisation,
    Part,
    Recommendation,
    ReportedStatus,
    Response,
    Theme,
)
from recommendations.queries.fields import Difference, field_label
from recommendations.readers.meanings import (
    DateOrder,
    MapError,
    StatusMeaning,
    read_confidences,
    read_meanings,
)
from recommendations.readers.tables import fold_text, usual_words

# ---- The map of a spreadsheet: columns to fields, and statuses of the source to ours.
# A proposal is made here; a person confirms it.

DATE_FIELDS = frozenset(
    {
        *(field for field, column in OWN.items() if isinstance(column, DateField)),
        *(Field.REPORTED_ON, Field.CLOSED_ON, Field.CURRENT_AS_OF, Field.COMPLETED_ON),
        *(Field.RESPONDED_ON, Field.ACTION_DUE),
    }
)

LINES = frozenset(
    {
        *(field for field, column in OWN.items() if isinstance(column, CharField)),
        *(Field.LEAD, Field.LEAD_OFFICER, Field.REVIEWER, Field.REPORTED_STATUS, Field.RESPONSE),
        *(Field.ACTION, Field.ACTION_OWNER, Field.CONFIDENCE),
    }
)
"""Fields of one line: line breaks inside such a cell become spaces."""

CODES: Mapping[Field, Sequence[tuple[str, Any]]] = {
    **{field: column.flatchoices for field, column in OWN.items() if column.choices},
    Field.CURRENT_STATUS: ImplementationStatus.choices,
}
"""Fields that hold a code or its label, with both of each choice."""

MANY_COLUMNS = frozenset(
    {Field.ADDRESSEES, Field.CONTRIBUTORS, Field.THEMES, Field.EVIDENCE, Field.EXTERNAL_ID}
)
"""Fields that several columns may be mapped to, such as one for each addressee, or a number that is
one within a report together with the number of that report."""

_SIGNS_OF_NUMBERS = ("#", "n°")
"""Headers of a column of numbers of which folding leaves no word."""

_DAYS = {Field.RESPONSE: Field.RESPONDED_ON, Field.REPORTED_STATUS: Field.REPORTED_ON}
"""What “Date” is below a heading of several columns."""


OF_EACH = frozenset(
    {
        *(Field.LEAD, Field.CONTRIBUTORS, Field.ADDRESSEES, Field.CLOSED_ON, Field.EVIDENCE),
        *(Field.REPORTED_STATUS, Field.REPORTED_ON, Field.REPORTED_NOTE, Field.CONFIDENCE),
        *(Field.RESPONSE, Field.RESPONDED_ON, Field.RESPONSE_PART, Field.RESPONSE_REASON),
    }
)
"""Fields in which rows differ that are one recommendation: many lists have a row for each body."""

NUMBERS = frozenset({Field.REFERENCE, Field.EXTERNAL_ID})
TEXTS = (Field.QUOTED_TEXT, Field.TITLE, Field.SUMMARY)
"""Fields of which a list needs one, to know its rows and to say what they recommend."""


class MapKey(StrEnum):
    """The names in a map file."""

    COLUMNS = "columns"
    STATUSES = "statuses"
    DATE_ORDER = "date_order"
    MODALITY = "modality"
    NATURE = "nature"
    CONFIDENCES = "confidences"
    DEFAULTS = "defaults"
    KNOWN_BY = "known_by"
    BY_TITLE = "by_title"
    """Of maps that were stored before a row could be known in other ways."""
    TAKES_OVER = "takes_over"


class KnownBy(TextChoices):
    """What a row is known by, when its list is imported again."""

    NUMBER = "number", _("The number in a column")
    TITLE = "title", _("The title: a row changes the recommendation of this source with that title")
    TEXT = "text", _("The number at the beginning of the text: “140.7 Keep a register.”")
    ORDER = "order", _("Its place in the list: rows are numbered from 1")


DEFAULTED = (
    *(Field.LEAD, Field.LEAD_OFFICER, Field.REVIEWER),
    *(Field.OPENED_ON, Field.TARGET_DATE, Field.INTERVAL_MONTHS),
)
"""Fields of which a person may state what new rows have that state none."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a file is to be read, as a person confirmed it.

    ``columns`` maps a header to its field, ``statuses`` a folded status to its meaning. Rows that
    state neither have ``modality`` and ``nature``.
    """

    columns: Mapping[str, Field]
    statuses: Mapping[str, StatusMeaning] = field(default_factory=dict)
    date_order: str = ""
    modality: str = Modality.SHOULD
    nature: str = Nature.TIME_BOUND
    confidences: Mapping[str, str] = field(default_factory=dict)
    """A folded word for the delivery confidence, and its code; empty leaves it unrated."""
    defaults: Mapping[Field, str] = field(default_factory=dict)
    """What a new row has in a field that it leaves empty, as a cell would say it."""
    known_by: str = KnownBy.NUMBER
    takes_over: bool = False
    """Whether statuses become opening statuses, which a second person approves as a batch."""

    def as_json(self) -> dict[str, object]:
        """As it is stored with the source, and as a map file has it."""
        found: dict[MapKey, object] = {
            MapKey.COLUMNS: {header: str(code.value) for header, code in self.columns.items()},
            MapKey.STATUSES: {
                words: {"status": str(meaning.status), "response": str(meaning.position)}
                for words, meaning in sorted(self.statuses.items())
            },
            MapKey.CONFIDENCES: dict(sorted(self.confidences.items())),
            MapKey.DEFAULTS: {str(code.value): text for code, text in self.defaults.items()},
            MapKey.TAKES_OVER: self.takes_over,
        }
        for key in (MapKey.DATE_ORDER, MapKey.MODALITY, MapKey.NATURE, MapKey.KNOWN_BY):
            found[key] = str(getattr(self, key))
        return {key.value: value for key, value in found.items()}

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a file has all columns of this map."""
        return set(self.columns) <= set(header)

    def columns_of(self, header: Sequence[str], code: Field) -> list[int]:
        """The indexes of all columns that are mapped to a field, in the order of the file."""
        return [n for n, name in enumerate(header) if self.columns.get(name) == code]

    def column_of(self, header: Sequence[str], code: Field) -> int | None:
        """The index of the column that is mapped to a field."""
        return next(iter(self.columns_of(header, code)), None)


def propose(header: Sequence[str]) -> dict[str, Field]:
    """A field for each column whose header is known; each field is proposed once.

    A header that is the code or label of a field is preferred to one that is a synonym.
    """
    found: dict[str, Field] = {}
    free = set(header)
    for test in (_is_code, _is_label, _is_known):
        for code in Field:
            if code in found.values():
                continue
            names = [name for name in header if name in free and test(name, code)]
            if names:
                chosen = min(names, key=lambda name: _rank(name, code))
                found[chosen] = code
                free.discard(chosen)
    if Field.TITLE not in found.values():
        found |= _called_by_recommendation(header, found)
    found |= _grouped([name for name in header if name not in found], set(found.values()))
    if Field.EXTERNAL_ID in found.values():
        numbers = (name for name in header if is_of_report(name) and name not in found)
        found |= dict.fromkeys(numbers, Field.EXTERNAL_ID)
    return {name: found[name] for name in header if name in found}


def _called_by_recommendation(
    header: Sequence[str], found: Mapping[str, Field]
) -> dict[str, Field]:
    """“Recommendation” beside another column of the wording is the title, else the wording."""
    wordings = [
        name
        for name in header
        if found.get(name, Field.QUOTED_TEXT) == Field.QUOTED_TEXT
        and (_is_label(name, Field.QUOTED_TEXT) or _is_known(name, Field.QUOTED_TEXT))
    ]
    titles = [name for name in wordings if fold_text(name) in ("recommendation", "recommendations")]
    others = [name for name in wordings if name not in titles]
    return {titles[0]: Field.TITLE, others[0]: Field.QUOTED_TEXT} if titles and others else {}


def _grouped(header: Sequence[str], taken: set[Field]) -> dict[str, Field]:
    """Fields of columns below one heading, whose names are “Response: Status” and the like.

    The name below tells the field, a date by the heading above it. Names that tell none, such as
    those of bodies, are a column each of contributors or addressees.
    """
    found: dict[str, Field] = {}
    groups: dict[str, list[str]] = {}
    for name in header:
        above, mark, _below = name.partition(": ")
        if mark:
            groups.setdefault(above, []).append(name)
    for above, names in groups.items():
        field = _field_of(above)
        told = {name: _below_heading(name.partition(": ")[2], field) for name in names}
        if field in (Field.LEAD, Field.CONTRIBUTORS, Field.ADDRESSEES) and not any(told.values()):
            many = Field.ADDRESSEES if field == Field.ADDRESSEES else Field.CONTRIBUTORS
            found |= dict.fromkeys(names, many)
            continue
        for name, code in told.items():
            if code and code not in taken:
                found[name] = code
                taken.add(code)
    return found


def _below_heading(name: str, above: Field | None) -> Field | None:
    if above in _DAYS and fold_text(name) in ("date", "on", "as at", "as of"):
        return _DAYS[above]
    if above in _DAYS and fold_text(name) in ("status", "position", "decision", "response"):
        return above
    return _field_of(name)


def _field_of(header: str) -> Field | None:
    return next(
        (code for code in Field if _is_label(header, code) or _is_known(header, code)), None
    )


def _usual(header: str) -> str:
    """What a header stands for by the words of other offices, if anything."""
    return usual_words("headings").get(fold_text(header), "")


def is_number(header: str) -> bool:
    """Whether a column is called as that of the numbers of recommendations is."""
    return _usual(header) == Field.EXTERNAL_ID


def is_of_report(header: str) -> bool:
    """Whether a column holds the number of a report, within which recommendations are numbered."""
    return _usual(header) == "number of a report"


def _rank(header: str, code: Field) -> int:
    known = [word for word, field in usual_words("headings").items() if field == code]
    folded = fold_text(header)
    return known.index(folded) if folded in known else -1


def read_map(data: object) -> ColumnMap:
    """A map from the JSON of a map file or of a source; ``MapError`` says what is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get(MapKey.COLUMNS), dict):
        raise MapError(gettext("A map needs “columns”: the field for each header."))
    if unknown := set(data) - set(MapKey):
        raise MapError(
            gettext("A map has no entry “%s”.") % ", ".join(sorted(map(str, unknown)))[:200]
        )
    columns: dict[str, Field] = {}
    for header, code in data[MapKey.COLUMNS].items():
        if code not in Field.values:
            raise MapError(
                gettext("There is no field “%(code)s”: choose one of %(known)s.")
                % {"code": str(code)[:40], "known": ", ".join(Field.values)}
            )
        columns[str(header)] = Field(code)
    known_by = KnownBy.TITLE if data.get(MapKey.BY_TITLE) is True else KnownBy.NUMBER
    chosen = ColumnMap(
        columns,
        read_meanings(data.get(MapKey.STATUSES, {})),
        _one_of(data, MapKey.DATE_ORDER, ["", *DateOrder.values], ""),
        _one_of(data, MapKey.MODALITY, Modality.values, Modality.SHOULD),
        _one_of(data, MapKey.NATURE, Nature.values, Nature.TIME_BOUND),
        read_confidences(data.get(MapKey.CONFIDENCES, {})),
        _read_defaults(data.get(MapKey.DEFAULTS, {})),
        _one_of(data, MapKey.KNOWN_BY, KnownBy.values, known_by),
        data.get(MapKey.TAKES_OVER) is True,
    )
    check_map(chosen)
    return chosen


def _read_defaults(data: object) -> dict[Field, str]:
    known = {str(code.value): code for code in DEFAULTED}
    if not isinstance(data, dict) or not all(isinstance(text, str) for text in data.values()):
        raise MapError(gettext("“defaults” must hold a text for each field."))
    if unknown := set(data) - set(known):
        raise MapError(
            gettext("There is no field “%(code)s”: choose one of %(known)s.")
            % {"code": str(min(unknown, key=str))[:40], "known": ", ".join(known)}
        )
    return {known[code]: text for code, text in data.items()}


def check_map(chosen: ColumnMap) -> None:
    """Raises ``MapError`` for two columns of one field, no needed field, or invalid words."""
    mapped = list(chosen.columns.values())
    for words in (*chosen.columns, *chosen.statuses, *chosen.defaults.values()):
        if INVALID.search(words):
            raise MapError(
                gettext("“%s” holds an invalid character.") % replace_invalid(words)[:80]
            )
    for code in mapped:
        if mapped.count(code) > 1 and code not in MANY_COLUMNS:
            raise MapError(gettext("Two columns are mapped to “%s”. Choose one.") % code.label)
    if chosen.known_by == KnownBy.NUMBER and not NUMBERS & set(mapped):
        raise MapError(
            gettext("Choose the column with the number of a row, or what else a row is known by.")
        )
    if not set(TEXTS) & set(mapped):
        raise MapError(
            gettext("Choose the column with the title or the text of the recommendation.")
        )


def _one_of(data: Mapping[str, object], key: MapKey, known: Sequence[str], default: str) -> str:
    value = data.get(key, default)
    if value not in known:
        raise MapError(
            gettext("“%(key)s” must be one of %(known)s.")
            % {"key": key.value, "known": ", ".join(map(str, known))}
        )
    return str(value)


def _is_code(header: str, code: Field) -> bool:
    return header.strip().lower() == code.value


def _is_label(header: str, code: Field) -> bool:
    return fold_text(header) in (fold_text(str(code.label)), fold_text(code.value))


def _is_known(header: str, code: Field) -> bool:
    is_sign = code == Field.EXTERNAL_ID and header.strip().casefold() in _SIGNS_OF_NUMBERS
    return is_sign or _usual(header) == code


def split_names(cell: str) -> list[str]:
    """The names in one cell: one a line where there are lines, else between semicolons or bars."""
    parts = cell.split("\n") if "\n" in cell else cell.replace("|", ";").split(";")
    return list(dict.fromkeys(name for part in parts if (name := " ".join(part.split()))))


def join_names(names: Sequence[str]) -> str:
    """Names as one cell, which ``split_names`` splits again."""
    if any(";" in name or "|" in name for name in names):
        return "\n".join(names) + "\n"
    return "; ".join(names)


# ---- What importing a spreadsheet would do, row by row, before anything is written

Party = Organisation | Area


class RowKind(TextChoices):
    """The outcome of a row."""

    NEW = "new", capfirst(_("new"))
    CHANGED = "changed", capfirst(_("changed"))
    UNCHANGED = "unchanged", capfirst(_("unchanged"))
    REJECTED = "rejected", _("Rejected")


@dataclass(frozen=True, slots=True)
class SpreadsheetOptions:
    """What the person who imports decided."""

    column_map: ColumnMap
    create_organisations: bool = option(
        *("--create-organisations", False, "add unknown organisations"), form="is_creating_bodies"
    )
    skip_rejected: bool = option(
        "--leave-out-rejected", False, "skip rejected rows", form="is_leaving_out"
    )
    stated_on: date | None = option(  # noqa: RUF009 - a field
        "--stated-on", None, "date of statuses without one"
    )
    """The day of statuses for which the file states none."""
    replaces_invalid: bool = replacing()
    """Whether characters that no text may hold are replaced, and their rows imported."""


@dataclass(slots=True)
class Record:
    """One row of a file: its cells by field, and ``values`` for columns of a recommendation.

    ``line`` is its number, as a spreadsheet program counts. A field of the file that is empty, or
    cannot be read, is in neither.
    """

    line: int
    cells: dict[Field, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def text(self, field: Field) -> str:
        return str(self.cells.get(field, ""))

    def day(self, field: Field) -> date | None:
        day: date | None = self.cells.get(field)
        return day

    def names(self, field: Field) -> list[str]:
        names: list[str] = self.cells.get(field, [])
        return names

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Label and text of each part that the row names."""
        parts: list[tuple[str, str]] = self.cells.get(Field.PARTS, [])
        return parts

    @property
    def bodies(self) -> set[str]:
        """The names of bodies as the row has them."""
        return {
            self.text(Field.LEAD),
            *self.names(Field.CONTRIBUTORS),
            *self.names(Field.ADDRESSEES),
        }

    @property
    def common(self) -> dict[Field, Any]:
        """What rows of the same recommendation have in common."""
        return {field: cell for field, cell in self.cells.items() if field not in OF_EACH}

    def add_finding(self, code: FindingCode, message: str = "", beside: str = "") -> None:
        self.findings.append(Finding(code, self.line, message, beside))

    def check(self, obj: models.Model, names: Iterable[str], column: str = "") -> bool:
        """Whether the named fields can be kept; what is wrong with which becomes a finding.

        It names the ``column``, else the field.
        """
        if not self.cells or any(each.code == FindingCode.NO_TEXT for each in self.findings):
            return False  # Reported already, and better than field by field.
        try:
            validate(obj, names)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                message = f"{column or field_label(obj, name)}: {' '.join(messages)}"
                self.add_finding(FindingCode.WRONG_CELL, message)
            return False
        return True

    @property
    def external_id(self) -> str:
        return self.text(Field.EXTERNAL_ID)

    @property
    def reference(self) -> str:
        return self.text(Field.REFERENCE)

    @property
    def name(self) -> str:
        return self.external_id or self.reference


@dataclass(slots=True)
class RowPlan:
    """The outcome of one row. ``recommendation`` is unsaved where it is new.

    Everything under it is unsaved; organisations that do not exist yet are unsaved as well.
    """

    record: Record
    recommendation: Recommendation
    is_new: bool
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Difference] = field(default_factory=list)
    contributors: list[Organisation] = field(default_factory=list)
    themes: list[Theme] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    revised_parts: list[tuple[Part, str]] = field(default_factory=list)
    relations: list[tuple[RelationKind, Recommendation]] = field(default_factory=list)
    addressees: list[Party] = field(default_factory=list)
    first_date: date | None = None
    reported: list[ReportedStatus] = field(default_factory=list)
    interpreted: list[tuple[ReportedStatus, str]] = field(default_factory=list)
    responses: list[tuple[Addressee | Party, Response]] = field(default_factory=list)
    action: Action | None = None
    opening: OpeningRow | None = None
    earlier: list["RowPlan"] = field(default_factory=list)
    """Rows of the same recommendation before it; the first holds what all say."""
    is_status_left: bool = False
    """Whether its status could be taken over, and nobody asked for that."""

    @property
    def line(self) -> int:
        return self.record.line

    @property
    def is_unsaved(self) -> bool:
        """Whether nothing of its recommendation is recorded yet."""
        return self.recommendation._state.adding

    @property
    def is_rejected(self) -> bool:
        return any(finding.code.is_rejection for finding in self.record.findings)

    @property
    def kind(self) -> RowKind:
        if self.is_rejected:
            return RowKind.REJECTED
        if self.is_new:
            return RowKind.NEW
        return RowKind.CHANGED if self.changes else RowKind.UNCHANGED

    def add_change(self, label: str, before: str, after: str, name: str = "") -> None:
        self.changes.append(Difference(name, label, before, after))

    def new_organisations(self) -> Iterator[Organisation]:
        """Organisations that this row names and that do not exist yet."""
        for party in (self.values.get("lead"), *self.contributors, *self.addressees):
            if isinstance(party, Organisation) and party._state.adding:
                yield party


@dataclass(slots=True)
class SpreadsheetPlan(ImportPlan):
    """The outcome of every row of a spreadsheet."""

    rows: list[RowPlan]
    is_map_new: bool
    batch: OpeningBatch | None = None
    """The batch of opening statuses that was submitted with the import."""
    organisations: list[Organisation] = field(init=False)
    """Those that rows name and that do not exist yet, each once; saved when the plan is run."""

    def __post_init__(self) -> None:
        rows = (row for row in self.rows if not row.is_rejected)
        named = {body.slug: body for row in rows for body in row.new_organisations()}
        self.organisations = list(named.values())
        self.findings = Findings(each for row in self.rows for each in row.record.findings)

    def rows_of(self, *kinds: RowKind) -> list[RowPlan]:
        return [row for row in self.rows if row.kind in kinds]

    @property
    def written(self) -> list[RowPlan]:
        """Rows that are new or changed."""
        return self.rows_of(RowKind.NEW, RowKind.CHANGED)

    @property
    def openings(self) -> list[OpeningRow]:
        """The opening statuses of the rows that are written."""
        return [row.opening for row in self.written if row.opening is not None]

    @property
    def statuses_left(self) -> str:
        """How many statuses could be taken over and are not, and how; empty where there are none.

        Of the rows that are rejected too: they may be corrected.
        """
        n = sum(row.is_status_left for row in self.rows)
        words = ngettext(
            "%(n)d status of the file could be taken over and becomes history only. To take it "
            "over, tick “Take over statuses as opening statuses”; after an import, import the file "
            "again.",
            "%(n)d statuses of the file could be taken over and become history only. To take them "
            "over, tick “Take over statuses as opening statuses”; after an import, import the file "
            "again.",
            n,
        )
        return words % {"n": n} if n else ""

    @property
    def counts(self) -> dict[str, int]:
        is_taken = self.options.column_map.takes_over
        openings = {"openings": len(self.openings)} if is_taken else {}
        return {str(kind.value): len(self.rows_of(kind)) for kind in RowKind} | openings

    @property
    def groups(self) -> list[FindingGroup]:
        return self.findings.groups

    @property
    def size(self) -> int:
        return len(self.written)

    @property
    def changes_anything(self) -> bool:
        return self.is_map_new or bool(self.written)

    @property
    def chosen(self) -> object:
        """Without the choice to skip rejected rows: that changes nothing of what is shown."""
        return replace(self.options, skip_rejected=True)

    @property
    def may_import(self) -> bool:
        """Beside the button a person may yet choose to skip the rejected rows."""
        return bool(self.written) if self.is_refused else self.changes_anything

    @property
    def outcome(self) -> object:
        return [(row.line, row.kind, row.changes, row.record.findings) for row in self.rows]
