"""Which column of somebody's spreadsheet is which field: proposed here, confirmed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ImplementationStatus, Modality, Nature, ResponsePosition
from recommendations.readers.dates import DateOrder
from recommendations.readers.tables import fold


class Field(TextChoices):
    """What a column can be taken for. Exports use these codes as their headers."""

    REFERENCE = "reference", _("Our reference")
    EXTERNAL_ID = "external_id", _("Number in their list")
    TITLE = "title", _("Title")
    SUMMARY = "summary", _("Summary")
    QUOTED_TEXT = "quoted_text", _("Text of the recommendation")
    LOCATOR = "locator", _("Where in the source")
    MODALITY = "modality", _("How firmly it asks")
    NATURE = "nature", _("Nature")
    RATIONALE = "rationale", _("Rationale")
    PRIORITY = "priority", _("Priority")
    LEAD = "lead", _("Lead organisation")
    LEAD_OFFICER = "lead_officer", _("Lead officer")
    CONTRIBUTORS = "contributors", _("Contributing organisations")
    ADDRESSEES = "addressees", _("Addressees")
    OPENED_ON = "opened_on", _("Made or issued on")
    TARGET_DATE = "target_date", _("Target date")
    REVIEW_ON = "review_on", _("Next review")
    INTERVAL_MONTHS = "interval_months", _("Reports every (months)")
    REPORTED_STATUS = "reported_status", _("Status, in their words")
    REPORTED_ON = "reported_on", _("Status as of")
    REPORTED_NOTE = "reported_note", _("What is said of the status")
    CLOSED_ON = "closed_on", _("Closed on")
    RESPONSE = "response", _("Response")
    RESPONDED_ON = "responded_on", _("Response given on")
    RESPONSE_PART = "response_part", _("Part that is accepted")
    RESPONSE_REASON = "response_reason", _("Reason of the response")
    ACTION = "action", _("Action")
    ACTION_OWNER = "action_owner", _("Owner of the action")
    ACTION_DUE = "action_due", _("Action due on")


DATES = frozenset(
    {
        Field.OPENED_ON,
        Field.TARGET_DATE,
        Field.REVIEW_ON,
        Field.REPORTED_ON,
        Field.CLOSED_ON,
        Field.RESPONDED_ON,
        Field.ACTION_DUE,
    }
)

WORDS: dict[Field, tuple[str, ...]] = {
    Field.EXTERNAL_ID: (
        *("number", "no", "nr", "nº", "ref", "ref no", "id", "rec id", "rec no", "unique id"),
        *("recommendation no", "recommendation number", "recommendation id", "case number"),
        *("recommendation reference", "serial number", "s no", "safety recommendation number"),
    ),
    Field.TITLE: ("short title", "subject", "heading", "recommendation title", "topic"),
    Field.SUMMARY: ("short description", "description", "abstract", "in short"),
    Field.QUOTED_TEXT: (
        *("recommendation", "recommendations", "recommendation text", "text", "wording"),
        *("full text", "text of recommendation", "safety recommendation", "original text"),
    ),
    Field.LOCATOR: ("paragraph", "para", "page", "section", "chapter", "source reference"),
    Field.MODALITY: ("strength", "must or should"),
    Field.RATIONALE: ("reason", "background", "finding", "observation", "justification"),
    Field.PRIORITY: ("importance", "priority level", "criticality"),
    Field.LEAD: (
        *("lead agency", "lead organisation", "lead organization", "lead ministry", "ministry"),
        *("department", "lead department", "responsible", "responsible entity", "recipient"),
        *("responsible department", "responsible agency", "agency", "entity", "lead entity"),
    ),
    Field.LEAD_OFFICER: ("officer", "responsible officer", "focal point", "contact", "owner"),
    Field.CONTRIBUTORS: ("supporting agencies", "contributing organisations", "partners"),
    Field.ADDRESSEES: ("addressee", "addressed to", "directed to", "country", "countries", "to"),
    Field.OPENED_ON: (
        *("made", "issued", "date made", "date issued", "issue date", "made on", "issued on"),
        *("date of recommendation", "report date", "date opened", "opened", "date"),
    ),
    Field.TARGET_DATE: (
        *("due", "due date", "target", "target completion date", "deadline", "due on"),
        *("implementation date", "expected completion", "planned completion", "completion date"),
    ),
    Field.REVIEW_ON: ("next review", "review date"),
    Field.INTERVAL_MONTHS: ("reporting interval", "interval"),
    Field.REPORTED_STATUS: (
        *("status", "overall status", "implementation status", "current status", "state"),
        *("progress", "classification"),
    ),
    Field.REPORTED_ON: ("status date", "as of", "last updated", "date of status", "updated"),
    Field.REPORTED_NOTE: (
        *("comment", "comments", "progress made", "remarks", "status comment", "update", "notes"),
        *("action taken", "actions taken", "latest update"),
    ),
    Field.CLOSED_ON: ("closed", "date closed", "closure date", "date of closure"),
    Field.RESPONSE: (
        *("decision", "position", "government response", "management response", "accepted"),
        *("acceptance", "response status", "agency response"),
    ),
    Field.RESPONDED_ON: ("response date", "date of response", "decision date", "date responded"),
    Field.RESPONSE_PART: ("accepted part",),
    Field.RESPONSE_REASON: ("reason for decision", "response text", "explanation"),
    Field.ACTION: ("planned action", "proposed action", "action plan", "actions", "next action"),
    Field.ACTION_OWNER: ("action by", "action officer", "owner of action"),
    Field.ACTION_DUE: ("action due date", "action deadline"),
}
"""What the columns are called elsewhere, folded; the codes of the fields are known besides."""


class MapError(Exception):
    """A map of columns does not make sense; ``str`` of it tells why."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words of a foreign status are taken to mean: a status, a position, or both."""

    status: str = ""
    position: str = ""


class Key(StrEnum):
    """The names in a map file."""

    COLUMNS = "columns"
    STATUSES = "statuses"
    DATE_ORDER = "date_order"
    MODALITY = "modality"
    NATURE = "nature"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a file is to be read, as a person confirmed it.

    ``columns`` leads from a header to its field, ``statuses`` from folded words to their meaning.
    ``modality`` and ``nature`` are for rows that say nothing of it.
    """

    columns: Mapping[str, Field]
    statuses: Mapping[str, Meaning] = field(default_factory=dict)
    date_order: str = ""
    modality: str = Modality.SHOULD
    nature: str = Nature.TIME_BOUND

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the source, and as a map file has it."""
        return {
            Key.COLUMNS.value: {header: str(code.value) for header, code in self.columns.items()},
            Key.STATUSES.value: {
                words: {"status": meaning.status, "response": meaning.position}
                for words, meaning in sorted(self.statuses.items())
            },
            Key.DATE_ORDER.value: str(self.date_order),
            Key.MODALITY.value: str(self.modality),
            Key.NATURE.value: str(self.nature),
        }

    def place(self, header: Sequence[str], code: Field) -> int | None:
        """The position of the column that is taken for a field."""
        wanted = [name for name, taken in self.columns.items() if taken == code]
        return header.index(wanted[0]) if wanted and wanted[0] in header else None


def propose(header: Sequence[str]) -> dict[str, Field]:
    """A field for each column whose header is known; each field is proposed once.

    A header that is the code or the label of a field goes before one that only means it.
    """
    found: dict[str, Field] = {}
    free = set(header)
    for test in (_is_code, _is_label, _is_known):
        for code in Field:
            if code in found.values():
                continue
            names = [name for name in header if name in free and test(name, code)]
            if names:
                found[names[0]] = code
                free.discard(names[0])
    return {name: found[name] for name in header if name in found}


def read_map(data: Any) -> ColumnMap:
    """Read a map file, or what is kept with a source; ``MapError`` names what is wrong in it."""
    if not isinstance(data, dict) or not isinstance(data.get(Key.COLUMNS), dict):
        raise MapError(_now("A map needs “columns”: for each header the field it is taken for."))
    if unknown := set(data) - set(Key):
        raise MapError(_now("A map knows no “%s”.") % ", ".join(sorted(map(str, unknown)))[:200])
    columns: dict[str, Field] = {}
    for header, code in data[Key.COLUMNS].items():
        if code not in Field.values:
            raise MapError(
                _now("There is no field “%(code)s”: choose one of %(known)s.")
                % {"code": str(code)[:40], "known": ", ".join(Field.values)}
            )
        columns[str(header)] = Field(code)
    chosen = ColumnMap(
        columns,
        _meanings(data.get(Key.STATUSES, {})),
        _one_of(data, Key.DATE_ORDER, ["", *DateOrder.values], ""),
        _one_of(data, Key.MODALITY, Modality.values, Modality.SHOULD),
        _one_of(data, Key.NATURE, Nature.values, Nature.TIME_BOUND),
    )
    check(chosen)
    return chosen


def check(chosen: ColumnMap) -> None:
    """Refuse a map that takes two columns for one field, or leaves out what a row needs."""
    taken = list(chosen.columns.values())
    for code in taken:
        if taken.count(code) > 1:
            raise MapError(_now("Two columns are taken for “%s”: choose one.") % code.label)
    if not {Field.REFERENCE, Field.EXTERNAL_ID} & set(taken):
        raise MapError(_now("Say which column holds the number by which a row is known again."))
    if not {Field.TITLE, Field.QUOTED_TEXT, Field.SUMMARY} & set(taken):
        raise MapError(_now("Say which column holds the recommendation: its title or its text."))


def _one_of(data: Mapping[str, Any], key: Key, known: Sequence[str], default: str) -> str:
    value = data.get(key, default)
    if value not in known:
        raise MapError(
            _now("“%(key)s” must be one of %(known)s.")
            % {"key": key.value, "known": ", ".join(map(str, known))}
        )
    return str(value)


def _meanings(data: Any) -> dict[str, Meaning]:
    if not isinstance(data, dict):
        raise MapError(_now("“statuses” leads from words to what they are taken to mean."))
    found = {}
    for words, meaning in data.items():
        known = isinstance(meaning, dict) and set(meaning) <= {"status", "response"}
        status = meaning.get("status", "") if known else None
        position = meaning.get("response", "") if known else None
        if status not in ["", *ImplementationStatus.values] or position not in [
            "",
            *ResponsePosition.values,
        ]:
            raise MapError(
                _now("“%s” needs a status or a response of ours, or neither.") % str(words)[:80]
            )
        found[fold(str(words))] = Meaning(str(status), str(position))
    return found


def _is_code(header: str, code: Field) -> bool:
    return header.strip().lower() == code.value


def _is_label(header: str, code: Field) -> bool:
    return fold(header) in (fold(str(code.label)), fold(code.value))


def _is_known(header: str, code: Field) -> bool:
    return fold(header) in WORDS.get(code, ())


def split_names(cell: str) -> list[str]:
    """The names in one cell: one a line where there are lines, else between semicolons."""
    parts = cell.split("\n") if "\n" in cell else cell.split(";")
    return list(dict.fromkeys(name for part in parts if (name := " ".join(part.split()))))


def join_names(names: Sequence[str]) -> str:
    """Names as one cell that ``split_names`` takes apart again."""
    if any(";" in name for name in names):
        return "\n".join(names) + "\n"
    return "; ".join(names)
