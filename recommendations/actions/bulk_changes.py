"""Changing many recommendations at once, as one act, and undoing it.

Both are bound to a preview: a row that is not as it was shown is left alone and told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections, router
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit
from recommendations.actions.base import BATCH, ActionRefused, require, validate
from recommendations.actions.imports import undoing
from recommendations.actions.imports.openings import undo_with_import
from recommendations.actions.recommendations import (
    DUE_COLUMNS,
    add_themes,
    remove_theme,
    required_reason,
)
from recommendations.choices import ArchiveReason, BulkChange, Role, RowOutcome
from recommendations.models import AuditEvent, Recommendation, Theme, UndoRequest, User, people_in
from recommendations.queries.bulk_changes import (
    BulkPlan,
    BulkValue,
    PlannedRow,
    batch_of,
    bodies_on,
    changes_open_to,
    may_undo,
    plan_change,
    plan_undo,
)
from recommendations.queries.log.words import SELECTION
from recommendations.queries.publicity import (
    CHANGED_MANY,
    UNDID_LIST,
    UNDID_MANY,
    VERBS,
)
from recommendations.queries.recommendations.publication import changed_kinds
from recommendations.queries.shown import Marks, ShownRows
from recommendations.state.statement import next_due_day, rating_end

OFFICERS, REVIEWERS = (Role.STAFF, Role.MANAGER), (Role.MANAGER,)
"""Whom recommendations can be assigned to: who may log on them, and who may decide on updates."""


MOST_STALE_TOLD = 20
"""Recommendations that a refusal names; of the others it tells the number."""


class NothingChanged(ActionRefused):
    """No row could be changed; carries the plan that says why."""

    def __init__(self, plan: BulkPlan) -> None:
        self.plan = plan
        super().__init__(_("No recommendation was changed. Check the preview again."))


class PublicationNotAsSeen(ActionRefused):
    """What the public would read is not as it was when the preview was opened; tells of which."""

    def __init__(self, plan: BulkPlan, shown: ShownRows) -> None:
        stale = plan.of(RowOutcome.STALE)
        told = [_changed_text(row, shown.rows.get(row.pk, ())) for row in stale[:MOST_STALE_TOLD]]
        if more := len(stale) - len(told):
            told.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
        super().__init__(
            _(
                "Changed after you opened the preview: %(what)s. No recommendation was changed. "
                "Check the preview, then confirm again."
            )
            % {"what": "; ".join(told)}
        )


def _changed_text(row: PlannedRow, shown: Marks) -> str:
    """Which row it is, and what of its public page differs, as far as that is known."""
    hints = [str(marks[-1]) for marks in (shown, row.marks) if len(marks) == len(row.marks) > 1]
    kinds = changed_kinds(*hints) if len(hints) == 2 else []
    if not kinds:
        return row.reference
    return _("%(label)s (%(detail)s)") % {
        "label": row.reference,
        "detail": _(", ").join(kinds),
    }


def change_many(
    *,
    value: BulkValue,
    shown: ShownRows,
    by: User,
    reason: str,
    at: datetime | None = None,
) -> AuditEvent:
    """Change all rows of a preview that are as it showed them, with one event for all.

    ``NothingChanged`` where none is. What becomes public is decided on as a whole:
    ``PublicationNotAsSeen`` where any row is not as it was shown.
    """
    reason = required_reason(reason)
    with audit.entry(by=by, at=at) as entry:
        may = value.change in changes_open_to(by)
        require(may, _("You cannot add or change recommendations."))
        _require_fit(value, entry.today)
        plan = plan_change(shown.rows, value, shown)
        _require_publication_as_seen(plan, shown)
        act = _written(entry, plan, reason)
        return act.record(
            VERBS.get(value.change, CHANGED_MANY),
            str(value.change),
            _told(value) | plan.told(),
            object_type=SELECTION,
            reason=reason,
        )


def undo_many(
    *,
    event: AuditEvent,
    shown: ShownRows,
    by: User,
    reason: str,
    at: datetime | None = None,
) -> AuditEvent:
    """Give each row back what it had before a bulk change, where it still has what that set.

    What was published by it is unpublished, and so on. ``NothingChanged`` where there is no such
    row.
    """
    reason = required_reason(reason)
    with audit.entry(by=by, at=at) as entry:
        require(may_undo(by, event), _("You cannot add or change recommendations."))
        plan = plan_undo(event, shown)
        _require_publication_as_seen(plan, shown)
        act = _written(entry, plan, reason)
        return act.record(
            UNDID_MANY, str(event.pk), plan.told(), object_type=SELECTION, reason=reason
        )


def undo_list(
    *,
    request: UndoRequest,
    shown: ShownRows,
    by: User,
    note: str = "",
    at: datetime | None = None,
) -> AuditEvent:
    """Undo the import of a list as another requested: what it added and nobody worked on since is
    archived, what it changed is as before, and its opening statuses are undone with it.

    ``NothingChanged`` where there is no such row.
    """
    with audit.entry(by=by, at=at) as entry:
        asked = undoing.approve(entry, request, note)
        event = AuditEvent.objects.get(pk=asked.sequence or 0)
        plan, batch = plan_undo(event, shown), batch_of(event)
        act = _written(entry, plan, asked.reason)
        if batch is not None:
            undo_with_import(act, batch, {row.pk for row in plan.changing}, asked.reason)
        told = {"object_type": SELECTION, "reason": asked.reason}
        return act.record(UNDID_LIST, str(event.pk), plan.told(), **told)


def _require_publication_as_seen(plan: BulkPlan, shown: ShownRows) -> None:
    if plan.becomes_public and plan.counts[RowOutcome.STALE]:
        raise PublicationNotAsSeen(plan, shown)


def _told(value: BulkValue) -> dict[str, Any]:
    """What the event says of the new value, under the name of its field."""
    if not value.change.has_value:
        return {}
    is_archived = value.change == BulkChange.ARCHIVE
    return {"archive_reason" if is_archived else value.change.column: value.stored}


def _require_fit(value: BulkValue, today: date) -> None:
    """Refuse a value that no recommendation could have."""
    if value.change in (BulkChange.PRIORITY, BulkChange.INTERVAL_MONTHS):
        column = value.change.column
        try:
            validate(Recommendation(**{column: value.value}), [column])
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from error
    elif told := _misfit(value, today):
        raise ValidationError({"value": told})


def _misfit(value: BulkValue, today: date) -> str:
    """Why a row, or a coded reason, is none that can be chosen; empty where it is one."""
    fit: QuerySet[Any]
    match value.change:
        case BulkChange.LEAD:
            fit, told = bodies_on(today), _("This organisation no longer exists.")
        case BulkChange.LEAD_OFFICER | BulkChange.REVIEWER:
            is_officer = value.change == BulkChange.LEAD_OFFICER
            fit = people_in(*(OFFICERS if is_officer else REVIEWERS))
            told = _("This person is inactive, or their role does not allow it.")
        case BulkChange.ADD_THEME | BulkChange.REMOVE_THEME:
            fit, told = Theme.objects.all(), _("One of the themes does not exist.")
        case BulkChange.ARCHIVE if value.stored not in dict(ArchiveReason.chosen()):
            return _("Choose a reason")
        case _:
            return ""
    return "" if fit.filter(pk=value.stored).exists() else told


def _written(entry: audit.Entry, plan: BulkPlan, reason: str) -> audit.BulkAct:
    """Write what the plan changes; the act over all of that, which is not recorded yet."""
    if not plan.changing:
        raise NothingChanged(plan)
    act = audit.BulkAct(entry)
    keys = [row.pk for row in plan.changing]
    act.follow(Recommendation(pk=pk) for pk in keys)
    for some in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH)):
        rows = list(Recommendation.objects.filter(pk__in=some).select_related("current_update"))
        names = _set(entry, plan, rows, reason)
        if not DUE_COLUMNS.isdisjoint(names):
            names |= {"next_due_on", "rating_valid_until"}
            for row in rows:
                # The update in force is kept there by every action that changes it.
                row.next_due_on = next_due_day(row, row.current_update)
                row.rating_valid_until = rating_end(row, row.current_update)
        write_columns(rows, sorted(names), entry.at)
    return act


def _set(
    entry: audit.Entry, plan: BulkPlan, rows: Sequence[Recommendation], reason: str
) -> set[str]:
    """Give rows what the plan has for each; the columns of them that are to be written.

    A theme is written here: which a row has is in no column of it.
    """
    value = plan.value
    if value is not None and value.change.is_of_themes:
        if value.wanted:
            add_themes((row, value.value) for row in rows)
        else:
            remove_theme(value.value, rows)
        return set()
    columns = {} if value is None else _columns(entry, value, reason)
    values = {row.pk: plan.values.get(row.pk, columns) for row in rows}
    for row in rows:
        for name, each in values[row.pk].items():
            setattr(row, name, each)
    return {name for row in rows for name in values[row.pk]}


def _columns(entry: audit.Entry, value: BulkValue, reason: str) -> dict[str, Any]:
    """The columns of a row that has a value; ``reason`` explains why it is archived."""
    match value.change:
        case BulkChange.PUBLISH:
            return {"published_at": entry.at, "published_by": entry.by}
        case BulkChange.UNPUBLISH:
            return {"published_at": None, "published_by": None}
        case BulkChange.ARCHIVE:
            archived = _archived(entry.at, entry.by, value.stored, reason)
            # A corrected list has the same numbers, and each is that of one recommendation.
            is_undone = value.stored == ArchiveReason.IMPORT_UNDONE
            return {**archived, "external_id": ""} if is_undone else archived
        case BulkChange.RESTORE:
            return _archived(None, None, "", "")
    field: Any = Recommendation._meta.get_field(value.change.column)
    return {field.attname: value.stored}


def _archived(at: datetime | None, by: User | None, reason: str, note: str) -> dict[str, Any]:
    return {
        "archived_at": at,
        # By its key: the rows of one undone import differ in who archived them, or that nobody did.
        "archived_by_id": by and by.pk,
        "archive_reason": reason,
        "archive_note": note,
    }


def write_columns(rows: Sequence[Recommendation], names: Iterable[str], at: datetime) -> None:
    """Write what these rows hold in these columns, by one statement, and raise their versions."""
    columns = {name: _by_row(rows, name) for name in names}
    Recommendation.objects.filter(pk__in=[row.pk for row in rows]).update(
        **columns, version=F("version") + 1, updated_at=at
    )


def _by_row(rows: Sequence[Recommendation], name: str) -> Any:
    """A column for all rows: one value, or a case for each value that some of them have."""
    field: Any = Recommendation._meta.get_field(name)
    keys: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        keys[getattr(row, name)].append(row.pk)
    if len(keys) == 1:
        return next(iter(keys))
    cases = (When(pk__in=pks, then=Value(value, field)) for value, pks in keys.items())
    chosen = Case(*cases, output_field=field)
    connection = connections[router.db_for_write(Recommendation)]
    is_cast = connection.features.requires_casted_case_in_updates
    return Cast(chosen, output_field=field) if is_cast else chosen
