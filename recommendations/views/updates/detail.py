"""The page of an update, and transitions of one or many that need no form of their own."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions, transitions
from recommendations.actions.base import (
    AlreadyBegun,
    BasisChanged,
    ConditionsNotMet,
    NotAsSeen,
    TransitionConflict,
)
from recommendations.actions.updates import decisions, drafts, steering
from recommendations.actions.updates.decisions import differences_between
from recommendations.actions.updates.drafts import TEXT_FIELDS
from recommendations.characters import parse_int
from recommendations.choices import UpdateKind, UpdateState
from recommendations.forms.evidence import AnswerForm, ContradictionForm, EndForm, EvidenceForm
from recommendations.forms.fields import Attempt
from recommendations.forms.updates import (
    HandOverForm,
    NoChangeForm,
    RetractionForm,
    SteeringForm,
    WithdrawalForm,
)
from recommendations.models import (
    AuditEvent,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    SteeringDecision,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.claims import add_shown, claims_of, may_attach
from recommendations.queries.fields import labelled_values
from recommendations.queries.recommendations.status_text import not_stated
from recommendations.queries.recommendations.structure import completed_labels, update_parts
from recommendations.queries.recommendations.timeline import (
    TOLD_OF_UPDATES,
    build_timeline,
    confirmed_text,
)
from recommendations.queries.recommendations.timeline import UPDATE as UPDATE_MODEL
from recommendations.queries.shown import Shown
from recommendations.queries.updates.conditions import (
    awaiting_review,
    needs_sentence,
    not_beside_text,
)
from recommendations.queries.updates.review_queue import UPDATE, in_force, no_changes_for
from recommendations.queries.updates.tasks import MOST_ROWS, due_for, kind_text
from recommendations.views.access import actor, open_to
from recommendations.views.editing import Edit, answer, edit_page, press_each
from recommendations.views.updates.form import (
    conflict_response,
    hidden_fields,
    needs,
    scope_of,
    update_for,
)

# ---- The page of an update for readers who do not edit it: content, evidence and history


def read_page(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    evidence_form: EvidenceForm | None = None,
    hand_over_form: HandOverForm | None = None,
    retraction_form: RetractionForm | None = None,
    withdrawal_form: WithdrawalForm | None = None,
    item_form: tuple[int, ContradictionForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """One update as the reader may see it, with buttons for exactly what they may do."""
    person = request.user
    may_add = may_attach(person, update)
    today = timezone.localdate()
    claims = claims_of(update, person, today)
    add_shown(claims, person)
    now, parts = in_force(update), update_parts(update)
    earlier = update.corrects or update.retracts or update.based_on
    is_approved = update.state == UpdateState.APPROVED
    replacing = StatusUpdate.objects.replacing(update).with_people()
    replaced_by = replacing.first() if is_approved else None
    # Evidence rows, each with the forms of what the reader may do about it; one may be sent. The
    # first answer has the place that links to it lead to.
    found = [(row, _forms_of(row, item_form)) for row in claims]
    answers = (form for _row, forms in found for form in forms if isinstance(form, AnswerForm))
    if first := next(answers, None):
        first.anchor = ANSWER
    events = (
        AuditEvent.objects.filter(
            object_type=UPDATE_MODEL, object_id=str(update.pk), verb__in=list(TOLD_OF_UPDATES)
        )
        .select_related("actor", "reason")
        .order_by("-sequence")
    )
    context: dict[str, Any] = {
        "update": update,
        "recommendation": update.recommendation,
        "kind": kind_text(update),
        "is_continuous": update.recommendation.is_continuous,
        "words": labelled_values(update, TEXT_FIELDS, person),
        "claims": found,
        "loose_form": loose_form(claims, item_form),
        "moves": build_timeline(events, {update.pk: update}, person),
        "today": today,
        "confirmed": confirmed_text(update),
        "may": permitted_verbs(update, person),
        "may_attach": may_add,
        "is_approved": is_approved,
        "may_begin_again": permissions.can_begin_again(person, update),
        "may_read_notes": permissions.can_read_drafts(person),
        "may_read_log": permissions.can_read_log(person),
        "replaced_by": replaced_by,
        "may_replace": is_approved
        and update.kind != UpdateKind.RETRACTION
        and replaced_by is None
        and permissions.can_log(person, update.recommendation),
        "changes": differences_between(earlier, update) if earlier else [],
        "completed_parts": completed_labels(parts),
        "is_in_force": now is not None and now.pk == update.pk,
        "in_force": now,
        "not_stated": not_stated(update),
        "needs": needs(update, now, parts=parts) if update.state == UpdateState.SUBMITTED else [],
        "key": uuid4(),
        "evidence_form": evidence_form
        or (EvidenceForm(None, claim=update, person=person) if may_add else None),
        "hand_over_form": hand_over_form or HandOverForm(None, update=update),
        "retraction_form": retraction_form or RetractionForm(None),
        **_decisions_on(update, person),
        "withdrawal_form": withdrawal_form or WithdrawalForm(None),
    }
    return render(request, "updates/detail.html", context, status=status)


def _decisions_on(update: StatusUpdate, person: Person) -> dict[str, Any]:
    """What was decided on what an update asks for, the newest first, and what may be recorded.

    An approved update is asked about alike whether it asks for anything.
    """
    if update.state != UpdateState.APPROVED:
        return {}
    may_record = permissions.can_record_decision(person, update.recommendation)
    rows = update.steering_decisions.select_related("recorded_by", "removed_by")
    return {
        "decisions": list(rows.order_by("-pk")),
        "may_withdraw_decision": may_record,
        "may_record_decision": may_record and asks_decision(update),
    }


def asks_decision(update: StatusUpdate) -> bool:
    """Whether this is what a recommendation waits for a decision on; one query."""
    states = RecommendationState.objects.filter(recommendation__current_update=update.pk)
    return states.filter(asks_decision=True).exists()


ANSWER = "answer"
"""The id of the place of an update's page where the first open contradiction is answered."""


def _forms_of(row: Any, sent: tuple[int, ContradictionForm] | None) -> list[ContradictionForm]:
    forms: list[ContradictionForm] = [AnswerForm.about(row.pk)] if row.may_answer else []
    forms += [EndForm.about(row.pk)] if row.may_end else []
    if sent is None or sent[0] != row.pk:
        return forms
    return [sent[1], *(form for form in forms if form.route != sent[1].route)]


def loose_form(
    rows: list[Any], sent: tuple[int, ContradictionForm] | None
) -> ContradictionForm | None:
    """What was sent about an item that has been removed from the evidence."""
    is_loose = sent is not None and sent[0] not in {row.pk for row in rows}
    return sent[1] if sent and is_loose else None


def permitted_verbs(update: StatusUpdate, person: Person) -> frozenset[str]:
    """The verbs of the transitions that this user may make from the state of the update."""
    return frozenset(
        transition.verb
        for transition in transitions.TRANSITIONS
        if update.state in transition.sources
        and getattr(permissions, transition.permission)(person, update)
    )


# ---- Transitions of updates that need no form of their own, for one update and for many


@require_POST
@open_to(permissions.can_write)
def update_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw an update that is not decided."""
    update = update_for(request.user, pk)
    sent = hidden_fields(request.POST)
    try:
        drafts.withdraw_update(
            update=update, by=actor(request), expected_version=sent.expected_version
        )
    except TransitionConflict as refusal:
        return conflict_response(request, refusal)
    messages.success(request, _("%s: update withdrawn.") % update.recommendation.reference)
    return redirect(update)


@require_POST
@open_to(permissions.can_write)
def update_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a correction of the words, or continue one's own."""
    update = update_for(request.user, pk)
    try:
        correction = decisions.correct(update=update, by=actor(request), key=_key(request))
    except AlreadyBegun as refusal:
        messages.info(request, str(refusal))
        return redirect(refusal.update)
    except TransitionConflict as refusal:
        return conflict_response(request, refusal)
    return redirect(correction)


@require_POST
@open_to(permissions.can_write)
def update_retract(request: HttpRequest, pk: int) -> HttpResponse:
    """Request that an approved update is no longer current."""
    update = update_for(request.user, pk)
    form = RetractionForm(request.POST)

    def page(attempted: Attempt) -> HttpResponse:
        if isinstance(attempted.refusal, TransitionConflict):
            typed = {"what_happened": form.cleaned_data["reason"]}
            return conflict_response(request, attempted.refusal, typed)
        return read_page(request, update, retraction_form=form, status=attempted.status)

    return answer(
        request,
        form,
        lambda: decisions.retract(
            update=update, by=actor(request), reason=form.cleaned_data["reason"], key=_key(request)
        ),
        page,
        done=_("Retraction submitted. A manager decides on it."),
        to=lambda made: made,
        apart=(TransitionConflict,),
    )


@edit_page(permissions.can_review)
def update_decision(request: HttpRequest, pk: int) -> Edit | HttpResponse:
    """Record what a body decided on what the current update asks for."""
    update = update_for(request.user, pk)
    if request.method != "POST" and not asks_decision(update):
        messages.info(request, _("This update waits for no decision."))
        return redirect(update)
    about = update.recommendation
    return Edit(
        partial(steering.record_decision, update=update),
        _("%s: decision recorded.") % about.reference,
        about,
        form=partial(SteeringForm, update=update),
        title=_("Record decision"),
        about=about,
        back=about.get_absolute_url(),
        template="updates/decision.html",
        beside=lambda _attempted: {"update": update},
    )


@require_POST
@open_to(permissions.can_review)
def update_decision_withdraw(request: HttpRequest, pk: int, decision_pk: int) -> HttpResponse:
    """Withdraw a decision that was recorded wrongly; the update asks for one again."""
    update = update_for(request.user, pk)
    decision = get_object_or_404(SteeringDecision, pk=decision_pk, update=update.pk)
    form = WithdrawalForm(request.POST)
    return answer(
        request,
        form,
        lambda: steering.withdraw_decision(
            decision=decision, by=actor(request), reason=form.cleaned_data["reason"]
        ),
        lambda attempted: read_page(request, update, withdrawal_form=form, status=attempted.status),
        done=_("Decision withdrawn. It stays on record."),
        to=update,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def update_no_change(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the update in force, and confirm it as of today."""
    recommendation, _addressee = scope_of(request, reference)
    if request.method != "POST":
        return _no_change_page(request, recommendation, NoChangeForm())
    form = NoChangeForm(request.POST)

    def page(attempted: Attempt) -> HttpResponse:
        if isinstance(attempted.refusal, TransitionConflict):
            sentence = form.cleaned_data["sentence"]
            typed = {"what_happened": sentence} if sentence else {}
            return conflict_response(request, attempted.refusal, typed)
        return _no_change_page(request, recommendation, form, attempted.status)

    return answer(
        request,
        form,
        lambda: decisions.no_change(
            recommendation=recommendation,
            by=actor(request),
            basis=hidden_fields(request.POST).basis,
            **form.cleaned_data,
        ),
        page,
        done=_("“No change” submitted for review: %s.") % reference,
        to="my-work",
        apart=(TransitionConflict,),
    )


def _no_change_page(
    request: HttpRequest, recommendation: Recommendation, form: NoChangeForm, status: int = 200
) -> HttpResponse:
    """What is confirmed, and the form; or why nothing can be confirmed now."""
    now = in_force(StatusUpdate(recommendation=recommendation))
    waiting = awaiting_review(recommendation.pk)
    if needs_sentence(now):
        form.ask_for_sentence()
    person = request.user
    context = {
        "form": form,
        "recommendation": recommendation,
        "in_force": now,
        "words": labelled_values(now, TEXT_FIELDS, person),
        "claims": claims_of(now, person, timezone.localdate()) if now else [],
        "is_continuous": recommendation.is_continuous,
        "why_not": not_beside_text(waiting) if waiting else "",
    }
    return render(request, "updates/no_change.html", context, status=status)


def _key(request: HttpRequest) -> UUID | None:
    """The form's own id, so that a form sent twice acts once."""
    return hidden_fields(request.POST).key


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def work_no_change(request: HttpRequest) -> HttpResponse:
    """The updates in force that are due, to confirm what is ticked as of today."""
    if request.method == "POST":
        return _confirm_ticked(request)
    today = timezone.localdate()
    rows = [row for row in due_for(request.user, today) if row.is_confirmable]
    context = {
        "rows": rows,
        "today": today,
        "is_any_rated": any(row.current_update.rated_on for row in rows),
    }
    return render(request, "work/no_changes.html", context)


@transaction.atomic
def _confirm_ticked(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    sent = request.POST.getlist("reference")[:MOST_ROWS]
    # PostgreSQL takes no such text, and no reference holds one.
    ticked = [reference for reference in sent if "\0" not in reference]
    found = Recommendation.objects.visible_to(by).filter(reference__in=ticked)
    is_rated_again = "is_rated_again" in request.POST

    def act(recommendation: Recommendation) -> None:
        decisions.no_change(
            recommendation=recommendation,
            by=by,
            is_rated_again=is_rated_again,
            basis=parse_int(request.POST.get(f"basis-{recommendation.reference}", "")),
        )

    rows = list(found.order_by("source", "number", "pk"))
    done = press_each(request, rows, act, attrgetter("reference"))
    if done:
        messages.success(request, _("“No change” submitted for review: %s.") % ", ".join(done))
    elif not rows:
        messages.warning(request, _("No updates were selected."))
        return redirect(request.path)
    return redirect("my-work")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_review)
def review_no_change(request: HttpRequest) -> HttpResponse:
    """The confirmations in the queue, to approve what is ticked at once."""
    if request.method == "POST":
        return _approve_ticked(request)
    return _no_changes_page(request)


def _no_changes_page(
    request: HttpRequest, refusals: Mapping[int, NotAsSeen] | None = None
) -> HttpResponse:
    """``refusals`` say of updates, by their ids, what changed since the page was opened."""
    rows = no_changes_for(request.user, MOST_ROWS)
    for row in rows:
        row.refusal = (refusals or {}).get(row.pk)
        row.why_not = _why_not_at_once(row)
    context = {"rows": rows, "today": timezone.localdate()}
    return render(request, "review/no_changes.html", context, status=409 if refusals else 200)


def _why_not_at_once(row: Any) -> str:
    """Why a row of ``no_changes_for`` cannot be approved from the list; empty where it can."""
    if row.is_replaced:
        return str(BasisChanged(row, None, ()))
    if row.missing:
        return str(ConditionsNotMet(row.missing))
    if row.is_contradicted:
        return _("A contradiction is open. Confirm on the page of this update.")
    return ""


@transaction.atomic
def _approve_ticked(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    ticked = [pk for text in request.POST.getlist("update")[:MOST_ROWS] if (pk := parse_int(text))]
    refusals: dict[int, NotAsSeen] = {}
    updates = StatusUpdate.objects.visible_to(by).filter(pk__in=ticked, kind=UpdateKind.NO_CHANGE)

    def act(update: StatusUpdate) -> None:
        seen = Shown.sent(request.POST, UPDATE, update.pk)
        try:
            decisions.approve_update(update=update, by=by, seen=seen)
        except NotAsSeen as refusal:
            refusals[update.pk] = refusal
            raise

    rows = updates.select_related("recommendation").order_by("submitted_at", "pk")
    done = press_each(request, rows, act, attrgetter("recommendation.reference"))
    if done:
        messages.success(request, _("“No change” approved: %s.") % ", ".join(done))
    elif not ticked:
        messages.warning(request, _("No updates were selected."))
        return redirect(request.path)
    return _no_changes_page(request, refusals) if refusals else redirect("review")
