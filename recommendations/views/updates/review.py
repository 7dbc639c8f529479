"""Review: the queue, an update, a date, and the decisions on them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import dates
from recommendations.actions.base import together
from recommendations.actions.errors import ActionRefused
from recommendations.actions.updates import decisions
from recommendations.forms.dates import DateDecisionForm
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.updates import DecisionForm
from recommendations.models import StatusUpdate, TargetDateChange
from recommendations.models.fields import parse_int
from recommendations.queries.dates import DATE_CHANGE
from recommendations.queries.shown import Shown
from recommendations.queries.updates.review_queue import (
    Place,
    next_in_queue,
    queue_of,
    with_date,
)
from recommendations.queries.updates.shown import UPDATE
from recommendations.views.access import actor, next_path, open_to, recommendation_for
from recommendations.views.dates import ledger_page
from recommendations.views.updates.form import update_for
from recommendations.views.updates.review_page import (
    change_for,
    forget_note,
    review_page,
)


@require_safe
@open_to(permissions.can_review)
def review(request: HttpRequest) -> HttpResponse:
    """The queue, with its first update open."""
    queue = queue_of(request.user)
    if not queue:
        return review_page(request, None, queue=queue)
    return _page(request, queue[0].pk, is_date=bool(queue[0].is_date), queue=queue)


@require_safe
@open_to(permissions.can_review)
def review_item(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue, with one update open: to decide on, or with what became of it."""
    return _page(request, pk, is_date=False)


def _page(
    request: HttpRequest, pk: int, *, is_date: bool, queue: list[Place] | None = None
) -> HttpResponse:
    if is_date:
        return review_page(request, None, change=change_for(request.user, pk), queue=queue)
    return review_page(request, update_for(request.user, pk), queue=queue)


@require_POST
@open_to(permissions.can_review)
def update_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve an update, and continue with the next."""
    return _decide(request, pk, is_approved=True)


@require_POST
@open_to(permissions.can_review)
def update_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Return an update to its author, with a note on what is to be done."""
    return _decide(request, pk, is_approved=False)


def _decide(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    change = _date_along(request, pk)
    form = DecisionForm(request.POST, has_date=change is not None)
    to = _url_after(request, (0, pk))

    def decide() -> StatusUpdate:
        if change is None:
            return _decide_update(request, form, pk, is_approved=is_approved)
        decided: StatusUpdate = together(
            actor(request),
            lambda: _decide_update(request, form, pk, is_approved=is_approved),
            lambda: _decide_change(request, form, change, is_approved=form.approves_date),
        )[0]
        return decided

    try:
        attempted = attempt(form, decide, shown_apart=(ActionRefused,))
    except StatusUpdate.DoesNotExist as error:
        raise Http404 from error
    if not attempted.is_done:
        update = update_for(request.user, pk)
        return review_page(
            request, update, form=form, refusal=attempted.refusal, status=attempted.status
        )
    forget_note(request, pk)
    messages.success(request, _done_text(attempted.made, is_approved=is_approved))
    if not is_approved and not attempted.made.author.is_active:
        messages.warning(request, _nobody_text(attempted.made))
        to = attempted.made.get_absolute_url()
    if change is not None:
        messages.success(request, _date_done_text(change, is_approved=form.approves_date))
    return redirect(to)


def _url_after(request: HttpRequest, key: tuple[int, int]) -> str:
    """Where a decision leads: to what its page named as next, else to what the queue has after it.

    The page has read the queue; a decision need not.
    """
    if to := next_path(request, "after"):
        return to
    following = next_in_queue(queue_of(request.user), key)
    return following.url if following else reverse("review")


def _date_along(request: HttpRequest, pk: int) -> TargetDateChange | None:
    """The date change that the page showed with the update, of the same recommendation."""
    if "date" not in request.POST:
        return None
    change = change_for(request.user, parse_int(request.POST["date"]) or 0)
    if not change.recommendation.updates.filter(pk=pk).exists():
        raise Http404
    return change


def _decide_update(
    request: HttpRequest, form: DecisionForm, pk: int, *, is_approved: bool
) -> StatusUpdate:
    given: dict[str, Any] = {
        "update": StatusUpdate(pk=pk),
        "by": actor(request),
        "note": form.cleaned_data["note"],
        "seen": Shown.sent(request.POST, UPDATE, pk),
    }
    if not is_approved:
        return decisions.return_update(**given)
    confirmed = form.cleaned_data["confirm_contradictions"]
    return decisions.approve_update(**given, confirm_contradictions=confirmed)


def _decide_change(
    request: HttpRequest,
    form: DecisionForm | DateDecisionForm,
    change: TargetDateChange,
    *,
    is_approved: bool,
) -> TargetDateChange:
    decide = dates.approve_date_change if is_approved else dates.reject_date_change
    return decide(
        date_change=change,
        by=actor(request),
        note=form.cleaned_data["note"],
        seen=Shown.sent(request.POST, DATE_CHANGE, change.pk),
    )


def _done_text(update: StatusUpdate, *, is_approved: bool) -> str:
    reference = update.recommendation.reference
    if is_approved:
        return _("%s: approved.") % reference
    return _("%(reference)s: returned to %(author)s with your note.") % {
        "reference": reference,
        "author": update.author,
    }


def _nobody_text(update: StatusUpdate) -> str:
    told = {"author": update.author}
    return _("The account of %(author)s is closed. Hand the update over to a new author.") % told


QUEUE = "queue"
"""What a form in the queue sends as ``from``; the one of the ledger does not."""


@require_safe
@open_to(permissions.can_review)
def review_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue, with one date change open: to decide on, or with what became of it.

    Where an update of the same recommendation waits, both are decided on its page.
    """
    if place := with_date(queue_of(request.user), pk):
        return redirect(place.url)
    return _page(request, pk, is_date=True)


@require_POST
@open_to(permissions.can_review)
def date_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the date as requested."""
    return _decide_date(request, pk, is_approved=True)


@require_POST
@open_to(permissions.can_review)
def date_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the date as it is, with a note."""
    return _decide_date(request, pk, is_approved=False)


def _decide_date(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    change = change_for(request.user, pk)
    is_in_queue = request.POST.get("from") == QUEUE
    to = _url_after(request, (1, pk)) if is_in_queue else ""
    form = DateDecisionForm(request.POST)
    attempted = attempt(
        form,
        lambda: _decide_change(request, form, change, is_approved=is_approved),
        shown_apart=(ActionRefused,),
    )
    if not attempted.is_done:
        return _again(request, change, form, attempted)
    messages.success(request, _date_done_text(change, is_approved=is_approved))
    if is_in_queue:
        return redirect(to)
    return redirect("recommendation-dates", change.recommendation.reference)


def _again(
    request: HttpRequest,
    change: TargetDateChange,
    form: DateDecisionForm,
    attempted: Attempt,
) -> HttpResponse:
    """The page from which it was sent, with what was typed and why it was not done."""
    refusal, status = attempted.refusal, attempted.status
    if request.POST.get("from") == QUEUE:
        change = change_for(request.user, change.pk)
        return review_page(request, None, change=change, form=form, refusal=refusal, status=status)
    found = recommendation_for(request.user, change.recommendation.reference)
    return ledger_page(request, found, decision_form=form, refusal=refusal, status=status)


def _date_done_text(change: TargetDateChange, *, is_approved: bool) -> str:
    reference = change.recommendation.reference
    if is_approved and change.new_date is None:
        return _("%s: target date removed.") % reference
    if is_approved:
        return _("%s: target date changed.") % reference
    return _("%s: target date unchanged. The request stays on record with its reason.") % reference
