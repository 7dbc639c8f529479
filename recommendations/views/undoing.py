"""Undoing an import: the page that shows its effect, where one person asks and another decides."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.actions.base import ActionRefused
from recommendations.actions.imports import undoing
from recommendations.characters import parse_int
from recommendations.forms.fields import Attempt, NoteForm, attempt
from recommendations.forms.recommendations import ReasonForm
from recommendations.models import UndoRequest
from recommendations.queries.undoing import Undoable, columns_of, undoing_for
from recommendations.views.access import actor

ASK, APPROVE, REJECT, WITHDRAW = "ask", "approve", "reject", "withdraw"
"""What the buttons send as ``move``."""

DONE: Mapping[str, str | Promise] = {
    ASK: _("Undoing was requested. Another person decides on the request."),
    APPROVE: _("Import undone"),
    **dict.fromkeys((REJECT, WITHDRAW), _("The request was closed. The import stays.")),
}


def undo_page(
    request: HttpRequest,
    of: Undoable,
    undo: Callable[..., Any],
    *,
    to: Callable[[Any], Any],
    template: str,
    beside: Callable[[Attempt], Mapping[str, Any]],
) -> HttpResponse:
    """What undoing something does, read ``beside``, and what the reader may do about it.

    ``undo`` takes the ``request`` that is approved, ``by`` and ``note``, and is bound to what the
    page showed; ``to`` says where what it made leads.
    """
    move, attempted = request.POST.get("move", ""), Attempt()
    form: Any = None
    if request.method == "POST":
        if move not in DONE:
            raise BadRequest
        form = (ReasonForm if move == ASK else NoteForm)(request.POST)
        act = partial(_act, request, of, undo, move, form)
        attempted = attempt(form, act, shown_apart=(ActionRefused,))
        if attempted.is_done:
            messages.success(request, str(DONE[move]))
            return redirect(to(attempted.made if move == APPROVE else None))
    standing = undoing_for(of, request.user)
    wanted = NoteForm if standing.request else ReasonForm
    if not isinstance(form, wanted):
        # Another was faster: what was typed goes on in the form of what can be done now.
        typed = request.POST.get("reason") or request.POST.get("note", "")
        form = wanted(initial={"reason": typed, "note": typed})
    context = {
        "undo": standing,
        "form": form,
        "refusal": attempted.refusal,
        **beside(attempted),
    }
    return render(request, template, context, status=attempted.status)


def _act(request: HttpRequest, of: Undoable, undo: Callable[..., Any], move: str, form: Any) -> Any:
    by = actor(request)
    if move == ASK:
        return undoing.request_undo(of=of, by=by, **form.cleaned_data)
    pk = parse_int(request.POST.get("request", "")) or 0
    asked = get_object_or_404(UndoRequest, **columns_of(of), pk=pk)
    if move == WITHDRAW:
        return undoing.withdraw_undo(request=asked, by=by)
    act = undo if move == APPROVE else undoing.reject_undo
    return act(request=asked, by=by, **form.cleaned_data)
