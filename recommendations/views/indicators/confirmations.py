"""Confirming values as a second person: one by one, or those of an import at once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import confirmations
from recommendations.actions.errors import ActionRefused, NotAsSeen, StaleWrite
from recommendations.models import ImportRun, Indicator
from recommendations.queries.indicators.agreement import (
    MOST_LISTED,
    disagreements_of,
    observation_disagreement,
)
from recommendations.queries.indicators.confirmations import (
    IMPORT,
    VALUE,
    awaiting_of_import,
    shown_import,
    shown_value,
    values_of_import,
)
from recommendations.queries.indicators.values import (
    ValueRow,
    observation_row,
    value_detail,
    with_record,
)
from recommendations.queries.shown import Shown
from recommendations.views.access import actor, open_to

VALUES_SHOWN = 500
"""Values of an import that its page lists one by one."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def value_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """One value with all that is known of it, and its confirmation."""
    row: Any = get_object_or_404(with_record(request.user), pk=pk)
    stale, refusal = None, None
    if request.method == "POST":
        seen = Shown.sent(request.POST, VALUE, pk)
        try:
            confirmations.confirm_value(observation=row, by=actor(request), seen=seen)
        except StaleWrite as newer:
            stale = newer
        except NotAsSeen as changed:
            refusal, row = changed, get_object_or_404(with_record(request.user), pk=pk)
        else:
            messages.success(request, _("Value confirmed."))
            return redirect(row.indicator)
    page = {
        "indicator": row.indicator,
        "view": value_detail(row, request.user),
        "state": row.confirmation_state,
        "is_own": row.recorded_by_id == request.user.pk,
        "may_confirm": permissions.can_confirm(request.user, row),
        "stale": stale,
        "refusal": refusal,
        "shown": shown_value(row),
        "disagreement": observation_disagreement(row.indicator, row),
    }
    return render(request, "figures/confirm.html", page, status=409 if stale or refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def import_detail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One import of values, with those that await confirmation, confirmed all at once."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    runs = ImportRun.objects.select_related("indicator", "by", "undone_by")
    run = get_object_or_404(runs, indicator=indicator.pk, pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            seen = Shown.sent(request.POST, IMPORT, pk)
            made = confirmations.confirm_import(run=run, by=actor(request), seen=seen)
        except ActionRefused as error:
            refusal = error
        else:
            words = ngettext("%d value confirmed.", "%d values confirmed.", len(made))
            messages.success(request, words % len(made))
            return redirect("import-detail", code, pk)
    awaiting = list(awaiting_of_import(run))
    total = run.new + run.revised if run.undone_at else len(awaiting)
    page = {
        "indicator": indicator,
        "run": run,
        "rows": _rows_of(run, awaiting[:VALUES_SHOWN]),
        "disagreements": disagreements_of(indicator, import_run=run.pk)[:MOST_LISTED],
        "total": total,
        "more": max(0, total - VALUES_SHOWN),
        "shown": shown_import(run, awaiting),
        "is_own": run.by_id == request.user.pk,
        "may_confirm": permissions.can_confirm_import(request.user, run),
        "may_undo": run.undone_at is None and permissions.can_undo_import(request.user),
        "refusal": refusal,
    }
    return render(request, "indicators/import_detail.html", page, status=409 if refusal else 200)


def _rows_of(run: ImportRun, awaiting: Sequence[Any]) -> list[tuple[int, ValueRow]]:
    """Values that a table lists: those to be confirmed, or what an undone import brought."""
    brought = values_of_import(run)[:VALUES_SHOWN] if run.undone_at else awaiting
    rows = [(found.pk, observation_row(found, run.indicator.decimals)) for found in brought]
    if run.undone_at:
        return rows
    # Without their first mark: all are unconfirmed.
    return [(pk, replace(row, marks=row.marks[1:])) for pk, row in rows]
