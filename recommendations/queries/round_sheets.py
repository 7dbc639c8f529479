"""The spreadsheet of a round for one organisation: its columns, and a row for each request.

What is fixed, and the wording that stands in the reply at first, is sealed by a code in the last
column, so that a changed cell is noticed when the file comes back.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.characters import replace_invalid
from recommendations.choices import Confidence, Flag, ImplementationStatus, UpdateKind
from recommendations.choices import label_of_status as status_label
from recommendations.columns import own
from recommendations.models import Recommendation, Request, StateColumns, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.rounds import unanswered

SALT = "recommendations.rounds.sheet"
LONGEST = 30_000
"""Characters of a cell; a workbook holds 32,767."""

EVIDENCE = 3
"""Evidence items that one row has room for."""


class Column(TextChoices):
    """The columns, in their order; the first six are fixed, and the last one seals them."""

    REFERENCE = own(Recommendation, "reference")
    TITLE = own(Recommendation, "title")
    ASKS = "asks", _("Summary of the recommendation")
    NOW_STATUS = "now_status", _("Current status")
    NOW_AS_OF = "now_as_of", _("Current status as of")
    NOW_CONFIDENCE = "now_confidence", _("Current delivery confidence")
    STATUS = "implementation_status", _("Status")
    AS_OF = own(StatusUpdate, "as_of")
    CONFIDENCE = own(StatusUpdate, "confidence")
    PROGRESS = "what_happened", _("Progress")
    REMAINING = own(StatusUpdate, "remaining")
    NEXT_STEPS = own(StatusUpdate, "next_steps")
    PARTS = "parts", _("Parts complete (letters)")
    COMPLETED_ON = "completed_on", _("Completed on, if implemented")
    CLOSING_REASON = "closing_reason", _("Reason, if closed")
    ISSUE = own(StatusUpdate, "issue")
    ACTION = own(StatusUpdate, "response_action")
    OWNER = own(StatusUpdate, "response_owner")
    ASKED_FOR = own(StatusUpdate, "asked_for")
    EVIDENCE_1 = "evidence_1", _("Evidence 1: title")
    ADDRESS_1 = "address_1", _("Evidence 1: web address")
    EVIDENCE_2 = "evidence_2", _("Evidence 2: title")
    ADDRESS_2 = "address_2", _("Evidence 2: web address")
    EVIDENCE_3 = "evidence_3", _("Evidence 3: title")
    ADDRESS_3 = "address_3", _("Evidence 3: web address")
    NEW_DATE = "new_date", _("Revised target date")
    DATE_REASON = "date_reason", _("Reason for the revised target date")
    PUBLIC_TEXT = own(StatusUpdate, "public_text")
    PUBLIC_REASON = own(StatusUpdate, "public_reason")
    REPORTED_BY = "reported_by", _("Reported by: name")
    REPORTED_EMAIL = "reported_email", _("Reported by: email")
    CHECK = "check", _("Check (do not change)")


FIXED = (
    *(Column.REFERENCE, Column.TITLE, Column.ASKS),
    *(Column.NOW_STATUS, Column.NOW_AS_OF, Column.NOW_CONFIDENCE),
)
GIVEN = (Column.REMAINING, Column.NEXT_STEPS)
"""Columns of the reply that hold the current wording at first."""

TEXTS = (
    *(Column.PROGRESS, Column.REMAINING, Column.NEXT_STEPS, Column.CLOSING_REASON),
    *(Column.ISSUE, Column.ACTION, Column.OWNER, Column.ASKED_FOR, Column.PUBLIC_TEXT),
    Column.PUBLIC_REASON,
)
"""Columns that are texts of an update, under the names of its fields."""

ADDED = (Column.PUBLIC_REASON,)
"""Columns that a spreadsheet which was sent by an earlier version has not."""

DAYS = (Column.AS_OF, Column.COMPLETED_ON, Column.NEW_DATE)

STATUSES = [status for status in ImplementationStatus if status != ImplementationStatus.SUPERSEDED]
"""Statuses that can be reported so: which recommendation replaces one is chosen on its page."""

CONFIDENCES = list(Confidence)

Values = dict[Column, str | date | None]


def sheet_rows(round_id: int, organisation_id: int, person: Person) -> list[Values]:
    """What an organisation has not reported of a round, in the order of the list; one statement.

    Each row is what its cells hold at first, by column. A status has the marks of the list of this
    person, who takes the file.
    """
    requests = unanswered(Request.objects.filter(round=round_id, organisation=organisation_id))
    rows = requests.filter(recommendation__archived_at__isnull=True).order_by(
        "recommendation__source", "recommendation__number", "pk"
    )
    current = "recommendation__current_update__"
    contradicted = StateColumns.for_reader(person).name("contradicted_since")
    found = rows.values_list(
        *(f"recommendation__{name}" for name in ("reference", "title", "summary", "nature")),
        *(f"{current}{name}" for name in ("implementation_status", "as_of", "confidence")),
        *(f"{current}{name}" for name in ("remaining", "next_steps", "kind")),
        f"recommendation__kept__{contradicted}",
    )
    return [_values(round_id, organisation_id, row) for row in found]


def for_whom(person: Person) -> str:
    """For which readers the marks of the file were made that this person takes."""
    if permissions.can_read_internal_evidence(person):
        return gettext(
            "For readers of internal evidence: “Contradicted” here goes by internal evidence too. "
            "Do not publish this file."
        )
    return gettext("For all readers: “Contradicted” here goes by public evidence alone.")


def _values(round_id: int, organisation_id: int, row: Sequence[Any]) -> Values:
    reference, title, asks, nature, status, as_of, confidence, remaining, next_steps = row[:9]
    values: Values = {
        Column.REFERENCE: reference,
        Column.TITLE: cell_text(title),
        Column.ASKS: cell_text(asks),
        Column.NOW_STATUS: _marked(
            status_label(status or "", is_continuous=nature == "continuous"), *row[9:]
        ),
        Column.NOW_AS_OF: as_of,
        Column.NOW_CONFIDENCE: str(Confidence(confidence or Confidence.NOT_RATED).label),
        Column.REMAINING: cell_text(remaining or ""),
        Column.NEXT_STEPS: cell_text(next_steps or ""),
    }
    return {**values, Column.CHECK: seal(round_id, organisation_id, values)}


def _marked(status: str, kind: str | None, contradicted_since: datetime | None) -> str:
    """A status, that it was taken over from a list, and that evidence contradicts it."""
    marks = [UpdateKind.OPENING.label] if kind == UpdateKind.OPENING else []
    marks += [Flag.CONTRADICTED.label] if contradicted_since else []
    return " · ".join(str(text) for text in (status, *marks))


def cell_text(text: str) -> str:
    """A text as a cell holds it: its lines end in one way, and it is not too long."""
    plain = replace_invalid(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"


def seal(round_id: int, organisation_id: int, values: Values) -> str:
    """The code over what is fixed and, after a dash, that over the wording given at first."""
    codes = []
    for columns in (FIXED, (Column.REFERENCE, *GIVEN)):
        held = ("" if (value := values.get(name)) is None else value for name in columns)
        text = "\x1f".join(map(str, (round_id, organisation_id, *held)))
        codes.append(salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:24])
    return "-".join(codes)
