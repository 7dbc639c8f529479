"""Writing a plan by the bulk forms of the actions: all of it in the open entry, or nothing."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import BATCH
from recommendations.actions.dates import set_first_many
from recommendations.actions.imports.spreadsheet.plans import RowKind, RowPlan, SpreadsheetPlan
from recommendations.actions.organisations import add_organisations
from recommendations.actions.recommendations import (
    add_addressees,
    add_contributors,
    add_many,
    revise_many,
)
from recommendations.actions.responses import add_actions, record_many
from recommendations.models import (
    Addressee,
    ReportedStatus,
    Response,
    Source,
)


def write(act: audit.BulkAct, plan: SpreadsheetPlan) -> None:
    """Write what the plan says, and take each row that it touches into the act."""
    rows = plan.written
    add_organisations(act, plan.organisations)
    _add(act, [row for row in rows if row.is_new])
    _revise(act, [row for row in rows if not row.is_new])
    add_contributors([(row.recommendation, body) for row in rows for body in row.contributors])
    _add_responses(act, rows)
    dated = [(row.recommendation, row.first_date) for row in rows if row.first_date is not None]
    set_first_many(act, dated, reason=_("imported from %s") % plan.file_name)
    add_actions(act, [(row.recommendation, row.action) for row in rows if row.action is not None])
    _report(act, rows)


def counts(plan: SpreadsheetPlan, source: Source) -> dict[str, Any]:
    """What the event of the file holds."""
    written = plan.written
    return {
        "file": audit.FreeText(plan.file_name),
        "sha256": plan.sha256,
        "source": audit.FreeText(source.slug),
        "new": len(plan.rows_of(RowKind.NEW)),
        "changed": len(plan.rows_of(RowKind.CHANGED)),
        "unchanged": len(plan.rows_of(RowKind.UNCHANGED)),
        "left_out": len(plan.rows_of(RowKind.REJECTED)),
        "dates": sum(row.first_date is not None for row in written),
        "reported_statuses": sum(len(row.reported) for row in written),
        "responses": sum(len(row.responses) for row in written),
        "actions": sum(row.action is not None for row in written),
        "organisations": len(plan.organisations),
    }


def _add(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    for row in rows:
        for name, value in row.values.items():
            setattr(row.recommendation, name, value)
        row.recommendation.target_date = row.first_date
    add_many(act, [row.recommendation for row in rows])


def _revise(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    revisions = []
    for row in rows:
        values = dict(row.values)
        if row.first_date is not None:
            values["target_date"] = row.first_date
        if values or row.contributors:
            revisions.append((row.recommendation, values))
    revise_many(act, revisions)


def _add_responses(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    """Add the new addressees, and what old and new ones respond."""
    parties = [(row.recommendation, party) for row in rows for party in row.addressees]
    new = {
        (addressee.recommendation_id, addressee.area or addressee.organisation): addressee
        for addressee in add_addressees(act, parties)
    }
    responses: list[Response] = []
    for row in rows:
        for whose, response in row.responses:
            if not isinstance(whose, Addressee):
                whose = new[row.recommendation.pk, whose]
            response.addressee = whose
            responses.append(response)
    record_many(act, responses)


def _report(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    """Statuses as reported history, which only imports write."""
    by: Any = act.entry.by
    reported = []
    act.follow(status for row in rows for status, _meaning in row.interpreted)
    for row in rows:
        for status in row.reported:
            status.recommendation = row.recommendation
            status.recorded_at, status.recorded_by = act.entry.at, by
            reported.append(status)
        for status, meaning in row.interpreted:
            ReportedStatus.objects.filter(pk=status.pk).update(implementation_status=meaning)
    act.follow_new(ReportedStatus.objects.bulk_create(reported, batch_size=BATCH))
