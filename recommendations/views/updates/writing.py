"""Writing an update: its form, saved by hand and in the background, and submitted."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import drafts
from recommendations.actions.updates.content import TEXT_FIELDS
from recommendations.forms.companions import sent_companions
from recommendations.forms.evidence import FIND, EvidenceForm, added_text
from recommendations.forms.fields import add_form_errors, attempt
from recommendations.forms.updates import HandOverForm, UpdateTextForm, form_for
from recommendations.models import Addressee, EvidenceLink, Recommendation, StatusUpdate
from recommendations.queries.updates.in_force import in_force
from recommendations.views.access import actor, open_to
from recommendations.views.updates.detail import read_page
from recommendations.views.updates.form import (
    HiddenFields,
    begun_or_others,
    begun_update,
    blank_update,
    hidden_fields,
    new_update,
    scope_of,
    update_for,
)
from recommendations.views.updates.form_page import form_context, form_page, new_form_page
from recommendations.views.updates.sending import (
    EVIDENCE,
    HAND_OVER,
    REMOVE,
    SAVE,
    SUBMIT,
    hand_over,
    handle_post,
    save_words,
)


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
    messages.success(request, added_text(attempted.made))
    return redirect(update)


@require_POST
@open_to(permissions.can_write)
def update_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Remove an evidence item from an update that is not approved."""
    update = update_for(request.user, pk)
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
    update = update_for(request.user, pk)
    sent = hidden_fields(request.POST)
    if _is_form_of(request, update):
        return handle_post(request, update, HAND_OVER, sent)
    form = HandOverForm(request.POST, update=update)
    attempted = attempt(form, lambda: hand_over(request, update, form, sent.expected_version))
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
