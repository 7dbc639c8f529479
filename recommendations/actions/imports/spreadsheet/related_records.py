"""What hangs on a row besides the recommendation: its date, its status, responses, an action."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.actions.imports.spreadsheet.plans import Body, Code, RowPlan, wrong_fields
from recommendations.choices import (
    ImplementationStatus,
    ResponsePosition,
)
from recommendations.models import (
    Action,
    Addressee,
    ReportedStatus,
    Response,
)
from recommendations.readers.columns import StatusMeaning
from recommendations.readers.tables import fold_text

if TYPE_CHECKING:
    from recommendations.actions.imports.spreadsheet.matching import ImportContext


def plan_date(row: RowPlan, setting: ImportContext) -> None:
    """The first date goes to the ledger; a later one that differs is only told."""
    day = row.record.target_date
    if day is None:
        return
    thing = row.thing
    has_ledger = not row.is_new and bool(thing.date_changes.all())
    if has_ledger or thing.target_date is not None:
        if thing.target_date != day:
            here = date_format(thing.target_date) if thing.target_date else _("none any more")
            words = _("%(file)s in the file, %(here)s here")
            row.record.tell(Code.DATE_DIFFERS, words % {"file": date_format(day), "here": here})
    elif not setting.is_manager:
        row.record.tell(Code.MANAGER_ONLY, _("target date %s") % date_format(day))
    else:
        row.first_date = day
        row.change(_("target date"), "", date_format(day), "target_date")


def plan_status(row: RowPlan, setting: ImportContext) -> None:
    """Statuses as history in their own words, and what their confirmed meaning brings besides."""
    record = row.record
    if record.status:
        meaning = setting.choices.column_map.statuses.get(fold_text(record.status))
        if meaning is None or meaning == StatusMeaning():
            record.tell(Code.UNMAPPED_STATUS, record.status[:300])
        meaning = meaning or StatusMeaning()
        note = record.status_note
        _report(row, setting, record.status, record.status_on, note, meaning.status)
        if meaning.position and not record.response:
            _respond(row, setting, meaning.position, record.response_on or record.status_on)
    elif record.status_note:
        _report(row, setting, _("(no status given)"), record.status_on, record.status_note, "")
    if record.response:
        meaning = (
            setting.choices.column_map.statuses.get(fold_text(record.response)) or StatusMeaning()
        )
        is_recorded = meaning.position and _respond(
            row, setting, meaning.position, record.response_on
        )
        if not meaning.position:
            record.tell(Code.UNMAPPED_STATUS, record.response[:300])
        if not is_recorded:
            words, reason = record.response, record.response_reason
            _report(row, setting, words, record.response_on, reason, meaning.status)


def plan_action(row: RowPlan, setting: ImportContext) -> None:
    """A step that the file names, unless it is here already under the same title."""
    record = row.record
    if not record.action:
        return
    if not row.is_new and any(step.title == record.action for step in row.thing.actions.all()):
        return
    if not setting.is_manager:
        row.record.tell(Code.MANAGER_ONLY, _("action “%s”") % record.action[:80])
        return
    step = Action(title=record.action, owner=record.action_owner, due_on=record.action_due)
    if _is_sound(row, step, ("title", "owner")):
        row.action = step
        row.change(_("action"), "", record.action)


def _report(
    row: RowPlan, setting: ImportContext, words: str, day: date | None, note: str, status: str
) -> None:
    """One line of reported history, unless it is there; an open meaning of it is filled in."""
    here: list[ReportedStatus] = []
    if not row.is_new:
        here = list(row.thing.reported_statuses.all())
    same = [r for r in here if (r.words, r.as_of, r.note) == (words, day, note)]
    if same:
        if status and not same[0].implementation_status:
            row.taken_to_mean.append((same[0], status))
            label = str(ImplementationStatus(status).label)
            row.change(_("“%s” taken to mean") % words, "", label)
        return
    reported = ReportedStatus(
        as_of=day,
        words=words,
        implementation_status=status,
        note=note,
        file_name=setting.file_name,
        file_sha256=setting.sha256,
    )
    if _is_sound(row, reported, ("words", "note")):
        row.reported.append(reported)
        row.change(_("reported status"), "", words)


def _respond(row: RowPlan, setting: ImportContext, position: str, since: date | None) -> bool:
    """Record the position for each addressee; ``False`` where that cannot be done as it stands."""
    record = row.record
    if position == ResponsePosition.AWAITING:
        return True  # an addressee that said nothing has no row
    part = record.response_part if position == ResponsePosition.ACCEPTED_IN_PART else ""
    reason = record.response_reason
    missing = ""
    addressees = _addressees(row, setting)
    if not addressees:
        missing = _("nobody is addressed")
    elif since is None:
        missing = _("its day is not given")
    elif position == ResponsePosition.ACCEPTED_IN_PART and not part:
        missing = _("the part is not named")
    elif position == ResponsePosition.REJECTED and not reason:
        missing = _("the reason is not given")
    elif not setting.is_manager:
        missing = _("only a manager may record responses")
    if missing or since is None:
        record.tell(Code.RESPONSE_IN_WORDS, missing)
        return False
    for addressee in addressees:
        _respond_for(
            row,
            setting,
            addressee,
            Response(position=position, since=since, part_accepted=part, reason=reason),
        )
    return True


def _respond_for(
    row: RowPlan, setting: ImportContext, addressee: Addressee | Body, response: Response
) -> None:
    """A new row, unless the addressee says so already or has said something since."""
    current = (
        setting.known.responses.get(addressee.pk) if isinstance(addressee, Addressee) else None
    )
    if current is not None and (
        current.position == response.position or current.since >= response.since
    ):
        return
    if _is_sound(row, response, ("part_accepted", "reason")):
        row.responses.append((addressee, response))
        before = str(current.get_position_display()) if current else ""
        label = str(ResponsePosition(response.position).label)
        row.change(_("response of %s") % addressee, before, label)


def _addressees(row: RowPlan, setting: ImportContext) -> list[Addressee | Body]:
    """Those named on the row where it names any, else those that are addressed here."""
    living = [] if row.is_new else setting.known.addressees[row.thing.pk]
    if not row.record.addressees:
        return list(living)
    bodies = [setting.known.body(name) for name in row.record.addressees]
    named = [a for a in living if (a.area or a.organisation) in [b for b in bodies if b]]
    return [*named, *row.addressees]


def _is_sound(row: RowPlan, thing: Any, names: tuple[str, ...]) -> bool:
    """Whether the named fields can be kept; what is wrong is told of the row."""
    wrong = wrong_fields(thing, names)
    for words in wrong.values():
        row.record.tell(Code.WRONG_CELL, words)
    return not wrong
