"""From records to the outcome of each: new, changed, unchanged or rejected."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.imports.spreadsheet import (
    likeness,
    parts,
    related_records,
    relations,
)
from recommendations.actions.imports.spreadsheet.existing import ExistingRecords
from recommendations.actions.imports.spreadsheet.plans import (
    FindingCode,
    Party,
    Record,
    RowPlan,
    SpreadsheetOptions,
)
from recommendations.actions.imports.spreadsheet.rows import complete
from recommendations.actions.recommendations import WORDING, amendment, number_of_reference
from recommendations.columns import WRITTEN, Field
from recommendations.models import Organisation, Recommendation, User
from recommendations.queries.fields import field_label, field_text, value_in_words


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What all rows of one import share."""

    existing: ExistingRecords
    options: SpreadsheetOptions
    by: User | None
    at: datetime
    file_name: str
    sha256: str

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def column(self, field: Field) -> str:
        """The header of the column that is mapped to a field."""
        columns = self.options.column_map.columns
        return next((header for header, mapped in columns.items() if mapped == field), "")

    @property
    def is_manager(self) -> bool:
        """Whether responses and actions may be recorded; a trial without a person may."""
        return self.by is None or permissions.can_review(self.by)

    @property
    def may_set_dates(self) -> bool:
        """Whether first target dates may be set; a trial without a person may."""
        return self.by is None or permissions.can_set_first_date(self.by)


def match_records(records: Iterable[Record], context: ImportContext) -> list[RowPlan]:
    """Plan every row. A number that an earlier row has is rejected."""
    rows = []
    lines: dict[str, int] = {}
    for record in records:
        _check_once(record, lines, record.external_id, record.reference)
        row = _plan_row(record, context)
        if not row.is_new and not row.is_rejected:
            _check_once(record, lines, "", row.recommendation.reference)
        rows.append(row)
    relations.plan_relations(rows, context)
    likeness.tell_likely(rows, context.existing.by_reference.values())
    return rows


def _check_once(record: Record, lines: dict[str, int], external_id: str, reference: str) -> None:
    for name, key in ((external_id, f"id {external_id}"), (reference, f"ref {reference}")):
        first = lines.setdefault(key, record.line) if name else record.line
        if first != record.line:
            message = _("“%(name)s” is already in row %(line)d")
            record.add_finding(FindingCode.DUPLICATE, message % {"name": name[:80], "line": first})
            return


def _plan_row(record: Record, context: ImportContext) -> RowPlan:
    found = context.existing.recommendations(record)
    if len(found) > 1:
        message = _("“%(id)s” and “%(reference)s” are different recommendations")
        record.add_finding(
            FindingCode.WRONG_KEY,
            message % {"id": record.external_id[:80], "reference": record.reference[:40]},
        )
    if not found:
        row = RowPlan(record, _new_recommendation(record, context), is_new=True)
    else:
        row = RowPlan(record, found[0], is_new=False)
        if found[0].archived_at is not None:
            record.add_finding(FindingCode.ARCHIVED)
            return row
        _plan_values(row, context)
    _plan_lead(row, context.existing)
    _plan_contributors(row, context.existing)
    _plan_addressees(row, context.existing)
    _plan_themes(row, context.existing)
    parts.plan_parts(row, context)
    related_records.plan_date(row, context)
    related_records.plan_status(row, context)
    related_records.plan_action(row, context)
    return row


def _new_recommendation(record: Record, context: ImportContext) -> Recommendation:
    source = context.existing.source
    recommendation = Recommendation(
        source=source,
        opened_on=record.day(Field.OPENED_ON) or context.today,
        **complete(record, context.options.column_map),
    )
    if record.reference:
        number = number_of_reference(source, record.reference)
        if number is None:
            message = _("“%s” is not a reference of this source") % record.reference[:40]
            record.add_finding(FindingCode.WRONG_KEY, message)
        else:
            recommendation.number, recommendation.reference = number, record.reference
    record.check(recommendation, WRITTEN)
    return recommendation


def _plan_values(row: RowPlan, context: ImportContext) -> None:
    """Columns for which the file has another value; an empty cell says nothing."""
    record, current = row.record, row.recommendation
    values = {
        name: value for name, value in record.values.items() if getattr(current, name) != value
    }
    if current.external_id and "external_id" in values:
        message = _("%(reference)s already has the number “%(id)s”")
        numbers = {"reference": current.reference, "id": current.external_id}
        record.add_finding(FindingCode.WRONG_KEY, message % numbers)
    revised = copy(current)
    for name, value in values.items():
        setattr(revised, name, value)
    try:
        amendment(current, revised, context.at, lambda row: row.pk in context.existing.once_public)
    except ValidationError:
        record.add_finding(FindingCode.WORDING_PUBLIC)
        values = {name: value for name, value in values.items() if name not in WORDING}
    for name, value in values.items():
        label = field_label(current, name)
        row.add_change(label, field_text(current, name), value_in_words(current, name, value), name)
    row.values = values
    record.check(revised, values)


def _plan_lead(row: RowPlan, existing: ExistingRecords) -> None:
    sought: tuple[tuple[Field, Any, FindingCode], ...] = (
        (Field.LEAD, existing.organisation, FindingCode.UNKNOWN_BODY),
        (Field.LEAD_OFFICER, existing.person, FindingCode.UNKNOWN_PERSON),
    )
    for code, find, unknown in sought:
        name = row.record.text(code)
        if not name:
            continue
        found, current = find(name), getattr(row.recommendation, code.value)
        if found is None:
            row.record.add_finding(unknown, name[:200])
        elif found != current:
            row.values[code.value] = found
            if isinstance(found, Organisation):
                row.record.check(found, ("name",))
            before = "" if current is None else str(current)
            label = field_label(row.recommendation, code.value)
            row.add_change(label, before, str(found), code.value)


def _plan_contributors(row: RowPlan, existing: ExistingRecords) -> None:
    current = set() if row.is_new else set(row.recommendation.contributors.all())
    for name in row.record.names(Field.CONTRIBUTORS):
        organisation = existing.organisation(name)
        if organisation is None:
            row.record.add_finding(FindingCode.UNKNOWN_BODY, name[:200])
        elif organisation not in (*current, *row.contributors):
            row.record.check(organisation, ("name",))
            row.contributors.append(organisation)
            row.add_change(_("contributor"), "", organisation.name)


def _plan_themes(row: RowPlan, existing: ExistingRecords) -> None:
    """Themes that a file names are added; those that it leaves out stay."""
    current = set() if row.is_new else set(row.recommendation.themes.all())
    for name in row.record.names(Field.THEMES):
        theme = existing.theme(name)
        if theme is None:
            row.record.add_finding(FindingCode.UNKNOWN_THEME, name[:200])
        elif theme not in (*current, *row.themes):
            row.themes.append(theme)
            row.add_change(_("theme"), "", theme.name)


def _plan_addressees(row: RowPlan, existing: ExistingRecords) -> None:
    current: list[Party] = [] if row.is_new else existing.parties(row.recommendation)
    for name in row.record.names(Field.ADDRESSEES):
        party = existing.party(name)
        if party is None:
            row.record.add_finding(FindingCode.UNKNOWN_BODY, name[:200])
        elif party not in (*current, *row.addressees):
            row.record.check(party, ("name",))
            row.addressees.append(party)
            row.add_change(_("addressee"), "", str(party))
