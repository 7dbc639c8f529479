"""What an import would do, row by row, before anything is written."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions.errors import ActionRefused, Difference
from recommendations.models import (
    Action,
    Addressee,
    Area,
    Organisation,
    Recommendation,
    ReportedStatus,
    Response,
)
from recommendations.readers import ReadOptions
from recommendations.readers.columns import ColumnMap
from recommendations.storage.evidence import sha256_of


class Kind(TextChoices):
    """What becomes of a row."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REJECTED = "rejected", _("Rejected")


class Code(TextChoices):
    """What is to be said of a row."""

    DUPLICATE = "duplicate", _("The number stands on an earlier row too")
    NO_KEY = "no_key", _("No number to know the row by")
    NO_TEXT = "no_text", _("Neither title nor text")
    WRONG_KEY = "wrong_key", _("The number or reference does not fit")
    WRONG_CELL = "wrong_cell", _("A cell cannot be taken as it is")
    UNDATED = "undated", _("No target date")
    UNMAPPED_STATUS = "unmapped_status", _("Status kept in its own words: no meaning confirmed")
    NUMBER_AS_ID = "number_as_id", _("Number stored as a figure: 111.1 and 111.10 look the same")
    UNKNOWN_BODY = "unknown_body", _("Organisation or place not known here: left empty")
    UNKNOWN_PERSON = "unknown_person", _("Person not known here: left empty")
    DATE_DIFFERS = "date_differs", _("Another target date than here: ask for a change of it")
    WORDING_PUBLIC = "wording_public", _("Wording is public: amend it by hand, with a reason")
    ARCHIVED = "archived", _("Archived: left as it is")
    RESPONSE_IN_WORDS = "response_in_words", _("Response kept in its own words")
    MANAGER_ONLY = "manager_only", _("Left out: only a manager may record it")
    TITLE_MADE = "title_made", _("Title taken from the beginning of the text")


REJECTIONS = frozenset({Code.DUPLICATE, Code.NO_KEY, Code.NO_TEXT, Code.WRONG_KEY, Code.WRONG_CELL})
"""What keeps a row out."""


class ImportRefused(ActionRefused):
    """Some rows are rejected and nobody said that they may be left out; carries the plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            _now("Some rows cannot be imported. Mend them, or say that they are left out.")
        )


class PlanChanged(ActionRefused):
    """The import would do something else than was shown; carries what it would do now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(_now("Things changed since this was shown. Look at it again."))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is to be imported, open for reading from anywhere in it."""

    file: BinaryIO
    name: str
    asked: ReadOptions = field(default_factory=ReadOptions)

    def sha256(self) -> str:
        """The digest of its bytes, in hexadecimal."""
        return sha256_of(self.file)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who imports decided."""

    column_map: ColumnMap
    is_creating_bodies: bool = False
    is_leaving_out: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say of one row; ``line`` is its number, as a spreadsheet program counts."""

    code: Code
    line: int
    words: str = ""

    @property
    def is_rejection(self) -> bool:
        return self.code in REJECTIONS


@dataclass(frozen=True, slots=True)
class Group:
    """Everything of one kind that there is to say."""

    code: Code
    findings: tuple[Finding, ...]

    @property
    def label(self) -> str:
        return str(self.code.label)

    @property
    def is_rejection(self) -> bool:
        return self.code in REJECTIONS

    @property
    def lines(self) -> list[int]:
        """Each line once, in order."""
        return list(dict.fromkeys(finding.line for finding in self.findings))

    @property
    def told(self) -> list[tuple[str, list[int]]]:
        """What there is to say besides the kind, and of which lines it is said."""
        found: dict[str, list[int]] = defaultdict(list)
        for finding in self.findings:
            if finding.words:
                found[finding.words].append(finding.line)
        return list(found.items())


@dataclass(slots=True)
class Record:
    """One row of a file, as values. What the file does not say is not among ``values``.

    ``line`` is its number, as a spreadsheet program counts.
    """

    line: int
    external_id: str = ""
    reference: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    lead: str = ""
    lead_officer: str = ""
    contributors: list[str] = field(default_factory=list)
    addressees: list[str] = field(default_factory=list)
    opened_on: date | None = None
    target_date: date | None = None
    status: str = ""
    status_on: date | None = None
    status_note: str = ""
    response: str = ""
    response_on: date | None = None
    response_part: str = ""
    response_reason: str = ""
    action: str = ""
    action_owner: str = ""
    action_due: date | None = None
    findings: list[Finding] = field(default_factory=list)

    def tell(self, code: Code, words: str = "") -> None:
        self.findings.append(Finding(code, self.line, words))

    @property
    def name(self) -> str:
        return self.external_id or self.reference


Body = Organisation | Area


@dataclass(slots=True)
class RowPlan:
    """What becomes of one row. ``thing`` is the recommendation, unsaved where it is new.

    Everything under it is unsaved; bodies that do not exist yet are unsaved organisations.
    """

    record: Record
    thing: Recommendation
    is_new: bool
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Difference] = field(default_factory=list)
    lead: Organisation | None = None
    contributors: list[Organisation] = field(default_factory=list)
    addressees: list[Body] = field(default_factory=list)
    first_date: date | None = None
    reported: list[ReportedStatus] = field(default_factory=list)
    taken_to_mean: list[tuple[ReportedStatus, str]] = field(default_factory=list)
    responses: list[tuple[Addressee | Body, Response]] = field(default_factory=list)
    action: Action | None = None

    @property
    def line(self) -> int:
        return self.record.line

    @property
    def is_rejected(self) -> bool:
        return any(finding.is_rejection for finding in self.record.findings)

    @property
    def kind(self) -> Kind:
        if self.is_rejected:
            return Kind.REJECTED
        if self.is_new:
            return Kind.NEW
        return Kind.CHANGED if self.changes else Kind.UNCHANGED

    def change(self, label: str, before: str, after: str, name: str = "") -> None:
        self.changes.append(Difference(name, label, before, after))


def wrong_fields(thing: models.Model, names: Iterable[str]) -> dict[str, str]:
    """Field checks that ask no database: what is wrong with which of the named fields."""
    chosen = set(names)
    try:
        thing.clean_fields(exclude={f.name for f in thing._meta.fields if f.name not in chosen})
    except ValidationError as error:
        return {name: " ".join(messages) for name, messages in error.message_dict.items()}
    return {}


@dataclass(slots=True)
class Plan:
    """What importing one file would do."""

    file_name: str
    sha256: str
    choices: Choices
    kind: str
    header: tuple[str, ...]
    notes: list[str]
    rows: list[RowPlan] = field(default_factory=list)
    bodies: list[Organisation] = field(default_factory=list)
    is_map_new: bool = False

    def of(self, kind: Kind) -> list[RowPlan]:
        return [row for row in self.rows if row.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what becomes of them."""
        return {str(kind.value): len(self.of(kind)) for kind in Kind}

    @property
    def groups(self) -> list[Group]:
        """What there is to say, rejections first."""
        found: dict[Code, list[Finding]] = defaultdict(list)
        for finding in self._findings():
            found[finding.code].append(finding)
        return [Group(code, tuple(found[code])) for code in Code if code in found]

    @property
    def is_refused(self) -> bool:
        """Rows are rejected, and nobody said that they are left out."""
        return not self.choices.is_leaving_out and any(row.is_rejected for row in self.rows)

    @property
    def changes_anything(self) -> bool:
        return self.is_map_new or any(row.kind in (Kind.NEW, Kind.CHANGED) for row in self.rows)

    @property
    def digest(self) -> str:
        """SHA-256 of all that would be done, so that what is confirmed is what was shown."""
        told = [
            [row.line, row.kind.value, [[c.label, c.before, c.after] for c in row.changes]]
            for row in self.rows
        ]
        said = [[finding.code.value, finding.line, finding.words] for finding in self._findings()]
        how = [
            self.choices.column_map.as_json(),
            self.choices.is_creating_bodies,
            self.choices.is_leaving_out,
        ]
        return hashlib.sha256(json.dumps([self.sha256, how, told, said]).encode()).hexdigest()

    def _findings(self) -> Iterator[Finding]:
        for row in self.rows:
            yield from row.record.findings
