"""The page of an update for readers who do not edit it: content, evidence and history."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from recommendations import permissions, transitions
from recommendations.actions.updates.content import TEXT_FIELDS
from recommendations.actions.updates.decisions import differences_between
from recommendations.choices import UpdateKind, UpdateState
from recommendations.forms.contradictions import AnswerForm, ContradictionForm, EndForm
from recommendations.forms.evidence import EvidenceForm
from recommendations.forms.updates import HandOverForm, RetractionForm
from recommendations.models import AuditEvent, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.evidence.claims import add_shown, claims_of, may_attach
from recommendations.queries.fields import labelled_values
from recommendations.queries.recommendations.strands import completed_labels, update_parts
from recommendations.queries.recommendations.taken_over import not_stated
from recommendations.queries.recommendations.timeline import (
    TOLD_OF_UPDATES,
    UPDATE,
    TimelineEntry,
    build_timeline,
    confirmed_text,
)
from recommendations.queries.updates.in_force import in_force
from recommendations.queries.updates.my_work import kind_text
from recommendations.views.updates.form import needs


def read_page(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    evidence_form: EvidenceForm | None = None,
    hand_over_form: HandOverForm | None = None,
    retraction_form: RetractionForm | None = None,
    item_form: tuple[int, ContradictionForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """One update as the reader may see it, with buttons for exactly what they may do."""
    person = request.user
    may_add = may_attach(person, update)
    claims = claims_of(update, person, timezone.localdate())
    add_shown(claims, person)
    context: dict[str, Any] = {
        "update": update,
        "recommendation": update.recommendation,
        "kind": kind_text(update),
        "is_continuous": update.recommendation.is_continuous,
        "words": labelled_values(update, TEXT_FIELDS, person),
        "claims": with_forms(claims, item_form),
        "loose_form": loose_form(claims, item_form),
        "moves": update_history(update, person),
        "confirmed": confirmed_text(update),
        "may": permitted_verbs(update, person),
        "may_attach": may_add,
        "may_read_notes": permissions.can_read_drafts(person),
        "may_read_log": permissions.can_read_log(person),
        **replacement_of(update, person),
        **_content_of(update),
        "key": uuid4(),
        "evidence_form": evidence_form
        or (EvidenceForm(None, claim=update, person=person) if may_add else None),
        "hand_over_form": hand_over_form or HandOverForm(None, update=update),
        "retraction_form": retraction_form or RetractionForm(None),
    }
    return render(request, "updates/detail.html", context, status=status)


def _content_of(update: StatusUpdate) -> dict[str, Any]:
    """What an update changes, beside the current one, and what approval of it lacks."""
    now, parts = in_force(update), update_parts(update)
    earlier = update.corrects or update.retracts or update.based_on
    return {
        "changes": differences_between(earlier, update) if earlier else [],
        "completed_parts": completed_labels(parts),
        "is_in_force": now is not None and now.pk == update.pk,
        "in_force": now,
        "not_stated": not_stated(update),
        "needs": needs(update, now, parts=parts) if update.state == UpdateState.SUBMITTED else [],
    }


def replacement_of(update: StatusUpdate, person: Person) -> dict[str, Any]:
    """What replaced an approved update, and whether this user may correct or retract it."""
    is_approved = update.state == UpdateState.APPROVED
    replacing = StatusUpdate.objects.replacing(update).with_people()
    replaced_by = replacing.first() if is_approved else None
    return {
        "replaced_by": replaced_by,
        "may_replace": is_approved
        and update.kind != UpdateKind.RETRACTION
        and replaced_by is None
        and permissions.can_log(person, update.recommendation),
    }


ANSWER = "answer"
"""The id of the place of an update's page where the first open contradiction is answered."""


def with_forms(
    rows: list[Any], sent: tuple[int, ContradictionForm] | None = None
) -> list[tuple[Any, list[ContradictionForm]]]:
    """Evidence rows, each with the forms of what the reader may do about it; one may be sent.

    The first answer has the place that links to it lead to.
    """
    found = [(row, _forms_of(row, sent)) for row in rows]
    answers = (form for _row, forms in found for form in forms if isinstance(form, AnswerForm))
    if first := next(answers, None):
        first.anchor = ANSWER
    return found


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


def update_history(update: StatusUpdate, person: Person) -> list[TimelineEntry]:
    """The history of one update, newest first."""
    events = (
        AuditEvent.objects.filter(
            object_type=UPDATE, object_id=str(update.pk), verb__in=TOLD_OF_UPDATES
        )
        .select_related("actor", "reason")
        .order_by("-sequence")
    )
    return build_timeline(events, {update.pk: update}, person)
