"""Drafts out of a spreadsheet that came back: a plan that a person sees, then what it says.

The drafts are those of whoever brings the file in; another person decides on them as on any update.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.imports.pipeline import ImportPlan, Upload
from recommendations.actions.rounds.reading import ReturnedRow, read_returned
from recommendations.actions.updates.content import check_content
from recommendations.actions.updates.drafts import save_update
from recommendations.actions.updates.entries import SentEntries
from recommendations.choices import EvidenceKind, Stance, UpdateState
from recommendations.models import (
    Evidence,
    Organisation,
    Part,
    ReportingRound,
    Request,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.queries.rounds.sheet import Column
from recommendations.transitions import UNDECIDED


@dataclass(slots=True)
class ReturnPlan(ImportPlan):
    """What bringing in one file would do: its rows, and the recommendations of those that fit."""

    rows: Sequence[ReturnedRow] = ()
    requests: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    @property
    def drafts(self) -> list[ReturnedRow]:
        return [row for row in self.rows if not row.errors and not row.is_empty]

    @property
    def empty(self) -> list[ReturnedRow]:
        return [row for row in self.rows if not row.errors and row.is_empty]

    @property
    def refused(self) -> list[ReturnedRow]:
        return [row for row in self.rows if row.errors]

    @property
    def refusal(self) -> str:
        return "" if self.drafts else _("No row of the file can become a draft.")

    @property
    def digest(self) -> str:
        told = [
            (
                *(row.number, row.reference, row.is_empty, row.values, row.parts, row.evidence),
                *(row.new_date, row.date_reason, row.reporter),
                [each.text for each in row.errors],
            )
            for row in self.rows
        ]
        return hashlib.sha256(repr((self.sha256, told)).encode()).hexdigest()


def plan_returned(
    *, upload: Upload, round: ReportingRound, organisation: Organisation, by: User
) -> ReturnPlan:
    """What bringing in a file would do; ``TableError`` where it cannot be read."""
    rows = read_returned(upload, round.pk, organisation.pk)
    plan = ReturnPlan(upload.name, upload.sha256(), rows)
    _match(plan, round, organisation, by, timezone.localdate())
    return plan


def draft_returned(
    *,
    upload: Upload,
    round: ReportingRound,
    organisation: Organisation,
    by: User,
    expected: str,
) -> list[StatusUpdate]:
    """Begin a draft for each row that is right; all of them, or none.

    ``expected`` is the digest of the plan that was shown. ``ImportRefused`` where it is another by
    now, or nothing is left to be drafted.
    """
    rows = read_returned(upload, round.pk, organisation.pk)
    plan = ReturnPlan(upload.name, upload.sha256(), rows)
    with audit.entry(by=by) as entry:
        require(
            permissions.can_return_sheet(by, organisation.pk),
            _("You may not bring in the spreadsheet of this organisation."),
        )
        current = ReportingRound.objects.get(pk=round.pk)
        if current.closed_at is not None:
            raise ActionRefused(_("The round is closed. Report on the page of each item."))
        _match(plan, current, organisation, by, entry.today)
        plan.require_confirmed(expected or "not shown")
        return [_draft(plan, row, current, by) for row in plan.drafts]


def _draft(plan: ReturnPlan, row: ReturnedRow, round: ReportingRound, by: User) -> StatusUpdate:
    request = plan.requests[row.reference]
    about = request.recommendation
    told = {"file": plan.file_name, "sha": plan.sha256, "round": round.name, "row": row.number}
    note = _("From row %(row)d of the spreadsheet “%(file)s” (SHA-256 %(sha)s) of “%(round)s”.")
    lines = [note % told]
    if row.reporter:
        lines.append(_("Reported by %s.") % row.reporter)
    content = (
        {"new_date": row.new_date.isoformat(), "date_reason": row.date_reason}
        if row.new_date is not None
        else None
    )
    return save_update(
        update=StatusUpdate(recommendation=about),
        by=by,
        values={**row.values, "internal_note": "\n".join(lines)},
        evidence=[
            EvidenceInput(stance=Stance.SUPPORTS, values=_evidence(*pair)) for pair in row.evidence
        ],
        parts=[plan.parts[about.pk][label.casefold()] for label in row.parts],
        entries=SentEntries(content, 0) if content else None,
    )


def _evidence(title: str, address: str) -> dict[str, str]:
    return {"title": title, "kind": EvidenceKind.WEB_PAGE, "url": address}


def _match(
    plan: ReturnPlan, round: ReportingRound, organisation: Organisation, by: User, today: date
) -> None:
    """Compare the rows with what is asked and what is there; four statements."""
    requests: QuerySet[Any] = Request.objects.filter(round=round, not_asked="")
    asked = requests.select_related("recommendation").prefetch_related(
        "recommendation__contributors"
    )
    every = {request.recommendation.reference: request for request in asked}
    plan.requests = {
        reference: request
        for reference, request in every.items()
        if request.organisation_id == organisation.pk
    }
    ids = [request.recommendation_id for request in plan.requests.values()]
    parts: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    for part in Part.objects.living().filter(recommendation__in=ids):
        parts[part.recommendation_id][part.label.casefold()] = part.pk
    plan.parts = parts
    known = _Known(
        round, organisation, by, today, every, _open_updates(ids), _date_refusals(ids), parts
    )
    seen: set[str] = set()
    for row in plan.rows:
        _check(row, known, seen)


@dataclass(frozen=True, slots=True)
class _Known:
    round: ReportingRound
    organisation: Organisation
    by: User
    today: date
    asked: Mapping[str, Any]
    open_updates: Mapping[int, StatusUpdate]
    undated: Mapping[int, str]
    parts: Mapping[int, Mapping[str, int]]


def _open_updates(ids: Sequence[int]) -> dict[int, StatusUpdate]:
    rows = StatusUpdate.objects.filter(
        recommendation__in=ids, addressee__isnull=True, state__in=UNDECIDED
    )
    return {row.recommendation_id: row for row in rows.select_related("author").order_by("-pk")}


def _date_refusals(ids: Sequence[int]) -> dict[int, str]:
    """Where no other target date can be asked for, and why."""
    states: dict[int, set[str]] = {pk: set() for pk in ids}
    ledger = TargetDateChange.objects.filter(recommendation__in=ids)
    for pk, state in ledger.values_list("recommendation", "state"):
        states[pk].add(state)
    told = {}
    for pk, held in states.items():
        if not held:
            told[pk] = _("The recommendation has no target date yet. Leave this cell empty.")
        elif "requested" in held:
            told[pk] = _("Another date request awaits decision. Leave this cell empty.")
    return told


def _check(row: ReturnedRow, known: _Known, seen: set[str]) -> None:
    """Refuse what does not fit to what is there."""
    request = known.asked.get(row.reference)
    if request is None:
        row.refuse(Column.REFERENCE, _("This reference is not in the round."))
    elif request.organisation_id != known.organisation.pk:
        row.refuse(Column.REFERENCE, _("This row belongs to another organisation."))
    elif row.reference in seen:
        row.refuse(Column.REFERENCE, _("The file has another row with this reference."))
    seen.add(row.reference)
    if request is None or row.is_empty:
        return
    _check_reply(row, request.recommendation, known)
    if not row.errors:
        _check_values(row, request.recommendation, known)


def _check_reply(row: ReturnedRow, about: Any, known: _Known) -> None:
    """Refuse a reply that nobody may give so, or that does not answer."""
    if (other := known.open_updates.get(about.pk)) is not None:
        row.refuse(None, _there_text(other, known.by))
    if not permissions.can_log(known.by, about):
        row.refuse(None, _("You may not log updates on this recommendation."))
    as_of = row.values["as_of"]
    if as_of is not None and as_of > known.today:
        row.refuse(Column.AS_OF, _("The “as of” date must not be in the future."))
    if as_of is not None and as_of < known.round.as_of:
        told = _("The round asks for a status as of %s or later.")
        row.refuse(Column.AS_OF, told % date_format(known.round.as_of))
    for label in row.parts:
        if label.casefold() not in known.parts[about.pk]:
            row.refuse(Column.PARTS, _("The recommendation has no part “%s”.") % label[:20])
    if row.new_date is not None and about.pk in known.undated:
        row.refuse(Column.NEW_DATE, known.undated[about.pk])


def _there_text(update: StatusUpdate, by: User) -> str:
    if update.state == UpdateState.SUBMITTED:
        return _("An update by %s awaits review already.") % update.author
    if update.author_id == by.pk:
        return _("You have begun an update already. Complete or withdraw that one.")
    return _("%s has begun an update already.") % update.author


def _check_values(row: ReturnedRow, about: Any, known: _Known) -> None:
    """Ask the checks of the action, and tell each error at its column."""
    update = StatusUpdate(
        recommendation=about,
        author=known.by,
        last_editor=known.by,
        created_at=timezone.now(),
        **row.values,
    )
    _ask(row, lambda: check_content(update, known.today))
    if not row.errors:
        _ask(row, update.validate_constraints)
    for number, (title, address) in enumerate(row.evidence, 1):
        item = Evidence(**_evidence(title, address))
        for name, column in (("title", f"evidence_{number}"), ("url", f"address_{number}")):
            try:
                item._meta.get_field(name).clean(getattr(item, name), item)  # type: ignore[union-attr]
            except ValidationError as error:
                row.refuse(Column(column), " ".join(error.messages))


def _ask(row: ReturnedRow, check: Any) -> None:
    try:
        check()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in told.items():
            column = Column(name) if name in Column.values else None
            row.refuse(column, " ".join(messages))
