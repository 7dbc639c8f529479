"""Review: the queue, an update, a date, the decisions on them, and who can make them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import DEFAULT_DB_ALIAS
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import dates
from recommendations.actions.base import ActionRefused, together
from recommendations.actions.updates import decisions
from recommendations.actions.updates.decisions import (
    approval_obstacles,
    confirmation_text,
    differences_between,
)
from recommendations.actions.updates.drafts import CONTENT_FIELDS
from recommendations.characters import parse_int
from recommendations.choices import Role, UpdateState
from recommendations.forms.fields import Attempt, NoteForm, attempt
from recommendations.forms.updates import DecisionForm
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.permissions import Person
from recommendations.queries.cache import set_version, version_of
from recommendations.queries.dates import (
    DATE_CHANGE,
    finished_refusal,
    ledger_of,
    shown_date_change,
)
from recommendations.queries.deputies import principals_of
from recommendations.queries.evidence.claims import (
    DecisionEvidence,
    add_shown,
    compared,
    decision_evidence,
    evidence_change,
)
from recommendations.queries.evidence.items import decidable_changes
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.listed import column_names, columns_of
from recommendations.queries.people import approvers_of
from recommendations.queries.recommendations.detail import dates_url
from recommendations.queries.recommendations.structure import completed_labels, update_parts
from recommendations.queries.setup import role_holders
from recommendations.queries.shown import Shown
from recommendations.queries.undoing import decidable_imports
from recommendations.queries.updates.published import public_change
from recommendations.queries.updates.review_queue import (
    UPDATE,
    Place,
    in_force,
    last_return,
    listed_queue,
    next_in_queue,
    place_of,
    queue_of,
    shown_update,
    with_date,
)
from recommendations.queries.updates.tasks import kind_text
from recommendations.views.access import actor, next_path, open_to, recommendation_for
from recommendations.views.dates import ledger_page
from recommendations.views.editing import answer
from recommendations.views.updates.form import basis_context, needs, update_for

# ---- What the pages of Review show: the queue, and one update or one date change of it

NOTES = "review_notes"
"""Session key of notes that are not sent yet."""

CHIP_FIELDS = ("implementation_status", "confidence")


def review_page(
    request: HttpRequest,
    update: StatusUpdate | None,
    *,
    change: TargetDateChange | None = None,
    form: Form | None = None,
    refusal: ActionRefused | None = None,
    status: int = 200,
    queue: list[Place] | None = None,
) -> HttpResponse:
    """The queue at one side and one update, or one date change, at the other; else it alone.

    ``queue`` is that of who asks, where it is read already.
    """
    if refusal is not None:
        # What was refused may rest on what somebody recorded meanwhile.
        set_version(request.user, version_of(DEFAULT_DB_ALIAS))
    queue = queue_of(request.user) if queue is None else queue
    context = _context(request, queue, update, change, form) | {"refusal": refusal}
    return render(request, "review/review.html", context, status=status)


def _context(
    request: HttpRequest,
    queue: list[Place],
    update: StatusUpdate | None,
    change: TargetDateChange | None,
    form: Form | None,
) -> dict[str, Any]:
    person = request.user
    context = {
        "queue": queue,
        "imports": decidable_imports(person),
        "evidence_changes": decidable_changes(person),
        "today": timezone.localdate(),
        **counts(queue),
        "stands_in": bool(principals_of(person)),
    }
    if update is not None:
        at = place_of(update, person)
        place = next((place for place in queue if place.key == at.key), at)
        context |= item(update, person, place.date)
        along = context["along"]
        note = request.session.get(NOTES, {}).get(str(update.pk), "")
        form = form or DecisionForm(initial={"note": note}, has_date=along is not None)
        if along and isinstance(form, DecisionForm):
            form.offer_date(along["change"].old_date, along["change"].new_date)
    elif change is not None:
        context |= date_item(change.recommendation, change.pk, person)
        at = place_of(change, person)
        form = form or NoteForm()
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
        "dates": dates + sum(row.date > 0 for row in queue),
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
    *column_names("requested_by", "decided_by"),
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


def date_item(about: Recommendation, pk: int, person: Person) -> dict[str, Any]:
    """All that a manager needs to know of one date change to decide on it; one query."""
    ledger = ledger_of(about, person)
    [row] = [row for row in ledger.rows if row.pk == pk]
    return {
        "change": row,
        "recommendation": about,
        "why_not": finished_refusal(about) if row.is_waiting and about.is_finished else "",
        "ledger": ledger,
        "decision_shown": shown_date_change(row, about, ledger),
        "asked_it": row.requested_by_id == person.pk,
        "may_withdraw": row.is_waiting
        and permissions.can_withdraw_date(person, row.requested_by_id),
    }


def item(update: StatusUpdate, person: Person, date_change: int) -> dict[str, Any]:
    """All that a manager needs to know of one update to decide on it.

    ``date_change`` is the id of the date change that is decided in the same step, 0 without one;
    what is known of it is ``along``.
    """
    earlier = update.corrects or update.retracts or update.based_on
    now = in_force(update)
    along = None
    if date_change:
        about = update.recommendation
        about.current_update = now  # it is read already
        along = date_item(about, date_change, person)
    evidence = decision_evidence([update], person, timezone.localdate())[update.pk]
    add_shown(evidence.own, person)
    parts = update_parts(update)
    relation = basis_context(update, now)
    return {
        "update": update,
        "completed_parts": completed_labels(parts),
        "recommendation": update.recommendation,
        "kind": kind_text(update),
        "is_continuous": update.recommendation.is_continuous,
        "earlier": earlier,
        "along": along,
        "evidence_groups": compared(evidence),
        "answers": [row.pk for row in evidence.own if row.may_answer],
        "decision_shown": shown_update(update, now, evidence.shown),
        "contradictions": len(evidence.open),
        "confirmation": confirmation_text(len(evidence.open)),
        **_approval(update, person, now, evidence, parts),
        **changes_of(update, earlier),
        **relation,
        "since_basis": (
            differences_between(update.based_on, now) if relation["is_basis_changed"] else []
        ),
        "wrote_it": update.author_id == person.pk or person.pk in update.editor_ids(),
        "public": public_change(
            *(update, now),
            new_date=along["change"].new_date if along else None,
            has_request=along is not None,
        )
        if update.state == UpdateState.SUBMITTED
        else None,
    }


def review_shown(update: StatusUpdate, person: Person) -> Shown | None:
    """What this page shows of an update that waits for a decision, to be decided on as seen."""
    if update.state != UpdateState.SUBMITTED:
        return None
    evidence = decision_evidence([update], person, timezone.localdate())[update.pk]
    return shown_update(update, in_force(update), evidence.shown)


def _approval(
    update: StatusUpdate,
    person: Person,
    now: StatusUpdate | None,
    evidence: DecisionEvidence,
    parts: list[Any],
) -> dict[str, Any]:
    """What approval of an update lacks and changes, and what keeps this person from it.

    Nothing once it is decided.
    """
    if update.state != UpdateState.SUBMITTED:
        return {"needs": [], "obstacles": []}
    missing = needs(update, now, evidence.at_approval, parts)
    return {
        "needs": missing,
        "obstacles": approval_obstacles(update, person, now, missing),
        "evidence_change": evidence_change(evidence, now),
    }


def changes_of(update: StatusUpdate, earlier: StatusUpdate | None) -> dict[str, Any]:
    """What differs from the update before, and, of one returned earlier, from what it said then.

    ``changes`` are pairs of both differences of one field, either of which may be none.
    """
    returned = last_return(update)
    against = {each.field: each for each in differences_between(earlier, update)}
    then = returned.update if returned else update
    since = {each.field: each for each in differences_between(then, update)}
    names = [name for name in CONTENT_FIELDS if name in against or name in since]
    return {
        "returned": returned,
        "changes": [
            Change(
                field_label(update, name),
                field_text(update, name),
                against.get(name),
                since.get(name),
            )
            for name in names
            if name not in CHIP_FIELDS
        ],
        "changed": against.keys(),
        "since": since,
        "changed_since": ", ".join(capfirst(each.label) for each in since.values()),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """One field: how it differs from the update before, and since the update was returned."""

    label: str
    text: str
    against: Difference | None
    since: Difference | None


def keep_note(request: HttpRequest) -> None:
    """Keep a note that was typed beside a button which does not send it, until it is sent."""
    note, pk = request.POST.get("note", ""), request.POST.get("update", "")
    if note.strip() and pk.isdigit():
        request.session[NOTES] = {**request.session.get(NOTES, {}), pk[:18]: note[:20_000]}


# ---- Review: the queue, an update, a date, and the decisions on them


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
def update_decide(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    """Approve an update, or return it to its author with a note, and continue with the next."""
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
    notes = request.session.get(NOTES, {})
    if str(pk) in notes:
        request.session[NOTES] = {key: note for key, note in notes.items() if key != str(pk)}
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
    form: DecisionForm | NoteForm,
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
        return _("Update on %s approved. It is now current.") % reference
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
def date_decide(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    """Change the date as requested, or leave it as it is, with a note."""
    change = change_for(request.user, pk)
    is_in_queue = request.POST.get("from") == QUEUE
    form = NoteForm(request.POST)

    def page(attempted: Attempt) -> HttpResponse:
        """The page from which it was sent, with what was typed and why it was not done."""
        given: dict[str, Any] = {"refusal": attempted.refusal, "status": attempted.status}
        if is_in_queue:
            now = change_for(request.user, pk)
            return review_page(request, None, change=now, form=form, **given)
        found = recommendation_for(request.user, change.recommendation.reference)
        return ledger_page(request, found, decision_form=form, **given)

    return answer(
        request,
        form,
        lambda: _decide_change(request, form, change, is_approved=is_approved),
        page,
        done=_date_done_text(change, is_approved=is_approved),
        to=_url_after(request, (1, pk)) if is_in_queue else dates_url(change.recommendation),
        apart=(ActionRefused,),
    )


def _date_done_text(change: TargetDateChange, *, is_approved: bool) -> str:
    reference = change.recommendation.reference
    if is_approved and change.new_date is None:
        return _("%s: target date removed.") % reference
    if is_approved:
        return _("%s: target date changed.") % reference
    return _("%s: target date unchanged. The request stays on record with its reason.") % reference


# ---- Who can approve what is reported on a recommendation, and why others cannot


@require_safe
@open_to(permissions.can_read_internally)
def recommendation_approvers(request: HttpRequest, reference: str) -> HttpResponse:
    """The managers with what each can do, and the other roles."""
    found = recommendation_for(request.user, reference)
    context = {
        "recommendation": found,
        "approvers": approvers_of(found),
        "others": [each for each in role_holders() if each.count and each.role != Role.MANAGER],
        "may_read_drafts": permissions.can_read_drafts(request.user),
        "may_set_up": permissions.can_set_up(request.user),
    }
    return render(request, "recommendations/approvers.html", context)
