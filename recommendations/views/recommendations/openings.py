"""A batch of opening statuses: its rows, its approval, and undoing it."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions.base import ActionRefused
from recommendations.actions.imports import openings
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.recommendations import ApproveBatchForm, LeaveOutForm, ReasonForm
from recommendations.models import OpeningBatch, OpeningRow, User
from recommendations.permissions import Person
from recommendations.queries.bulk_changes import import_of
from recommendations.queries.cache import version_for
from recommendations.queries.openings import (
    BATCH,
    UNDO,
    review_of,
    rows_of,
    shown_batch,
    shown_taken_back,
    worked_on,
)
from recommendations.queries.shown import Shown
from recommendations.queries.undoing import request_of
from recommendations.views.access import actor, open_to
from recommendations.views.editing import Edit, edit_page
from recommendations.views.lists import requested_page
from recommendations.views.undoing import undo_page

MOST_NAMED = 20
ROWS_A_PAGE = 25


@edit_page(permissions.can_read_drafts)
def opening_batch(request: HttpRequest, pk: int) -> Edit:
    """What a batch holds, and its approval by a second person."""
    batch, person = batch_for(request.user, pk), request.user

    def approve(by: User, values: dict[str, Any], seen: Shown) -> OpeningBatch:
        return openings.approve_batch(batch=batch, by=by, seen=seen, **values)

    def beside(attempted: Attempt) -> dict[str, Any]:
        now = batch if attempted.is_done else batch_for(person, pk)
        since = version_for(person).sequence  # before the rows are read
        review = review_of(now)
        return {
            "batch": now,
            "review": review,
            "page": requested_page(request, Paginator(review.rows, ROWS_A_PAGE)),
            "shown": shown_batch(review, since),
            "may_approve": now.is_waiting and permissions.can_decide_batch(person, now),
            "may_undo": now.undone_at is None and permissions.can_undo_batch(person, now),
            "waiting": request_of(now),
        }

    return Edit(
        approve,
        _("The opening statuses are approved and current."),
        batch,
        form=ApproveBatchForm,
        decides=(BATCH, pk),
        template="openings/batch.html",
        beside=beside,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import)
def opening_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What undoing a batch would do: one that waits is withdrawn at once, another by two people."""
    batch = batch_for(request.user, pk)
    to, template = batch.get_absolute_url(), "openings/undo.html"
    if batch.decided_at is not None:
        undo = partial(openings.undo_statuses, seen=Shown.sent(request.POST, UNDO, pk))
        return undo_page(
            request,
            batch,
            undo,
            to=lambda _made: to,
            template=template,
            beside=lambda _attempted: _effects(batch_for(request.user, pk)),
        )

    def withdraw(by: User, values: dict[str, Any]) -> OpeningBatch:
        return openings.withdraw_batch(batch=batch, by=by, **values)

    may = batch.undone_at is None and permissions.can_undo_batch(request.user, batch)
    return Edit(
        withdraw,
        _("Import undone"),
        to,
        form=ReasonForm,
        template=template,
        beside=lambda _attempted: {"may_undo": may, **_effects(batch)},
    ).answer(request)


def _effects(batch: OpeningBatch) -> dict[str, Any]:
    """What undoing a batch takes back, and what stays."""
    count = openings.undoable(batch).count()
    stay = list(worked_on(batch)[: MOST_NAMED + 1]) if batch.decided_at else []
    return {
        "batch": batch,
        "count": count,
        "shown": shown_taken_back(batch, count),
        "rows": batch.rows.count(),
        "stay": stay[:MOST_NAMED],
        "has_more": len(stay) > MOST_NAMED,
        "whole": import_of(batch),
    }


@require_safe
@open_to(permissions.can_read_drafts)
def opening_row(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One row: what the file said, and what becomes of it."""
    return _row_page(request, row_for(request.user, pk, number), LeaveOutForm())


@require_POST
@open_to(permissions.can_import)
def opening_leave_out(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Leave one row out of the batch, with the reason."""
    row = row_for(request.user, pk, number)
    form = LeaveOutForm(request.POST)
    attempted = attempt(
        form, lambda: openings.leave_out(row=row, by=actor(request), **form.cleaned_data)
    )
    if not attempted.is_done:
        return _row_page(request, row_for(request.user, pk, number), form, attempted.status)
    messages.success(request, _("Row %(n)d was left out.") % {"n": number})
    return redirect(row.batch)


@require_POST
@open_to(permissions.can_write)
def opening_draft(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Begin a draft with what a row that was left out says."""
    row = row_for(request.user, pk, number)
    try:
        draft = openings.go_on_with_row(row=row, by=actor(request))
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(row)
    return redirect(draft)


def _row_page(
    request: HttpRequest, row: OpeningRow, form: LeaveOutForm, status: int = 200
) -> HttpResponse:
    batch, person = row.batch, request.user
    is_kept = batch.is_waiting and row.left_out_at is None
    may_log = permissions.can_log(person, row.recommendation)
    context = {
        "batch": batch,
        "row": row,
        "form": form,
        "recommendation": row.recommendation,
        "may_leave_out": is_kept and permissions.can_undo_batch(person, batch),
        "may_draft": row.left_out_at is not None and row.draft_id is None and may_log,
    }
    return render(request, "openings/row.html", context, status=status)


def batch_for(person: Person, pk: int) -> OpeningBatch:
    """A batch that the person may see, with its people; else 404."""
    rows = OpeningBatch.objects.visible_to(person).with_stays()
    people = ("source", "submitted_by", "decided_by", "undone_by")
    found: OpeningBatch = get_object_or_404(rows.select_related(*people), pk=pk)
    return found


def row_for(person: Person, pk: int, number: int) -> OpeningRow:
    """One row of a batch that the person may see; else 404."""
    batch = batch_for(person, pk)
    rows = rows_of(batch).select_related("recommendation__lead", "left_out_by", "draft")
    row: OpeningRow = get_object_or_404(rows, number=number)
    row.batch = batch
    return row
