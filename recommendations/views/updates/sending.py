"""What is done with a form of an update that was sent: all of it, or nothing, and the next page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.errors import ActionRefused, StaleWrite, TransitionConflict
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.updates import drafts
from recommendations.actions.updates.companions import CompanionRefused, record_companions
from recommendations.choices import UpdateKind, UpdateState
from recommendations.forms.companions import (
    CompanionsForm,
    kept_entries,
    sent_companions,
    ticked_actions,
)
from recommendations.forms.evidence import FIND, EvidenceForm
from recommendations.forms.fields import Attempt, add_form_errors, attempt
from recommendations.forms.updates import HandOverForm, UpdateTextForm, form_for
from recommendations.models import EvidenceLink, StatusUpdate, User
from recommendations.pickers import fields as pickers
from recommendations.queries.updates.companions import companions_of
from recommendations.queries.updates.in_force import in_force
from recommendations.queries.updates.my_work import next_due_recommendation
from recommendations.views.access import actor
from recommendations.views.updates.form import HiddenFields, conflict_response, update_for
from recommendations.views.updates.form_page import FORM_ID, form_page

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


def bind_forms(request: HttpRequest, update: StatusUpdate, command: str) -> SentForms:
    """The forms that were sent: the words, and what else is given."""
    evidence: EvidenceForm | None = EvidenceForm(
        request.POST, request.FILES, claim=update, person=request.user, form_id=FORM_ID
    )
    if not (command in (EVIDENCE, FIND) or (evidence and evidence.is_filled())):
        evidence = None
    has_evidence = evidence is not None and evidence.is_valid()
    is_handed_over = command == HAND_OVER or request.POST.get(pickers.FIND) == "to"
    return SentForms(
        command=command,
        words=form_for(request.POST, update=update, person=request.user),
        evidence=evidence,
        hand_over=HandOverForm(request.POST, update=update, form_id=FORM_ID)
        if is_handed_over
        else None,
        companions=_sent_companions(request, update),
        items=evidence.items() if evidence and has_evidence and command != FIND else [],
    )


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
    typed = bind_forms(request, update, command)
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
        return _redirect_after_save(request, saved, typed, link)
    is_found = command == FIND and typed.evidence is not None and typed.evidence.is_valid()
    saved = update_for(request.user, saved.pk)
    return form_page(
        request,
        saved,
        **typed.shown,
        kept=sent.kept,
        parts=sent.parts,
        status=200 if is_found else 400,
    )


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
        request, update, **typed.shown, kept=sent.kept, parts=sent.parts, stale=stale, status=status
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
            attempted = attempt(
                typed.hand_over, partial(hand_over, request, saved, typed.hand_over, saved.version)
            )
            if not attempted.is_done:
                raise PartRefused(attempted.status)
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
    except ValidationError as error:
        add_form_errors(form, error)
        raise PartRefused(400) from error
    except CompanionRefused as refusal:
        form.add_error(refusal.place, str(refusal))
        raise PartRefused(409) from refusal


def hand_over(
    request: HttpRequest, update: StatusUpdate, form: HandOverForm, expected_version: int
) -> StatusUpdate:
    to, by = form.cleaned_data["to"], actor(request)
    handed_over = drafts.hand_over(update=update, to=to, by=by, expected_version=expected_version)
    messages.success(request, _("The draft is now with %s.") % to)
    return handed_over


def _redirect_after_save(
    request: HttpRequest, saved: StatusUpdate, typed: SentForms, link: EvidenceLink | None
) -> HttpResponse:
    """What follows once the words are saved: the rest of the command, and the next page."""
    if typed.command == SUBMIT:
        return after_submission(request, saved, typed.companions is not None)
    if typed.command == HAND_OVER:
        return redirect("my-work")
    if link is not None:
        messages.success(request, _("Draft saved and evidence removed."))
    elif typed.command == EVIDENCE:
        messages.success(request, _("Draft saved and evidence added."))
    else:
        messages.success(request, _("Draft saved."))
    is_about_evidence = typed.command in (REMOVE, EVIDENCE)
    return redirect(saved.get_absolute_url() + ("#evidence" if is_about_evidence else ""))


def after_submission(
    request: HttpRequest, update: StatusUpdate, has_companions: bool
) -> HttpResponse:
    """On to the next recommendation that is due, or back to My work."""
    reference = update.recommendation.reference
    if has_companions:
        messages.info(request, _("%s: actions, values and dates were recorded, too.") % reference)
    done = _("%s: submitted for review.") % reference
    following = next_due_recommendation(request.user, timezone.localdate())
    if following is None or update.kind != UpdateKind.REGULAR:
        messages.success(request, done)
        return redirect("my-work")
    messages.success(
        request, _("%(done)s %(next)s is due next.") % {"done": done, "next": following}
    )
    return redirect("update-new", following)
