"""What importing a spreadsheet would do, row by row, before anything is written."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.actions.base import validate
from recommendations.actions.imports.pipeline import ImportPlan
from recommendations.actions.imports.spreadsheet.maps import ColumnMap
from recommendations.choices import RelationKind
from recommendations.columns import Field
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

Party = Organisation | Area

PAIRS_SHOWN = 20
"""Likely matches of which both texts are shown."""


class RowKind(TextChoices):
    """The outcome of a row."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REJECTED = "rejected", _("Rejected")


class FindingCode(TextChoices):
    """What a finding on a row is about."""

    DUPLICATE = (
        "duplicate",
        _(
            "The number is also in an earlier row. If each report has numbers of its own, map the "
            "number of the report as well"
        ),
    )
    NO_KEY = "no_key", _("No number to identify the row")
    NO_TEXT = "no_text", _("No title and no text")
    WRONG_KEY = "wrong_key", _("The number and the reference do not match")
    WRONG_CELL = "wrong_cell", _("A cell cannot be imported")
    INVALID_CHARACTER = (
        "invalid_character",
        _("Invalid character: correct the cell, or choose to replace invalid characters"),
    )
    UNDATED = "undated", _("No target date")
    UNMAPPED_STATUS = "unmapped_status", _("Original status kept: no mapping confirmed")
    NUMBER_AS_ID = "number_as_id", _("Number stored as numeric: 111.1 and 111.10 are identical")
    UNKNOWN_BODY = "unknown_body", _("Unknown organisation or area: left empty")
    UNKNOWN_THEME = "unknown_theme", _("Unknown theme: add the theme, then import again")
    UNKNOWN_RELATION = (
        "unknown_relation",
        _("Unknown, archived or rejected recommendation: relation skipped"),
    )
    UNKNOWN_PERSON = "unknown_person", _("Unknown person: left empty")
    DATE_OF_FINISHED = "date_of_finished", _("Already implemented or closed: no target date is set")
    DATE_DIFFERS = "date_differs", _("Different target date: request a date change")
    WORDING_PUBLIC = "wording_public", _("Wording is published: amend it manually, with a reason")
    ARCHIVED = "archived", _("Archived: not changed")
    RESPONSE_IN_WORDS = "response_in_words", _("Original response kept")
    MANAGER_ONLY = "manager_only", _("Skipped: only a manager can record responses")
    LIKELY_SAME = "likely_same", _("Similar text: may be recorded already")
    NO_STATUS_DAY = "no_status_day", _("No date of the status: kept as history")
    HAS_STATUS = "has_status", _("Opening status refused: an approved update exists")
    OPENING_WAITS = "opening_waits", _("Opening status refused: another batch awaits approval")
    NOT_RATED = "not_rated", _("Delivery confidence not taken over")
    NO_ADDRESS = "no_address", _("Evidence skipped: not a web address")
    NO_STATUS = "no_status", _("Skipped without an opening status")
    TITLE_MADE = "title_made", _("Title taken from the start of the text")

    @property
    def is_rejection(self) -> bool:
        """Whether it keeps the row out."""
        names = ("DUPLICATE", "NO_KEY", "NO_TEXT", "WRONG_KEY", "WRONG_CELL", "INVALID_CHARACTER")
        return self.name in names


@dataclass(frozen=True, slots=True)
class SpreadsheetOptions:
    """What the person who imports decided."""

    column_map: ColumnMap
    create_organisations: bool = False
    skip_rejected: bool = False
    takes_over: bool = False
    """Whether statuses become opening statuses, which a second person approves as a batch."""
    stated_on: date | None = None
    """The day of statuses for which the file states none."""
    replaces_invalid: bool = False
    """Whether characters that no text may hold are replaced, and their rows imported."""


@dataclass(frozen=True, slots=True)
class RowFinding:
    """One thing to report of one row; ``line`` is its number, as a spreadsheet program counts."""

    code: FindingCode
    line: int
    message: str = ""
    beside: str = ""
    """What is shown beside the message, to be compared with it."""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one code."""

    code: FindingCode
    findings: tuple[RowFinding, ...]

    @property
    def lines(self) -> list[int]:
        """Each line once, in order."""
        return list(dict.fromkeys(finding.line for finding in self.findings))

    @property
    def pairs(self) -> list[RowFinding]:
        """Those that have something beside them, to be compared; the first few."""
        return [finding for finding in self.findings if finding.beside][:PAIRS_SHOWN]

    @property
    def messages(self) -> list[tuple[str, list[int]]]:
        """Each message, and the lines that it is about."""
        found: dict[str, list[int]] = defaultdict(list)
        for finding in self.findings:
            if finding.message and not finding.beside:
                found[finding.message].append(finding.line)
        return list(found.items())


@dataclass(slots=True)
class Record:
    """One row of a file: its cells by field, and ``values`` for columns of a recommendation.

    ``line`` is its number, as a spreadsheet program counts. A field of the file that is empty, or
    cannot be read, is in neither.
    """

    line: int
    cells: dict[Field, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    findings: list[RowFinding] = field(default_factory=list)

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

    def add_finding(self, code: FindingCode, message: str = "", beside: str = "") -> None:
        self.findings.append(RowFinding(code, self.line, message, beside))

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

    @property
    def line(self) -> int:
        return self.record.line

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

    options: SpreadsheetOptions
    notes: list[str]
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
    def counts(self) -> dict[str, int]:
        return {str(kind.value): len(self.rows_of(kind)) for kind in RowKind}

    @property
    def groups(self) -> list[FindingGroup]:
        """All findings by code, rejections first."""
        found: dict[FindingCode, list[RowFinding]] = defaultdict(list)
        for finding in self._findings():
            found[finding.code].append(finding)
        return [FindingGroup(code, tuple(found[code])) for code in FindingCode if code in found]

    @property
    def refusal(self) -> str:
        if self.options.skip_rejected or not self.rows_of(RowKind.REJECTED):
            return ""
        return gettext("Some rows cannot be imported. Correct them, or choose to skip them.")

    @property
    def changes_anything(self) -> bool:
        return self.is_map_new or bool(self.written)

    @property
    def digest(self) -> str:
        changes = [
            [row.line, row.kind.value, [[c.label, c.before, c.after] for c in row.changes]]
            for row in self.rows
        ]
        findings = [
            [found.code.value, found.line, found.message, found.beside]
            for found in self._findings()
        ]
        options = self.options
        how = [options.column_map.as_json(), options.create_organisations, options.skip_rejected]
        how += [options.takes_over, str(options.stated_on or ""), options.replaces_invalid]
        plan = json.dumps([self.sha256, how, changes, findings])
        return hashlib.sha256(plan.encode()).hexdigest()

    def _findings(self) -> Iterator[RowFinding]:
        for row in self.rows:
            yield from row.record.findings
