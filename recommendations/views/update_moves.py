"""Moves of an update that need no form of their own: withdraw, correct, retract, confirm."""

from __future__ import annotations

from uuid import NAMESPACE_OID, UUID, uuid5

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommendations import permissions
from recommendations.actions import updates
from recommendations.actions.errors import TransitionConflict
from recommendations.forms.decisions import NoChangeForm, RetractionForm
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.views.access import actor, open_to
from recommendations.views.update_page import read_page
from recommendations.views.writing import moved_on, scope_of, sent_with, update_for
from recommendations.vocabulary import UpdateKind, UpdateState
from recommendations.workflow import OPEN_TO_AUTHOR


@require_POST
@open_to(permissions.can_write)
def update_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an update that nobody has decided on."""
    update = update_for(request.user, pk)
    sent = sent_with(request.POST)
    try:
        updates.withdraw(update=update, by=actor(request), seen=sent.seen)
    except TransitionConflict as refusal:
        return moved_on(request, refusal)
    messages.success(request, _("%s: update withdrawn.") % update.recommendation.reference)
    return redirect(update)


@require_POST
@open_to(permissions.can_write)
def update_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a correction of the words, or go on with one's own."""
    update = update_for(request.user, pk)
    begun = StatusUpdate.objects.filter(
        corrects=update.pk, author=request.user.pk, state__in=OPEN_TO_AUTHOR
    )
    if mine := begun.order_by("-pk").first():
        messages.info(request, _("You have begun this correction already; here it is."))
        return redirect(mine)
    try:
        correction = updates.correct(update=update, by=actor(request), key=_key(request))
    except TransitionConflict as refusal:
        return moved_on(request, refusal)
    return redirect(correction)


@require_POST
@open_to(permissions.can_write)
def update_retract(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an approved update to be taken out of force."""
    update = update_for(request.user, pk)
    form = RetractionForm(request.POST)
    if not form.is_valid():
        return read_page(request, update, retraction_form=form, status=400)
    asked = StatusUpdate.objects.filter(retracts=update.pk, state=UpdateState.SUBMITTED)
    if waiting := asked.select_related("recommendation", "decided_by").first():
        return moved_on(request, TransitionConflict(waiting))
    try:
        retraction = updates.retract(
            update=update, by=actor(request), reason=form.cleaned_data["reason"], key=_key(request)
        )
    except TransitionConflict as refusal:
        return moved_on(request, refusal)
    messages.success(request, _("Handed in: a manager decides on the retraction."))
    return redirect(retraction)


@require_POST
@open_to(permissions.can_write)
def update_no_change(request: HttpRequest, reference: str) -> HttpResponse:
    """Confirm the update in force as of today, and hand that in."""
    recommendation, _addressee = scope_of(request, reference)
    form = NoChangeForm(request.POST)
    if not form.is_valid():
        return _no_change_page(request, recommendation, form)
    try:
        confirm(recommendation, actor(request), **form.cleaned_data)
    except TransitionConflict as refusal:
        return moved_on(request, refusal)
    except ValidationError as error:
        form = NoChangeForm(request.POST)
        form.needs_sentence()
        form.add_error("sentence", list(error.messages))
        return _no_change_page(request, recommendation, form)
    messages.success(request, _("%s: “no change” handed in for review.") % reference)
    return redirect("my-work")


def confirm(
    recommendation: Recommendation, by: User, sentence: str = "", is_rated_again: bool = False
) -> StatusUpdate:
    """Confirm the update in force, once for each that this person wrote before.

    A conflict where a confirmation of theirs waits already.
    """
    mine = StatusUpdate.objects.of_scope(recommendation.pk, None).filter(author=by.pk)
    # In this order: a confirmation that lands between the two is either seen as waiting, or this
    # one bears the same key and is refused. The other way round, it would be a second one.
    last = mine.order_by("-pk").values_list("pk", flat=True).first()
    waiting = mine.filter(kind=UpdateKind.NO_CHANGE, state=UpdateState.SUBMITTED).first()
    if waiting is not None:
        raise TransitionConflict(waiting)
    return updates.no_change(
        recommendation=recommendation,
        by=by,
        sentence=sentence,
        is_rated_again=is_rated_again,
        key=_one_after(last, recommendation.pk, by.pk),
    )


def _no_change_page(
    request: HttpRequest, recommendation: Recommendation, form: NoChangeForm
) -> HttpResponse:
    context = {"form": form, "recommendation": recommendation}
    return render(request, "updates/no_change.html", context, status=400)


def _one_after(last: int | None, recommendation_id: int, person_id: int | None) -> UUID:
    """The same id for two presses at once: both come after the same last update of a person."""
    return uuid5(NAMESPACE_OID, f"no-change/{recommendation_id}/{person_id}/{last or 0}")


def _key(request: HttpRequest) -> UUID | None:
    """The form's own id, so that a form sent twice acts once."""
    return sent_with(request.POST).key
