"""Review: the queue, an update, a date, and the decisions on them."""

from typing import Any

from django.contrib import messages
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import dates
from recommendations.actions.errors import ActionRefused
from recommendations.actions.updates import decisions
from recommendations.actions.updates.decisions import (
    approval_obstacles,
    confirmation_text,
    differences_between,
)
from recommendations.choices import UpdateState
from recommendations.forms.dates import DateDecisionForm
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.updates import DecisionForm
from recommendations.models import StatusUpdate, TargetDateChange
from recommendations.permissions import Person
from recommendations.queries.cache import Drawing
from recommendations.queries.columns import columns_of, names_of
from recommendations.queries.dates import (
    DATE_CHANGE,
    finished_refusal,
    ledger_of,
    shown_date_change,
)
from recommendations.queries.evidence.claims import add_shown
from recommendations.queries.evidence.decision import compared, decision_evidence
from recommendations.queries.frame import set_version, version_for, version_of
from recommendations.queries.shown import Shown
from recommendations.queries.updates.in_force import in_force
from recommendations.queries.updates.my_work import dates_asked_by, kind_text, written_by
from recommendations.queries.updates.review_queue import (
    Place,
    listed_queue,
    place_of,
    queue_of,
    url_after,
)
from recommendations.queries.updates.shown import UPDATE, shown_update
from recommendations.views.access import actor, open_to, recommendation_for
from recommendations.views.dates import ledger_page
from recommendations.views.updates.form import (
    basis_context,
    needs,
    update_for,
)

NOTES = "review_notes"
"""Session key of notes that are not sent yet."""

CHIP_FIELDS = ("implementation_status", "confidence")


@require_safe
@open_to(permissions.can_review)
def review(request: HttpRequest) -> HttpResponse:
    """The queue, with its first update open."""
    queue = queue_of(request.user)
    if not queue:
        return review_page(request, None)
    return _kept_page(request, queue[0].pk, is_date=bool(queue[0].is_date))


@require_safe
@open_to(permissions.can_review)
def review_item(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue, with one update open: to decide on, or with what became of it."""
    return _kept_page(request, pk, is_date=False)


def _kept_page(request: HttpRequest, pk: int, *, is_date: bool) -> HttpResponse:
    """The page as it stands; drawn once for a person, until something is recorded or noted."""
    person = request.user
    rows: Any = TargetDateChange if is_date else StatusUpdate
    visible = rows.objects.visible_to(person).values(reference=F("recommendation__reference"))
    named = get_object_or_404(visible, pk=pk)

    def read() -> dict[str, Any]:
        if is_date:
            return review_context(request, None, change_for(person, pk))
        return review_context(request, update_for(person, pk), None)

    kept = Drawing(
        "a review",
        f"person {person.pk}",
        version_for(person).hash,
        (is_date, pk, "" if is_date else kept_note(request, pk)),
        read,
    )
    return render(request, "review/review.html", {"recommendation": named, "kept_main": kept})


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
    form = DecisionForm(request.POST)

    def decide() -> StatusUpdate:
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
    decided = attempted.made
    messages.success(request, _done_text(decided, is_approved=is_approved))
    return redirect(url_after(place_of(decided, request.user), request.user) or "review")


def _done_text(update: StatusUpdate, *, is_approved: bool) -> str:
    reference = update.recommendation.reference
    if is_approved:
        return _("%s: approved.") % reference
    return _("%(reference)s: returned to %(author)s with your note.") % {
        "reference": reference,
        "author": update.author,
    }


def review_page(
    request: HttpRequest,
    update: StatusUpdate | None,
    *,
    change: TargetDateChange | None = None,
    form: Form | None = None,
    refusal: ActionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The queue at one side and one update, or one date change, at the other."""
    if refusal is not None:
        # What was refused may rest on what somebody recorded meanwhile.
        set_version(request.user, version_of(DEFAULT_DB_ALIAS))
    context = review_context(request, update, change, form) | {"refusal": refusal}
    return render(request, "review/review.html", context, status=status)


def review_context(
    request: HttpRequest,
    update: StatusUpdate | None,
    change: TargetDateChange | None,
    form: Form | None = None,
) -> dict[str, Any]:
    """What the page shows; without an update and a date change the queue alone."""
    person = request.user
    queue = queue_of(person)
    context: dict[str, Any] = {
        "queue": queue,
        "mine": written_by(person)[UpdateState.SUBMITTED],
        "asked": dates_asked_by(person),
        "today": timezone.localdate(),
        **counts(queue),
    }
    if update is not None:
        context |= item(update, person)
        at = place_of(update, person)
        form = form or DecisionForm(initial={"note": kept_note(request, update.pk)})
    elif change is not None:
        context |= date_item(change, person)
        at = place_of(change, person)
        form = form or DateDecisionForm()
    else:
        return context
    shown, following = listed_queue(queue, at)
    return context | {
        "url": at.url,
        "shown": shown,
        "form": form,
        "following": following,
        "may_decide": any(place.key == at.key for place in queue),
    }


def counts(queue: list[Place]) -> dict[str, Any]:
    """What the sentence above the queue counts."""
    dates = sum(row.is_date for row in queue)
    return {
        "updates": len(queue) - dates,
        "dates": dates,
        "no_changes": sum(row.is_no_change for row in queue),
        "oldest": min((row.since for row in queue), default=None),
        "for_me": sum(row.rank == 0 for row in queue),
    }


def change_for(person: Person, pk: int) -> TargetDateChange:
    """A date change that the person may see, with what its pages name; else 404."""
    rows = TargetDateChange.objects.visible_to(person).select_related(
        "recommendation__current_update", "requested_by", "decided_by"
    )
    return get_object_or_404(rows.only(*_OF_CHANGE), pk=pk)


_OF_CHANGE = (
    *columns_of(TargetDateChange),
    *names_of("requested_by", "decided_by"),
    "requested_by__is_demonstration",
    *(
        f"recommendation__{name}"
        for name in ("version", "source", "reference", "title", "nature", "target_date")
    ),
    *("recommendation__reviewer", "recommendation__archived_at"),
    *(
        f"recommendation__current_update__{name}"
        for name in ("implementation_status", "as_of", "completed_on")
    ),
)
"""Columns of a date change that its pages name."""


def date_item(change: TargetDateChange, person: Person) -> dict[str, Any]:
    """All that a manager needs to know of one date change to decide on it."""
    ledger = ledger_of(change.recommendation, person)
    [row] = [row for row in ledger.rows if row.pk == change.pk]
    about = change.recommendation
    return {
        "change": row,
        "recommendation": about,
        "why_not": finished_refusal(about) if row.is_waiting and about.is_finished else "",
        "ledger": ledger,
        "decision_shown": shown_date_change(row, change.recommendation, ledger),
        "asked_it": change.requested_by_id == person.pk,
        "may_withdraw": row.is_waiting
        and permissions.can_withdraw_date(person, change.requested_by_id),
    }


def item(update: StatusUpdate, person: Person) -> dict[str, Any]:
    """All that a manager needs to know of one update to decide on it."""
    earlier = update.corrects or update.retracts or update.based_on
    now = in_force(update)
    evidence = decision_evidence([update], person, timezone.localdate())[update.pk]
    add_shown(evidence.own, person)
    is_waiting = update.state == UpdateState.SUBMITTED
    missing = needs(update, now, evidence.at_approval) if is_waiting else []
    obstacles = approval_obstacles(update, person, now, missing) if is_waiting else []
    changes = differences_between(earlier, update)
    relation = basis_context(update, now)
    return {
        "update": update,
        "recommendation": update.recommendation,
        "kind": kind_text(update),
        "is_continuous": update.recommendation.is_continuous,
        "earlier": earlier,
        "changes": [change for change in changes if change.field not in CHIP_FIELDS],
        "changed": {change.field for change in changes},
        "evidence_groups": compared(evidence),
        "decision_shown": shown_update(update, now, evidence.shown),
        "contradictions": len(evidence.open),
        "confirmation": confirmation_text(len(evidence.open)),
        "needs": missing,
        "obstacles": obstacles,
        **relation,
        "since_basis": (
            differences_between(update.based_on, now) if relation["is_basis_changed"] else []
        ),
        "wrote_it": update.author_id == person.pk or person.pk in update.editor_ids(),
    }


def keep_note(request: HttpRequest) -> None:
    """Keep a note that was typed beside a button which does not send it, until it is sent."""
    note, pk = request.POST.get("note", ""), request.POST.get("update", "")
    if note.strip() and pk.isdigit():
        request.session[NOTES] = {**request.session.get(NOTES, {}), pk[:18]: note[:20_000]}


def kept_note(request: HttpRequest, pk: int) -> str:
    """The note on an update that was kept, if any."""
    note: str = request.session.get(NOTES, {}).get(str(pk), "")
    return note


def forget_note(request: HttpRequest, pk: int) -> None:
    """The note is sent: it need not be kept."""
    notes = request.session.get(NOTES, {})
    if str(pk) in notes:
        request.session[NOTES] = {key: note for key, note in notes.items() if key != str(pk)}


QUEUE = "queue"
"""What a form in the queue sends as ``from``; the one of the ledger does not."""


@require_safe
@open_to(permissions.can_review)
def review_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue, with one date change open: to decide on, or with what became of it."""
    return _kept_page(request, pk, is_date=True)


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
    following = None
    if is_in_queue:
        following = url_after(place_of(change, request.user), request.user)
    form = DateDecisionForm(request.POST)
    decide = dates.approve_date_change if is_approved else dates.reject_date_change
    attempted = attempt(
        form,
        lambda: decide(
            date_change=change,
            by=actor(request),
            note=form.cleaned_data["note"],
            seen=Shown.sent(request.POST, DATE_CHANGE, pk),
        ),
        shown_apart=(ActionRefused,),
    )
    if not attempted.is_done:
        return _again(request, change, form, attempted)
    messages.success(request, _date_done_text(change, is_approved=is_approved))
    if is_in_queue:
        return redirect(following or "review")
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
