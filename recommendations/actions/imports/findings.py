"""What imports find in a file: each thing by its code, with its place, in groups of one code."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.tables import position_label

PAIRS_SHOWN = 20
"""Likely matches of which both texts are shown."""

MOST_LISTED = 200
"""Findings of each code that are kept of a file of any length; the rest is counted."""


class FindingCode(TextChoices):
    """What a finding is about."""

    DUPLICATE = (
        "duplicate",
        _(
            "The number is also in an earlier row. If each report has numbers of its own, map the "
            "number of the report as well"
        ),
    )
    SAME_RECOMMENDATION = (
        "same_recommendation",
        _("Same recommendation as in an earlier row: its organisations are added"),
    )
    SAME_TITLE = "same_title", _("More than one row or recommendation has this title")
    NO_KEY = "no_key", _("No number to identify the row")
    NO_TEXT = "no_text", _("No title and no text")
    WRONG_KEY = "wrong_key", _("The number and the reference do not match")
    WRONG_CELL = "wrong_cell", _("A cell cannot be imported")
    INVALID_CHARACTER = (
        "invalid_character",
        _("Invalid character: correct the cell, or choose to replace invalid characters"),
    )
    CONTRADICTION = "contradiction", _("The file contradicts the indicator.")
    DOUBT = "doubt", _("Values that are not plausible, or of an area with two names")
    REJECTED = "rejected", _("Rejected")
    INCONSISTENT = "inconsistent", _("Inconsistent values")
    UNDATED = "undated", _("No target date")
    UNMAPPED_STATUS = "unmapped_status", _("Original status kept: no mapping confirmed")
    NUMBER_AS_ID = "number_as_id", _("Number stored as numeric: 111.1 and 111.10 are identical")
    UNKNOWN_BODY = "unknown_body", _("Unknown organisation or area: left empty")
    UNKNOWN_THEME = "unknown_theme", _("Unknown theme: add the theme, then import again")
    UNKNOWN_RELATION = (
        "unknown_relation",
        _("Unknown, archived or rejected recommendation: relation skipped"),
    )
    UNKNOWN_PERSON = "unknown_person", _("Unknown person, or no manager: left empty")
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
        names = ("DUPLICATE", "SAME_TITLE", "NO_KEY", "NO_TEXT", "WRONG_KEY", "WRONG_CELL")
        return self.name in (*names, "INVALID_CHARACTER", "REJECTED")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell of a file; ``line`` is its row or line, where the message does not say it.

    ``beside`` is shown beside the message, to be compared with it; ``name`` is what the row is
    called, and ``column`` what the message is about within it. ``row`` is the line, also where the
    message says it.
    """

    code: FindingCode
    line: int | None
    message: str = ""
    beside: str = ""
    name: str = ""
    column: str = ""
    row: int | None = None

    def __str__(self) -> str:
        words = f"{self.column}: {self.message}" if self.column else self.message
        if self.line is None:
            return words
        return f"{', '.join(filter(None, (position_label(self.line), self.name)))}: {words}"


@dataclass(slots=True)
class FindingGroup:
    """All findings of one code; of a very long file the first, and how many there are."""

    code: FindingCode
    findings: list[Finding] = field(default_factory=list)
    total: int = 0

    @property
    def is_each(self) -> bool:
        """Whether each is told in its own words, with its line: those of rejected rows."""
        return self.code == FindingCode.REJECTED

    @property
    def told(self) -> list[tuple[str, list[int]]]:
        """What is listed: each finding, or each message with the lines that it is about."""
        return [(str(each), []) for each in self.findings] if self.is_each else self.messages

    @property
    def lines(self) -> list[int]:
        """Each line once, in order."""
        return list(dict.fromkeys(each.line for each in self.findings if each.line is not None))

    @property
    def pairs(self) -> list[Finding]:
        """Those that have something beside them, to be compared; the first few."""
        return [finding for finding in self.findings if finding.beside][:PAIRS_SHOWN]

    @property
    def messages(self) -> list[tuple[str, list[int]]]:
        """Each message, and the lines that it is about."""
        found: dict[str, list[int]] = defaultdict(list)
        for finding in self.findings:
            if finding.message and not finding.beside:
                found[finding.message] += [] if finding.line is None else [finding.line]
        return list(found.items())


class Findings:
    """What was found in a file, by its code: all are counted, and the first ``most`` are kept."""

    def __init__(self, found: Iterable[Finding] = (), *, most: int | None = None) -> None:
        self._groups: dict[FindingCode, FindingGroup] = {}
        self._most = most
        for finding in found:
            self.add(finding)

    def add(self, finding: Finding) -> None:
        group = self._groups.setdefault(finding.code, FindingGroup(finding.code))
        group.total += 1
        if self._most is None or len(group.findings) < self._most:
            group.findings.append(finding)

    def tell(
        self, code: FindingCode, message: str, line: int | None = None, row: int | None = None
    ) -> None:
        self.add(Finding(code, line, message, row=line if row is None else row))

    def of(self, code: FindingCode) -> list[Finding]:
        """Those of one code that are kept, in the order of their lines."""
        found = self._groups[code].findings if code in self._groups else []
        return sorted(found, key=lambda each: each.line or 0)

    def count(self, code: FindingCode) -> int:
        return self._groups[code].total if code in self._groups else 0

    @property
    def groups(self) -> list[FindingGroup]:
        """By code, rejections first."""
        return [self._groups[code] for code in FindingCode if code in self._groups]


class Earlier:
    """The rows of a file by what each is known by, to tell of one that stands there twice."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}

    def told(self, key: str, line: int, name: str = "") -> str:
        """Where a row of this key is already; empty of the first one, which is remembered."""
        first = self._lines.setdefault(key, line)
        if first == line:
            return ""
        words = gettext("“%(name)s” is also in an earlier row: %(where)s.")
        return words % {"name": (name or key)[:80], "where": position_label(first)}


def told(code: FindingCode) -> property:
    """The messages of one code, of a plan."""
    return property(lambda plan: [each.message for each in plan.findings.of(code)])


def counted(code: FindingCode) -> property:
    """How many findings of one code a plan has."""
    return property(lambda plan: plan.findings.count(code))
