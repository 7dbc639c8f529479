"""Several “no change” at once: handed in by those who report, approved by a manager.

Each row is a move of its own, through the same door as on its own page: one that is refused is
named with the reason, and the others stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions
from recommendations.actions import decisions
from recommendations.actions.errors import ActionRefused
from recommendations.models import Recommendation, StatusUpdate
from recommendations.summaries.queue import no_changes_for
from recommendations.summaries.work import MOST_ROWS
from recommendations.views.access import actor, open_to
from recommendations.views.update_moves import confirm
from recommendations.views.writing import whole
from recommendations.vocabulary import UpdateKind


@require_POST
@open_to(permissions.can_write)
def work_no_change(request: HttpRequest) -> HttpResponse:
    """Confirm several updates in force as of today, and hand each in."""
    by = actor(request)
    ticked = request.POST.getlist("reference")[:MOST_ROWS]
    found = Recommendation.objects.visible_to(by).filter(reference__in=ticked)
    is_rated_again = "is_rated_again" in request.POST

    def act(recommendation: Recommendation) -> None:
        confirm(recommendation, by, is_rated_again=is_rated_again)

    done = _each(request, found.order_by("source", "number", "pk"), _reference, act)
    if done:
        messages.success(request, _("“No change” handed in for review: %s.") % ", ".join(done))
    elif not ticked:
        messages.warning(request, _("Nothing was ticked, so nothing was handed in."))
    return redirect("my-work")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_review)
def review_no_change(request: HttpRequest) -> HttpResponse:
    """Everything in the queue that says “no change”, to approve what is ticked at once."""
    if request.method == "POST":
        return _approve_ticked(request)
    rows = no_changes_for(request.user, MOST_ROWS)
    context = {"rows": rows, "today": timezone.localdate()}
    return render(request, "review/no_changes.html", context)


def _approve_ticked(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    ticked = [pk for text in request.POST.getlist("update")[:MOST_ROWS] if (pk := whole(text))]
    updates = StatusUpdate.objects.visible_to(by).filter(pk__in=ticked, kind=UpdateKind.NO_CHANGE)

    def act(update: StatusUpdate) -> None:
        seen = whole(request.POST.get(f"version-{update.pk}", "")) or 0
        decisions.approve(update=update, by=by, seen=seen)

    rows = updates.select_related("recommendation").order_by("submitted_at", "pk")
    done = _each(request, rows, lambda update: _reference(update.recommendation), act)
    if done:
        messages.success(request, _("“No change” approved: %s.") % ", ".join(done))
    elif not ticked:
        messages.warning(request, _("Nothing was ticked, so nothing was approved."))
    return redirect("review")


def _each(
    request: HttpRequest,
    things: Iterable[Any],
    name_of: Callable[[Any], str],
    act: Callable[[Any], None],
) -> list[str]:
    """Make one move on each thing; the names of those on which it was made.

    Each refusal becomes a message that names its row.
    """
    done = []
    for thing in things:
        name = name_of(thing)
        try:
            act(thing)
        except ValidationError as refusal:
            messages.error(request, f"{name}: {' '.join(refusal.messages)}")
        except (ActionRefused, PermissionDenied) as refusal:
            messages.error(request, f"{name}: {refusal}")
        else:
            done.append(name)
    return done


def _reference(recommendation: Recommendation) -> str:
    return recommendation.reference
