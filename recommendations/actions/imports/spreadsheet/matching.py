"""From records to what becomes of each: new, changed, unchanged or rejected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.imports.spreadsheet import related_records
from recommendations.actions.imports.spreadsheet.existing import ExistingRecords
from recommendations.actions.imports.spreadsheet.plans import (
    Body,
    Choices,
    Code,
    Record,
    RowPlan,
    wrong_fields,
)
from recommendations.actions.imports.spreadsheet.rows import complete
from recommendations.actions.recommendations import WORDING
from recommendations.models import Organisation, Recommendation, User
from recommendations.queries.fields import field_label, field_text, value_in_words

OWN_WORDS = ("title", "summary", "rationale", "modality", "nature", "priority")


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What all rows of one import share."""

    known: ExistingRecords
    choices: Choices
    by: User | None
    today: Any
    file_name: str
    sha256: str

    @property
    def is_manager(self) -> bool:
        """Whether dates, responses and actions may be recorded; a trial by nobody shows them."""
        return self.by is None or permissions.can_review(self.by)


def match(records: Iterable[Record], setting: ImportContext) -> list[RowPlan]:
    """Plan every row. A number that came before in the file is rejected where it comes again."""
    rows = []
    seen: dict[str, int] = {}
    for record in records:
        _check_once(record, seen, record.external_id, record.reference)
        row = _row(record, setting)
        if not row.is_new and not row.is_rejected:
            _check_once(record, seen, "", row.thing.reference)
        rows.append(row)
    return rows


def _check_once(record: Record, seen: dict[str, int], external_id: str, reference: str) -> None:
    for name, key in ((external_id, f"id {external_id}"), (reference, f"ref {reference}")):
        first = seen.setdefault(key, record.line) if name else record.line
        if first != record.line:
            words = _("“%(name)s” is on row %(line)d already")
            record.tell(Code.DUPLICATE, words % {"name": name[:80], "line": first})
            return


def _row(record: Record, setting: ImportContext) -> RowPlan:
    found = setting.known.recommendation(record)
    current = found[0] if found else None
    if len(found) > 1:
        words = _("“%(id)s” and “%(reference)s” are two different ones here")
        record.tell(
            Code.WRONG_KEY,
            words % {"id": record.external_id[:80], "reference": record.reference[:40]},
        )
    thing = current or Recommendation(source=setting.known.source, external_id=record.external_id)
    row = RowPlan(record, thing, is_new=current is None)
    if current is None:
        _plan_new(row, setting)
    elif current.archived_at is not None:
        record.tell(Code.ARCHIVED)
        return row
    else:
        _plan_values(row, current)
    _plan_bodies(row, setting)
    related_records.plan_date(row, setting)
    related_records.plan_status(row, setting)
    related_records.plan_action(row, setting)
    return row


def _plan_new(row: RowPlan, setting: ImportContext) -> None:
    record, thing, known = row.record, row.thing, setting.known
    prefix, dash, number = record.reference.rpartition("-")
    if record.reference:
        is_ours = dash and prefix == known.source.reference_prefix
        is_number = number.isascii() and number.isdigit() and number[0] != "0" and len(number) < 10
        if not (is_ours and is_number and int(number) > known.source.last_number):
            words = _("“%s” is no reference of this source")
            record.tell(Code.WRONG_KEY, words % record.reference[:40])
        else:
            thing.number, thing.reference = int(number), record.reference
    for name, value in complete(record, setting.choices.column_map).items():
        setattr(thing, name, value)
    thing.opened_on = record.opened_on or setting.today
    _check(record, thing, ("external_id", "interval_months", "locator", *OWN_WORDS, *WORDING))


def _plan_values(row: RowPlan, current: Recommendation) -> None:
    """Columns of a recommendation that the file says otherwise; an empty cell says nothing."""
    record = row.record
    said = dict(record.values)
    if record.external_id:
        said["external_id"] = record.external_id
    differing = {name: value for name, value in said.items() if getattr(current, name) != value}
    if current.external_id and "external_id" in differing:
        words = _("%(reference)s has the number “%(id)s” here")
        record.tell(
            Code.WRONG_KEY, words % {"reference": current.reference, "id": current.external_id}
        )
    if current.published_at is not None and any(name in differing for name in WORDING):
        record.tell(Code.WORDING_PUBLIC)
        differing = {name: value for name, value in differing.items() if name not in WORDING}
    for name, value in differing.items():
        row.change(
            field_label(current, name),
            field_text(current, name),
            value_in_words(current, name, value),
            name,
        )
    row.values = differing
    proposed = Recommendation(**differing)
    _check(record, proposed, differing)


def _plan_bodies(row: RowPlan, setting: ImportContext) -> None:
    record, thing, known = row.record, row.thing, setting.known
    if record.lead:
        lead = known.organisation(record.lead)
        if lead is None:
            record.tell(Code.UNKNOWN_BODY, record.lead[:200])
        elif row.is_new or thing.lead_id is None or thing.lead_id != lead.pk:
            row.lead = lead
            _check(record, lead, ("name",))
            row.change(field_label(thing, "lead"), _named(thing.lead), lead.name, "lead")
    if record.lead_officer:
        officer = known.person(record.lead_officer)
        if officer is None:
            record.tell(Code.UNKNOWN_PERSON, record.lead_officer[:200])
        elif row.is_new or thing.lead_officer_id != officer.pk:
            row.values["lead_officer"] = officer
            label = field_label(thing, "lead_officer")
            row.change(label, _named(thing.lead_officer), str(officer), "lead_officer")
    here = set() if row.is_new else {body.pk for body in thing.contributors.all()}
    for name in record.contributors:
        body = known.organisation(name)
        if body is None:
            record.tell(Code.UNKNOWN_BODY, name[:200])
        elif body._state.adding or body.pk not in here:
            row.contributors.append(body)
            _check(record, body, ("name",))
            row.change(_("contributor"), "", body.name)
    _plan_addressees(row, setting)


def _plan_addressees(row: RowPlan, setting: ImportContext) -> None:
    living = [] if row.is_new else setting.known.addressees[row.thing.pk]
    here: set[Body] = {body for a in living if (body := a.area or a.organisation) is not None}
    for name in row.record.addressees:
        body = setting.known.body(name)
        if body is None:
            row.record.tell(Code.UNKNOWN_BODY, name[:200])
            continue
        is_here = not body._state.adding and body in here
        if not is_here and not any(body is named for named in row.addressees):
            row.addressees.append(body)
            if isinstance(body, Organisation):
                _check(row.record, body, ("name",))
            row.change(_("addressee"), "", str(body))


def _named(who: Organisation | User | None) -> str:
    return "" if who is None else str(who)


def _check(record: Record, thing: models.Model, names: Iterable[str]) -> None:
    """What is wrong with the named fields is told of the row."""
    if any(finding.code == Code.NO_TEXT for finding in record.findings):
        return  # said already, and better than field by field
    for name, words in wrong_fields(thing, names).items():
        record.tell(Code.WRONG_CELL, f"{field_label(thing, name)}: {words}")
