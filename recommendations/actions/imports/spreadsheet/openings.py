"""Opening statuses that rows give: what can be taken over, and what is told of the rest."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.actions.base import validate
from recommendations.actions.imports.spreadsheet.plans import FindingCode, RowPlan
from recommendations.choices import (
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
)
from recommendations.columns import Field
from recommendations.models import Evidence, OpeningRow
from recommendations.readers.tables import fold_text

if TYPE_CHECKING:
    from recommendations.actions.imports.spreadsheet.matching import ImportContext


def plan_opening(row: RowPlan, context: ImportContext, words: str, mapped: str) -> bool:
    """Plan the opening status of a row; ``False`` where its status is to be kept as history.

    ``words`` are the status of the file, ``mapped`` what they mean here. A status in our own words,
    as exports have it, goes before. Nothing is guessed: what the row lacks stays empty.
    """
    record = row.record
    status = record.text(Field.CURRENT_STATUS) or mapped
    if not context.options.takes_over:
        return False
    if not status:
        if record.names(Field.EVIDENCE):
            record.add_finding(FindingCode.NO_STATUS, _("evidence addresses"))
        return False
    day = _day(row, context)
    if day is None:
        record.add_finding(FindingCode.NO_STATUS_DAY)
        return False
    if _is_refused(row, context):
        return _is_known(row, context, words)
    label = str(ImplementationStatus(status).label)
    opening = OpeningRow(
        number=row.line,
        as_of=day,
        implementation_status=status,
        confidence=_confidence(row, context, status),
        completed_on=_completed(row, status, day),
        words=words or label,
        note=record.text(Field.REPORTED_NOTE if words else Field.CURRENT_NOTE),
        evidence="\n".join(_addresses(row)),
    )
    if record.check(opening, ("words", "note", "evidence")):
        row.opening = opening
        row.add_change(_("opening status"), "", f"{label}, {date_format(day)}")
    return True


def _day(row: RowPlan, context: ImportContext) -> date | None:
    """The day that the status speaks of: of the row, else the one stated for the whole file."""
    stated = row.record.day(Field.CURRENT_AS_OF) or row.record.day(Field.REPORTED_ON)
    return stated or context.options.stated_on


def _is_refused(row: RowPlan, context: ImportContext) -> bool:
    """Tell that a status exists already, or waits to be approved."""
    if row.is_new:
        return False
    if row.recommendation.current_update_id is not None:
        row.record.add_finding(FindingCode.HAS_STATUS)
        return True
    if row.recommendation.pk in context.existing.waiting_openings:
        row.record.add_finding(FindingCode.OPENING_WAITS)
        return True
    return False


def _is_known(row: RowPlan, context: ImportContext, words: str) -> bool:
    """Whether the refused status was taken over from this very row before: nothing is new in it."""
    taken = context.existing.taken_over.get(row.recommendation.pk, set())
    return words in taken


def _confidence(row: RowPlan, context: ImportContext, status: str) -> str:
    """The rating of a row; none of what is finished, and none that nobody mapped."""
    words = row.record.text(Field.CONFIDENCE)
    if not words:
        return Confidence.NOT_RATED
    code = context.options.column_map.confidences.get(fold_text(words), "")
    if not code:
        row.record.add_finding(FindingCode.NOT_RATED, words[:80])
    elif status in FINISHED_STATUSES:
        if code != Confidence.NOT_RATED:
            row.record.add_finding(FindingCode.NOT_RATED, _("nothing is left to be delivered"))
        return Confidence.NOT_RATED
    return code or Confidence.NOT_RATED


def _completed(row: RowPlan, status: str, day: date) -> date | None:
    """The day of completion of what is implemented; none where the file states none."""
    record = row.record
    completed = record.day(Field.COMPLETED_ON)
    if completed is None and status == ImplementationStatus.IMPLEMENTED:
        completed = record.day(Field.CLOSED_ON)
    if completed is not None and completed > day:
        words = _("completed on %(completed)s, after the status of %(day)s")
        days = {"completed": date_format(completed), "day": date_format(day)}
        record.add_finding(FindingCode.WRONG_CELL, words % days)
    return completed


def _addresses(row: RowPlan) -> list[str]:
    """Those that are web addresses; the others are told."""
    found = []
    for address in row.record.names(Field.EVIDENCE):
        try:
            validate(Evidence(url=address), ("url",))
        except ValidationError:
            row.record.add_finding(FindingCode.NO_ADDRESS, address[:80])
        else:
            found.append(address)
    return found
