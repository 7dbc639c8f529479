"""Saving a draft while it is being written. It never stands in the way and never loses a word.

Answers are fragments for htmx, always 200, since htmx shows no others: what was saved and when,
and the hidden fields as they are from now on.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommendations.actions.content import WORDS
from recommendations.actions.errors import ActionRefused
from recommendations.forms.errors import take
from recommendations.forms.updates import WordsForm, form_for
from recommendations.models import StatusUpdate
from recommendations.views.writing import (
    FIRST_VERSION,
    Sent,
    begun_with,
    new_update,
    scope_of,
    sent_with,
    standing,
    update_for,
    write,
)

_MOST_TRIES = 3


@require_POST
def update_new_autosave(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin a draft in the background, or go on with the one that this form began."""
    if not request.user.is_authenticated:
        return _not_saved(request, _signed_out())
    recommendation, addressee = scope_of(request, reference)
    sent = sent_with(request.POST, without_version=FIRST_VERSION)
    if sent.key is None:
        return _not_saved(request, _("Not saved: press “Save draft”."))
    try:
        begun = begun_with(request.user, recommendation, sent)
    except ActionRefused as refusal:
        return _not_saved(request, str(refusal))
    update = begun or new_update(recommendation, addressee, request.user, sent.key)
    response = _autosave(request, update, sent)
    if saved := StatusUpdate.objects.filter(key=sent.key).first():
        # Going back or loading the page again finds the draft, not an empty form.
        response["HX-Replace-Url"] = saved.get_absolute_url()
    return response


@require_POST
def update_autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Save an open draft in the background."""
    if not request.user.is_authenticated:
        return _not_saved(request, _signed_out())
    return _autosave(request, update_for(request.user, pk), sent_with(request.POST))


def _autosave(request: HttpRequest, update: StatusUpdate, sent: Sent) -> HttpResponse:
    form = form_for(request.POST, update=update, person=request.user)
    form.is_valid()
    if update._state.adding and not _says_anything(form):
        return HttpResponse()
    try:
        saved = _write_what_can_be(request.user, update, form, sent)
    except ActionRefused:
        return _not_saved(
            request,
            _("Not saved: this was changed elsewhere. Press “Save draft” to see both versions."),
        )
    if saved is None:
        return _not_saved(request, _("Not saved yet: press “Save draft” to see why."))
    saved = update_for(request.user, saved.pk)
    context = {
        "update": saved,
        "at": timezone.localtime(),
        "left_out": [form.fields[name].label for name in form.errors if name in form.fields],
        **standing(saved),
    }
    return render(request, "updates/saved.html", context)


def _write_what_can_be(
    person: Any, update: StatusUpdate, form: WordsForm, sent: Sent
) -> StatusUpdate | None:
    """Save the fields that can be saved; the others stay in the form, which names them."""
    for _try in range(_MOST_TRIES):
        try:
            return write(person, update, form.values(), sent)
        except ValidationError as error:
            take(form, error)
    return None


def _says_anything(form: WordsForm) -> bool:
    names = (*WORDS, "implementation_status")
    return any(str(form.data.get(name, "")).strip() for name in names)


def _not_saved(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "updates/not_saved.html", {"why": why})


def _signed_out() -> str:
    return _(
        "Not saved: you are signed out. Keep this page open and sign in again in another window."
    )
