"""Writing an update: its form, saved by hand and in the background, and submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import audit, permissions, pickers
from recommendations.actions.base import ActionRefused, StaleWrite, TransitionConflict
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.updates import drafts
from recommendations.actions.updates.drafts import (
    TEXT_FIELDS,
    CompanionsRefused,
    content_problems,
    record_companions,
)
from recommendations.choices import UpdateKind, UpdateState
from recommendations.forms.evidence import FIND, EvidenceForm, added_text
from recommendations.forms.fields import Attempt, add_form_errors, add_missing_errors, attempt
from recommendations.forms.updates import (
    CompanionsForm,
    HandOverForm,
    UpdateTextForm,
    form_for,
    kept_entries,
    sent_companions,
    ticked_actions,
)
from recommendations.models import EvidenceLink, StatusUpdate, User
from recommendations.queries.updates.companions import companions_of
from recommendations.queries.updates.review_queue import in_force
from recommendations.queries.updates.tasks import next_due_recommendation
from recommendations.views.access import View, actor, open_to
from recommendations.views.editing import answer
from recommendations.views.updates.detail import read_page
from recommendations.views.updates.form import (
    FORM_ID,
    HiddenFields,
    begun_or_others,
    begun_update,
    blank_update,
    conflict_response,
    form_context,
    form_page,
    hidden_fields,
    new_form_page,
    new_update,
    scope_of,
    update_for,
)

# ---- What is done with a form of an update that was sent: all of it, or nothing, and the next page

SAVE, SUBMIT, EVIDENCE, REMOVE, HAND_OVER = "save", "submit", "evidence", "remove", "hand_over"


class PartRefused(ActionRefused):
    """A part of the form was refused, so none of it is saved; the form of that part says why."""

    def __init__(self, status: int) -> None:
        super().__init__("")
        self.status = status


@dataclass(frozen=True, slots=True)
class SentForms:
    """The parts of the form that were sent with one button; ``None`` where one is not asked for."""

    command: str
    words: UpdateTextForm
    evidence: EvidenceForm | None
    hand_over: HandOverForm | None
    companions: CompanionsForm | None
    items: Sequence[EvidenceInput]
    """Evidence to add."""

    @property
    def is_complete(self) -> bool:
        """Whether more than saving the words can be done."""
        companions = self.companions if self.command == SUBMIT else None
        return (
            (self.evidence is None or bool(self.items))
            and (self.hand_over is None or self.hand_over.is_valid())
            and (companions is None or companions.is_valid())
        )

    @property
    def shown(self) -> dict[str, Any]:
        """The same for the page, which shows again what was sent."""
        return {
            "form": self.words,
            "evidence_form": self.evidence,
            "hand_over_form": self.hand_over,
            "companions_form": self.companions,
        }


def _sent_companions(request: HttpRequest, update: StatusUpdate) -> CompanionsForm | None:
    sent = sent_companions(request.POST.dict())
    if not sent:
        return None
    offered = companions_of(update, in_force(update), ticked_actions(sent))
    return CompanionsForm(request.POST, offered=offered)


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
    evidence: EvidenceForm | None = EvidenceForm(
        request.POST, request.FILES, claim=update, person=request.user, form_id=FORM_ID
    )
    if not (command in (EVIDENCE, FIND) or (evidence and evidence.is_filled())):
        evidence = None
    has_evidence = evidence is not None and evidence.is_valid()
    is_handed_over = command == HAND_OVER or request.POST.get(pickers.FIND) == "to"
    typed = SentForms(
        command=command,
        words=form_for(request.POST, update=update, person=request.user),
        evidence=evidence,
        hand_over=HandOverForm(request.POST, update=update, form_id=FORM_ID)
        if is_handed_over
        else None,
        companions=_sent_companions(request, update),
        items=evidence.items() if evidence and has_evidence and command != FIND else [],
    )
    _tell_all(typed, update)
    if update._state.adding and sent.key is None:
        incomplete = _("The form was received incomplete. Check it and send it again.")
        typed.words.add_error(None, incomplete)
    attempted = attempt(
        typed.words,
        lambda: _save_all(request, update, typed, sent, link),
        shown_apart=(StaleWrite, TransitionConflict, PartRefused),
    )
    if not attempted.is_done:
        return _refused_page(request, update, typed, attempted, sent)
    saved = attempted.made
    if command == SUBMIT and typed.is_complete and saved.state != UpdateState.SUBMITTED:
        saved = update_for(request.user, saved.pk)
        return form_page(request, saved, companions_form=typed.companions, is_asked=True)
    if typed.is_complete:
        return _after_save(request, saved, typed, link)
    is_found = command == FIND and typed.evidence is not None and typed.evidence.is_valid()
    saved = update_for(request.user, saved.pk)
    return form_page(
        request,
        saved,
        **typed.shown,
        kept=sent.kept,
        parts=sent.parts,
        status=200 if is_found else 400,
        is_told=command == SUBMIT,
    )


def _tell_all(typed: SentForms, update: StatusUpdate) -> None:
    """Where a form is refused anyhow, tell what the action would refuse of its words as well."""
    words = typed.words
    if words.is_valid() and (typed.command != SUBMIT or typed.is_complete):
        return
    problems = content_problems(
        update,
        timezone.localdate(),
        words.values(),
        unread=words.errors,
        is_final=typed.command == SUBMIT,
    )
    add_missing_errors(words, problems)


def _refused_page(
    request: HttpRequest,
    update: StatusUpdate,
    typed: SentForms,
    attempted: Attempt,
    sent: HiddenFields,
) -> HttpResponse:
    """The form as it was sent, with what is wrong or what somebody else wrote meanwhile."""
    refusal, status = attempted.refusal, attempted.status
    if isinstance(refusal, TransitionConflict):
        return conflict_response(request, refusal, typed.words.values(), typed.evidence)
    if isinstance(refusal, PartRefused):
        status = refusal.status
    if stale := attempted.stale:
        update = update_for(request.user, stale.current.pk)
    return form_page(
        request,
        update,
        **typed.shown,
        kept=sent.kept,
        parts=sent.parts,
        added=typed.items,
        stale=stale,
        status=status,
        is_told=typed.command == SUBMIT,
    )


def _save_all(
    request: HttpRequest,
    update: StatusUpdate,
    typed: SentForms,
    sent: HiddenFields,
    link: EvidenceLink | None,
) -> StatusUpdate:
    """Save, and do what the button asks for besides: all of it or nothing."""
    by, is_complete = actor(request), typed.is_complete
    is_final = typed.command == SUBMIT and is_complete
    save = partial(
        save_words,
        request,
        update,
        typed.words,
        sent,
        evidence=typed.items,
        is_final=is_final,
    )
    has_more = link is not None or typed.hand_over is not None
    if not is_complete or not (has_more or (is_final and typed.companions)):
        return save()
    with audit.entry(by=by):
        saved = save()
        if link is not None:
            evidence_items.detach(link=link, by=by)
        if typed.hand_over is not None:
            given: dict[str, Any] = {"update": saved, "by": by, "expected_version": saved.version}
            to = typed.hand_over.cleaned_data["to"]
            attempted = attempt(typed.hand_over, lambda: drafts.hand_over(to=to, **given))
            if not attempted.is_done:
                raise PartRefused(attempted.status)
            saved = attempted.made
        if typed.companions is not None and saved.state == UpdateState.SUBMITTED:
            _record_companions(typed.companions, saved, by)
    return saved


def save_words(
    request: HttpRequest,
    update: StatusUpdate,
    form: UpdateTextForm,
    sent: HiddenFields,
    **more: Any,
) -> StatusUpdate:
    """Save the words of a form that was checked, with the evidence that it keeps and drops."""
    return drafts.save_update(
        update=update,
        by=actor(request),
        values=form.values(),
        expected_version=sent.expected_version,
        basis=sent.basis,
        kept=sent.kept,
        parts=sent.parts,
        told=sent.told,
        entries=kept_entries(request.POST.dict()),
        **more,
    )


def _record_companions(form: CompanionsForm, saved: StatusUpdate, by: User) -> None:
    """Record what goes with a submission; its form says why something is refused."""
    try:
        record_companions(
            recommendation=saved.recommendation, by=by, companions=list(form.companions())
        )
    except CompanionsRefused as refused:
        for place, why in refused.refusals.items():
            form.add_error(place, why.messages if isinstance(why, ValidationError) else str(why))
        raise PartRefused(409 if refused.is_conflict else 400) from refused


def _handed_over_text(update: StatusUpdate) -> str:
    return _("The draft is now with %s.") % update.author


def _after_save(
    request: HttpRequest, saved: StatusUpdate, typed: SentForms, link: EvidenceLink | None
) -> HttpResponse:
    """What follows once all is saved, by the button that was pressed."""
    if typed.hand_over is not None:
        messages.success(request, _handed_over_text(saved))
    if typed.command == SUBMIT:
        return after_submission(request, saved, typed.companions is not None)
    if typed.command == HAND_OVER:
        return redirect("my-work")
    if link is not None:
        messages.success(request, _("Draft saved and evidence removed."))
    elif typed.command == EVIDENCE:
        messages.success(request, _("Draft saved and evidence added."))
    else:
        messages.success(request, _("Draft saved"))
    is_about_evidence = typed.command in (REMOVE, EVIDENCE)
    return redirect(saved.get_absolute_url() + ("#evidence" if is_about_evidence else ""))


def after_submission(
    request: HttpRequest, update: StatusUpdate, has_companions: bool
) -> HttpResponse:
    """To the update as it was submitted, with a link to what is due next."""
    reference = update.recommendation.reference
    messages.success(request, _("%s: submitted for review.") % reference)
    if has_companions:
        messages.info(request, _("%s: actions, values and dates were recorded, too.") % reference)
    following = next_due_recommendation(request.user, timezone.localdate())
    if following is not None and update.kind == UpdateKind.REGULAR:
        address = reverse("update-new", args=[following])
        label = _("Due next: log an update on %s") % following
        messages.info(request, format_html('<a href="{}">{}</a>', address, label))
    return redirect(update)


# ---- Writing an update: its form, saved by hand and in the background, and submitted


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def update_new(request: HttpRequest, reference: str) -> HttpResponse:
    """A form for a new update, or the reader's own open draft where there is one."""
    recommendation, addressee = scope_of(request, reference)
    if request.method == "POST":
        sent = hidden_fields(request.POST, without_version=drafts.FIRST_VERSION)
        update = new_update(recommendation, addressee, actor(request), sent.key)
        return handle_post(request, update, request.POST.get("move", SAVE), sent)
    draft, others = begun_or_others(request.user, recommendation, addressee)
    if draft:
        messages.info(request, _("You already started this update."))
        return redirect(draft)
    update = blank_update(recommendation, addressee, actor(request), None)
    return new_form_page(request, update, others)


@require_safe
@open_to(permissions.can_read_internally)
def update_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One update: its form for the author while it is open, else its content."""
    update = update_for(request.user, pk)
    if permissions.can_edit(request.user, update):
        return form_page(request, update)
    return read_page(request, update)


def _view_of(command: str) -> View:
    @require_POST
    @open_to(permissions.can_write)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        """Save the words of an open update, and do what else the command says."""
        update = update_for(request.user, pk, is_sent=True)
        return handle_post(request, update, command, hidden_fields(request.POST))

    return view


update_save = _view_of(SAVE)
update_submit = _view_of(SUBMIT)


@require_POST
@open_to(permissions.can_write)
def update_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add evidence: to an open update its author saves the words with it, to others anybody may."""
    update = update_for(request.user, pk, is_sent=True)
    command = FIND if request.POST.get("move") == FIND else EVIDENCE
    if _is_form_of(request, update):
        return handle_post(request, update, command, hidden_fields(request.POST))
    form = EvidenceForm(request.POST, request.FILES, claim=update, person=request.user)
    if command == FIND and form.is_valid():
        return read_page(request, update, evidence_form=form)
    return answer(
        request,
        form,
        lambda: evidence_items.attach_evidence(to=update, by=actor(request), items=form.items()),
        lambda attempted: read_page(request, update, evidence_form=form, status=attempted.status),
        done=added_text,
        to=update,
    )


@require_POST
@open_to(permissions.can_write)
def update_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Remove an evidence item from an update that is not approved."""
    update = update_for(request.user, pk, is_sent=True)
    link = get_object_or_404(EvidenceLink.objects.live(), pk=link_pk, update=update.pk)
    if _is_form_of(request, update):
        return handle_post(request, update, REMOVE, hidden_fields(request.POST), link)
    try:
        evidence_items.detach(link=link, by=actor(request))
    except ValidationError as error:
        # A page that was opened under another role has the button, and no field for a reason.
        raise ActionRefused(" ".join(error.messages)) from error
    messages.success(request, _("Evidence removed. The record keeps it."))
    return redirect(update)


@require_POST
@open_to(permissions.can_write)
def update_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft to another author, with the words that its form holds."""
    update = update_for(request.user, pk, is_sent=True)
    sent = hidden_fields(request.POST)
    if _is_form_of(request, update):
        return handle_post(request, update, HAND_OVER, sent)
    form = HandOverForm(request.POST, update=update)
    return answer(
        request,
        form,
        lambda: drafts.hand_over(
            update=update,
            to=form.cleaned_data["to"],
            by=actor(request),
            expected_version=sent.expected_version,
        ),
        lambda attempted: read_page(request, update, hand_over_form=form, status=attempted.status),
        done=_handed_over_text,
        to=update,
    )


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
    update = new_update(recommendation, addressee, actor(request), sent.key)
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
    update = update_for(request.user, pk, is_sent=True)
    return _autosave(request, update, hidden_fields(request.POST))


def _autosave(request: HttpRequest, update: StatusUpdate, sent: HiddenFields) -> HttpResponse:
    form = form_for(request.POST, update=update, person=request.user)
    form.is_valid()
    has_more = bool(sent_companions(request.POST.dict()))
    if update._state.adding and not has_more and not _has_content(form):
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
            return save_words(request, update, form, sent)
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
