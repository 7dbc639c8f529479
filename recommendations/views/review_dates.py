"""Deciding on date changes: in the review queue, or in place beside the ledger."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import dates
from recommendations.actions.errors import ActionRefused
from recommendations.forms.dates import DateDecisionForm
from recommendations.models import TargetDateChange
from recommendations.summaries.queue import next_in_queue, queue_of
from recommendations.views.access import actor, open_to
from recommendations.views.dates import ledger_page
from recommendations.views.review import change_for, review_page
from recommendations.views.writing import recommendation_for

QUEUE = "queue"
"""What a form sends as ``from`` when it stands in the queue and not beside the ledger."""


@require_safe
@open_to(permissions.can_review)
def review_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue, with one date change open: to decide on, or with what became of it."""
    return review_page(request, None, change=change_for(request.user, pk))


@require_POST
@open_to(permissions.can_review)
def date_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the date move, as asked."""
    return _decide(request, pk, is_approved=True)


@require_POST
@open_to(permissions.can_review)
def date_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the date as it is, with a note."""
    return _decide(request, pk, is_approved=False)


def _decide(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    change = change_for(request.user, pk)
    is_in_queue = request.POST.get("from") == QUEUE
    following = None
    if is_in_queue:
        following = next_in_queue(queue_of(request.user), reverse("review-date", args=[pk]))
    form = DateDecisionForm(request.POST)
    if not form.is_valid():
        return _again(request, change, form, 400)
    move = dates.approve if is_approved else dates.reject
    try:
        move(date_change=change, by=actor(request), note=form.cleaned_data["note"])
    except ValidationError as error:
        form.add_error("note", list(error.messages))
        return _again(request, change, form, 400)
    except ActionRefused as refusal:
        return _again(request, change, form, 409, refusal)
    messages.success(request, _in_words(change, is_approved=is_approved))
    if is_in_queue:
        return redirect(following.url if following else "review")
    return redirect("recommendation-dates", change.recommendation.reference)


def _again(
    request: HttpRequest,
    change: TargetDateChange,
    form: DateDecisionForm,
    status: int,
    refusal: ActionRefused | None = None,
) -> HttpResponse:
    """The page from which it was sent, with what was typed and why it was not done."""
    if request.POST.get("from") == QUEUE:
        change = change_for(request.user, change.pk)
        return review_page(request, None, change=change, form=form, refusal=refusal, status=status)
    found = recommendation_for(request.user, change.recommendation.reference)
    return ledger_page(request, found, decision_form=form, refusal=refusal, status=status)


def _in_words(change: TargetDateChange, *, is_approved: bool) -> str:
    reference = change.recommendation.reference
    if is_approved and change.new_date is None:
        return _("%s: there is no date any more.") % reference
    if is_approved:
        return _("%s: the date has moved.") % reference
    return _("%s: the date stays. The request stays on record with its reason.") % reference
