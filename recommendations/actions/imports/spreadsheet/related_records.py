"""What a row holds besides the recommendation: a date, statuses, responses and an action."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.actions.imports.spreadsheet.openings import plan_opening
from recommendations.actions.imports.spreadsheet.plans import FindingCode, Party, RowPlan
from recommendations.actions.responses import has_action, position_problems
from recommendations.choices import ImplementationStatus, ResponsePosition
from recommendations.columns import Field
from recommendations.models import Action, Addressee, ReportedStatus, Response
from recommendations.readers.meanings import StatusMeaning
from recommendations.readers.tables import fold_text

if TYPE_CHECKING:
    from recommendations.actions.imports.spreadsheet.matching import ImportContext


def plan_date(row: RowPlan, context: ImportContext) -> None:
    """The first date becomes row 0 of the ledger; a later one that differs is only reported."""
    day = row.record.day(Field.TARGET_DATE)
    if day is None:
        return
    here = row.recommendation.target_date
    if here is not None or (not row.is_new and row.recommendation.date_changes.all()):
        if here != day:
            message = _("%(file)s in the file, %(here)s in the tracker")
            named = date_format(here) if here else _("No value")
            days = {"file": date_format(day), "here": named}
            row.record.add_finding(FindingCode.DATE_DIFFERS, message % days)
    elif not context.may_set_dates:
        message = _("target date %s") % date_format(day)
        row.record.add_finding(FindingCode.MANAGER_ONLY, message)
    elif row.recommendation.is_finished:
        row.record.add_finding(FindingCode.DATE_OF_FINISHED, date_format(day))
    else:
        row.first_date = day
        row.add_change(_("target date"), "", date_format(day), "target_date")


def plan_status(row: RowPlan, context: ImportContext) -> None:
    """Statuses as history in their own words, and what their confirmed meaning adds."""
    record = row.record
    status, note = record.text(Field.REPORTED_STATUS), record.text(Field.REPORTED_NOTE)
    response, reason = record.text(Field.RESPONSE), record.text(Field.RESPONSE_REASON)
    status_on, response_on = record.day(Field.REPORTED_ON), record.day(Field.RESPONDED_ON)
    is_exported = bool(record.text(Field.CURRENT_STATUS))
    if is_exported:
        plan_opening(row, context, "", "")
    if status:
        meaning = _meaning(status, context)
        if meaning == StatusMeaning():
            record.add_finding(FindingCode.UNMAPPED_STATUS, status[:300])
        if is_exported or not plan_opening(row, context, status, meaning.code):
            _plan_reported(row, context, status, status_on, note, meaning.code)
        if meaning.position and not response:
            _plan_responses(row, context, meaning.position, response_on or status_on)
    elif note:
        _plan_reported(row, context, _("(no status given)"), status_on, note, "")
    if response:
        meaning = _meaning(response, context)
        if not meaning.position:
            record.add_finding(FindingCode.UNMAPPED_STATUS, response[:300])
        elif _plan_responses(row, context, meaning.position, response_on):
            return
        _plan_reported(row, context, response, response_on, reason, meaning.code)


def plan_action(row: RowPlan, context: ImportContext) -> None:
    """An action that the file names, unless there is one of the same title."""
    record = row.record
    title = record.text(Field.ACTION)
    if not title or (not row.is_new and has_action(row.recommendation, title)):
        return
    if not context.is_manager:
        record.add_finding(FindingCode.MANAGER_ONLY, _("action “%s”") % title[:80])
        return
    action = Action(
        title=title,
        owner=record.text(Field.ACTION_OWNER),
        due_on=record.day(Field.ACTION_DUE),
    )
    if row.record.check(action, ("title", "owner")):
        row.action = action
        row.add_change(_("action"), "", title)


def _meaning(words: str, context: ImportContext) -> StatusMeaning:
    meanings = context.options.column_map.statuses
    return meanings.get(fold_text(words)) or StatusMeaning()


def _plan_reported(
    row: RowPlan, context: ImportContext, words: str, day: date | None, note: str, status: str
) -> None:
    """One row of reported history, unless it exists; a meaning that it lacks is filled in."""
    for existing in () if row.is_new else row.recommendation.reported_statuses.all():
        if (existing.words, existing.as_of, existing.note) == (words, day, note):
            if status and not existing.implementation_status:
                row.interpreted.append((existing, status))
                label = str(ImplementationStatus(status).label)
                row.add_change(_("Mapping of “%s”") % words, "", label)
            return
    reported = ReportedStatus(
        as_of=day,
        words=words,
        implementation_status=status,
        note=note,
        file_name=context.file_name,
        file_sha256=context.sha256,
    )
    if row.record.check(reported, ("words", "note")):
        row.reported.append(reported)
        row.add_change(_("imported status"), "", words)


def _plan_responses(
    row: RowPlan, context: ImportContext, position: str, since: date | None
) -> bool:
    """Plan the position of each addressee; ``False`` where it cannot be recorded as a response."""
    if position == ResponsePosition.AWAITING:
        return True  # An addressee that said nothing has no row.
    is_partial = position == ResponsePosition.ACCEPTED_IN_PART
    values = {
        "position": position,
        "since": since,
        "part_accepted": row.record.text(Field.RESPONSE_PART) if is_partial else "",
        "reason": row.record.text(Field.RESPONSE_REASON),
    }
    addressees = _addressees(row, context)
    if not addressees:
        problem = _("no addressee is named")
    elif since is None:
        problem = _("no date is given")
    elif not context.is_manager:
        problem = _("only a manager can record responses")
    else:
        problem = " ".join(position_problems(values).values())
    if problem:
        row.record.add_finding(FindingCode.RESPONSE_IN_WORDS, problem)
        return False
    if row.record.check(Response(**values), ("part_accepted", "reason")):
        for addressee in addressees:
            _plan_response(row, context, addressee, Response(**values))
    return True


def _plan_response(
    row: RowPlan, context: ImportContext, addressee: Addressee | Party, response: Response
) -> None:
    """A new response, unless the addressee has this position, or has said something since."""
    current = None
    if isinstance(addressee, Addressee):
        current = context.existing.responses.get(addressee.pk)
    if current is not None and (
        current.position == response.position or current.since >= response.since
    ):
        return
    row.responses.append((addressee, response))
    before = str(current.get_position_display()) if current else ""
    label = str(ResponsePosition(response.position).label)
    row.add_change(_("response of %s") % addressee, before, label)


def _addressees(row: RowPlan, context: ImportContext) -> list[Addressee | Party]:
    """Those named on the row where it names any, else all that are addressed."""
    current = [] if row.is_new else context.existing.addressees[row.recommendation.pk]
    names = row.record.names(Field.ADDRESSEES)
    if not names:
        return list(current)
    named = [party for name in names if (party := context.existing.party(name))]
    return [*(a for a in current if (a.area or a.organisation) in named), *row.addressees]
