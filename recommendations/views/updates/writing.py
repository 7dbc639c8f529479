"""Writing an update: its form, saved by hand and in the background, and submitted."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import audit, permissions
from recommendations.actions.errors import ActionRefused, StaleWrite, TransitionConflict
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import drafts
from recommendations.actions.updates.content import TEXT_FIELDS
from recommendations.choices import UpdateKind, UpdateState
from recommendations.forms.evidence import FIND, EvidenceForm
from recommendations.forms.fields import Attempt, add_form_errors, attempt
from recommendations.forms.updates import HandOverForm, UpdateTextForm, form_for
from recommendations.models import Addressee, EvidenceLink, Recommendation, StatusUpdate
from recommendations.pickers import fields as pickers
from recommendations.queries.updates.in_force import in_force
from recommendations.queries.updates.my_work import next_due_recommendation
from recommendations.views.access import actor, open_to
from recommendations.views.updates.detail import read_page
from recommendations.views.updates.form import (
    HiddenFields,
    begun_or_others,
    begun_update,
    conflict_response,
    hidden_fields,
    new_update,
    scope_of,
    update_for,
)
from recommendations.views.updates.form_page import FORM_ID, form_context, form_page

SAVE, SUBMIT, EVIDENCE, REMOVE, HAND_OVER = "save", "submit", "evidence", "remove", "hand_over"


class HandOverRefused(ActionRefused):
    """The draft could not be handed over, so it is not saved either; its form says why."""

    def __init__(self, status: int) -> None:
        super().__init__("")
        self.status = status


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def update_new(request: HttpRequest, reference: str) -> HttpResponse:
    """A form for a new update, or the reader's own open draft where there is one."""
    recommendation, addressee = scope_of(request, reference)
    if request.method == "POST":
        return _post_new(request, recommendation, addressee)
    draft, others = begun_or_others(request.user, recommendation, addressee)
    if draft:
        messages.info(request, _("You already started this update."))
        return redirect(draft)
    update = new_update(recommendation, addressee, actor(request), None)
    return form_page(request, update, under_way=others)


@require_safe
@open_to(permissions.can_read_internally)
def update_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One update: its form for the author while it is open, else its content."""
    update = update_for(request.user, pk)
    if permissions.can_edit(request.user, update):
        return form_page(request, update)
    return read_page(request, update)


@require_POST
@open_to(permissions.can_write)
def update_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the words of an open update."""
    return handle_post(request, update_for(request.user, pk), SAVE, hidden_fields(request.POST))


@require_POST
@open_to(permissions.can_write)
def update_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Save and submit for review."""
    return handle_post(request, update_for(request.user, pk), SUBMIT, hidden_fields(request.POST))


@require_POST
@open_to(permissions.can_write)
def update_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add evidence: to an open update its author saves the words with it, to others anybody may."""
    update = update_for(request.user, pk)
    command = FIND if request.POST.get("move") == FIND else EVIDENCE
    if _is_form_of(request, update):
        return handle_post(request, update, command, hidden_fields(request.POST))
    form = EvidenceForm(request.POST, request.FILES, claim=update, person=request.user)
    if command == FIND and form.is_valid():
        return read_page(request, update, evidence_form=form)
    attempted = attempt(
        form,
        lambda: evidence_items.attach_evidence(to=update, by=actor(request), items=form.items()),
    )
    if not attempted.is_done:
        return read_page(request, update, evidence_form=form, status=attempted.status)
    messages.success(request, _("Evidence added."))
    return redirect(update)


@require_POST
@open_to(permissions.can_write)
def update_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Remove an evidence item from an update that is not approved."""
    update = update_for(request.user, pk)
    link = get_object_or_404(EvidenceLink.objects.live(), pk=link_pk, update=update.pk)
    if _is_form_of(request, update):
        return handle_post(request, update, REMOVE, hidden_fields(request.POST), link)
    evidence_items.detach(link=link, by=actor(request))
    messages.success(request, _("Evidence removed. The record keeps it."))
    return redirect(update)


@require_POST
@open_to(permissions.can_write)
def update_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft to another author, with the words that its form holds."""
    update = update_for(request.user, pk)
    sent = hidden_fields(request.POST)
    if _is_form_of(request, update):
        return handle_post(request, update, HAND_OVER, sent)
    form = HandOverForm(request.POST, update=update)
    attempted = attempt(form, lambda: _hand_over(request, update, form, sent.expected_version))
    if not attempted.is_done:
        return read_page(request, update, hand_over_form=form, status=attempted.status)
    return redirect(update)


def _post_new(
    request: HttpRequest, recommendation: Recommendation, addressee: Addressee | None
) -> HttpResponse:
    sent = hidden_fields(request.POST, without_version=drafts.FIRST_VERSION)
    update = begun_update(request.user, recommendation, sent.key)
    update = update or new_update(recommendation, addressee, actor(request), sent.key)
    return handle_post(request, update, request.POST.get("move", SAVE), sent)


def handle_post(
    request: HttpRequest,
    update: StatusUpdate,
    command: str,
    sent: HiddenFields,
    link: EvidenceLink | None = None,
) -> HttpResponse:
    """Answer one button of the form. Whatever is refused, the page keeps what was typed.

    Evidence in its fields is added whichever button it was; where that is not complete yet, the
    words are saved and nothing more is done.
    """
    typed = _bind_forms(request, update, command) | {"kept": sent.kept}
    form, evidence_form, to = typed["form"], typed["evidence_form"], typed["hand_over_form"]
    if update._state.adding and sent.key is None:
        form.add_error(None, _("The form was received incomplete. Check it and send it again."))
    has_evidence = evidence_form is not None and evidence_form.is_valid()
    items = evidence_form.items() if has_evidence and command != FIND else []
    is_complete = (evidence_form is None or bool(items)) and (to is None or to.is_valid())
    attempted = attempt(
        form,
        lambda: _save(
            request,
            update,
            form,
            sent,
            link=link if is_complete else None,
            to=to if is_complete else None,
            evidence=items,
            is_final=command == SUBMIT and is_complete,
        ),
        shown_apart=(StaleWrite, TransitionConflict, HandOverRefused),
    )
    if not attempted.is_done:
        return _refused_page(request, update, typed, attempted)
    saved = attempted.made
    if command == SUBMIT and is_complete and saved.state != UpdateState.SUBMITTED:
        return form_page(request, update_for(request.user, saved.pk), is_asked=True)
    if is_complete:
        return _redirect_after_save(request, saved, command, link)
    status = 200 if command == FIND and has_evidence else 400
    return form_page(request, update_for(request.user, saved.pk), **typed, status=status)


def _refused_page(
    request: HttpRequest, update: StatusUpdate, typed: dict[str, Any], attempted: Attempt
) -> HttpResponse:
    """The form as it was sent, with what is wrong or what somebody else wrote meanwhile."""
    if isinstance(attempted.refusal, TransitionConflict):
        values = typed["form"].values()
        return conflict_response(request, attempted.refusal, values, typed["evidence_form"])
    if isinstance(attempted.refusal, HandOverRefused):
        return form_page(request, update, **typed, status=attempted.refusal.status)
    if stale := attempted.stale:
        update = update_for(request.user, stale.current.pk)
    return form_page(request, update, **typed, stale=stale, status=attempted.status)


def _save(
    request: HttpRequest,
    update: StatusUpdate,
    form: UpdateTextForm,
    sent: HiddenFields,
    *,
    link: EvidenceLink | None = None,
    to: HandOverForm | None = None,
    **more: Any,
) -> StatusUpdate:
    """Save, and remove evidence or hand over where the button asks for it: all of it or nothing."""
    by = actor(request)
    save = partial(
        drafts.save_update,
        update=update,
        by=by,
        values=form.values(),
        expected_version=sent.expected_version,
        basis=sent.basis,
        kept=sent.kept,
        told=sent.told,
        **more,
    )
    if link is None and to is None:
        return save()
    with audit.entry(by=by):
        saved = save()
        if link is not None:
            evidence_items.detach(link=link, by=by)
        if to is not None:
            attempted = attempt(to, lambda: _hand_over(request, saved, to, saved.version))
            if not attempted.is_done:
                raise HandOverRefused(attempted.status)
    return saved


def _bind_forms(request: HttpRequest, update: StatusUpdate, command: str) -> dict[str, Any]:
    """The forms that were sent: the words, evidence where any is given, the next author."""
    evidence_form = EvidenceForm(
        request.POST, request.FILES, claim=update, person=request.user, form_id=FORM_ID
    )
    is_given = command in (EVIDENCE, FIND) or evidence_form.is_filled()
    is_handed_over = command == HAND_OVER or request.POST.get(pickers.FIND) == "to"
    return {
        "form": form_for(request.POST, update=update, person=request.user),
        "evidence_form": evidence_form if is_given else None,
        "hand_over_form": HandOverForm(request.POST, update=update, form_id=FORM_ID)
        if is_handed_over
        else None,
    }


def _hand_over(
    request: HttpRequest, update: StatusUpdate, form: HandOverForm, expected_version: int
) -> StatusUpdate:
    to, by = form.cleaned_data["to"], actor(request)
    handed_over = drafts.hand_over(update=update, to=to, by=by, expected_version=expected_version)
    messages.success(request, _("The draft is now with %s.") % to)
    return handed_over


def _redirect_after_save(
    request: HttpRequest, saved: StatusUpdate, command: str, link: EvidenceLink | None
) -> HttpResponse:
    """What follows once the words are saved: the rest of the command, and the next page."""
    if command == SUBMIT:
        return after_submission(request, saved)
    if command == HAND_OVER:
        return redirect("my-work")
    if link is not None:
        messages.success(request, _("Draft saved and evidence removed."))
    elif command == EVIDENCE:
        messages.success(request, _("Draft saved and evidence added."))
    else:
        messages.success(request, _("Draft saved."))
    is_about_evidence = command in (REMOVE, EVIDENCE)
    return redirect(saved.get_absolute_url() + ("#evidence" if is_about_evidence else ""))


def after_submission(request: HttpRequest, update: StatusUpdate) -> HttpResponse:
    """On to the next recommendation that is due, or back to My work."""
    reference = update.recommendation.reference
    done = _("%s: submitted for review.") % reference
    following = next_due_recommendation(request.user, timezone.localdate())
    if following is None or update.kind != UpdateKind.REGULAR:
        messages.success(request, done)
        return redirect("my-work")
    messages.success(
        request, _("%(done)s %(next)s is due next.") % {"done": done, "next": following}
    )
    return redirect("update-new", following)


def _is_form_of(request: HttpRequest, update: StatusUpdate) -> bool:
    """Whether this is the writing form of an update, sent by its author, with words in it."""
    return update.author_id == request.user.pk and "what_happened" in request.POST


_MOST_TRIES = 3


@require_POST
def update_new_autosave(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin a draft in the background, or continue the one that this form began."""
    if not request.user.is_authenticated:
        return _not_saved(request, _signed_out())
    recommendation, addressee = scope_of(request, reference)
    sent = hidden_fields(request.POST, without_version=drafts.FIRST_VERSION)
    if sent.key is None:
        return _not_saved(request, _("Not saved: press “Save draft”."))
    update = begun_update(request.user, recommendation, sent.key)
    update = update or new_update(recommendation, addressee, actor(request), sent.key)
    response = _autosave(request, update, sent)
    if saved := begun_update(request.user, recommendation, sent.key):
        # Going back or loading the page again finds the draft, not an empty form.
        response["HX-Replace-Url"] = saved.get_absolute_url()
    return response


@require_POST
def update_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Save an open draft in the background."""
    if not request.user.is_authenticated:
        return _not_saved(request, _signed_out())
    return _autosave(request, update_for(request.user, pk), hidden_fields(request.POST))


def _autosave(request: HttpRequest, update: StatusUpdate, sent: HiddenFields) -> HttpResponse:
    form = form_for(request.POST, update=update, person=request.user)
    form.is_valid()
    if update._state.adding and not _has_content(form):
        return HttpResponse()
    try:
        saved = _save_what_can_be(request, update, form, sent)
    except StaleWrite:
        return _not_saved(
            request,
            _(
                "Not saved: the draft was changed elsewhere. Press “Save draft” to compare "
                "the versions."
            ),
        )
    except ActionRefused as refusal:
        return _not_saved(request, str(refusal))
    if saved is None:
        return _not_saved(request, _("Not saved yet. Press “Save draft” to see the errors."))
    saved = update_for(request.user, saved.pk)
    context = {
        "update": saved,
        "at": timezone.localtime(),
        "left_out": [form.fields[name].label for name in form.errors if name in form.fields],
        **form_context(saved, in_force(saved)),
    }
    return render(request, "updates/saved.html", context)


def _save_what_can_be(
    request: HttpRequest, update: StatusUpdate, form: UpdateTextForm, sent: HiddenFields
) -> StatusUpdate | None:
    """Save the fields that can be saved; the others stay in the form, which names them."""
    for _try in range(_MOST_TRIES):
        try:
            return _save(request, update, form, sent)
        except ValidationError as error:
            add_form_errors(form, error)
    return None


def _has_content(form: UpdateTextForm) -> bool:
    """Whether the author typed or chose anything: what the form began with does not count."""
    for name in (*TEXT_FIELDS, "implementation_status"):
        text = str(form.data.get(name, "")).strip()
        if text and text != str(form.initial[name]).strip():
            return True
    return False


def _not_saved(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "updates/not_saved.html", {"why": why})


def _signed_out() -> str:
    return _(
        "Not saved: you are signed out. Keep this page open and sign in again in another window."
    )
