"""What addressees say to one recommendation: all of them, with history, and recording it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions.commitments import record_responses
from recommendations.actions.errors import StaleWrite
from recommendations.forms.commitments import ResponseForm
from recommendations.forms.errors import take
from recommendations.models import Recommendation
from recommendations.summaries.addressees import addressee_row, history_of, latest_response
from recommendations.summaries.rows import rows_for
from recommendations.views import lists
from recommendations.views.access import actor, open_to_readers
from recommendations.views.listing import Listing, listing
from recommendations.views.writing import whole

TICKED = "all"
"""Value of ``ticked`` in an address that asks for every box of the page to be ticked."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A form that was sent and not taken, with the reason where somebody was faster."""

    form: ResponseForm
    status: int
    stale: StaleWrite | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_readers
def response_list(request: HttpRequest, reference: str) -> HttpResponse:
    """All addressees of a recommendation with what they say; records what one or many say."""
    today = timezone.localdate()
    rows = Recommendation.objects.visible_to(request.user).for_rows(request.user, today)
    found = get_object_or_404(rows, reference=reference)
    tried: _Tried | None = None
    if request.method == "POST":
        answer = _record(request, found)
        if isinstance(answer, HttpResponse):
            return answer
        tried = answer
    return _page(request, found, tried)


def _record(request: HttpRequest, found: Any) -> HttpResponse | _Tried:
    if not found.may_log:
        raise PermissionDenied(_("You may not record responses to %s.") % found.reference)
    form = ResponseForm(request.POST, recommendation=found)
    if not form.is_valid():
        return _Tried(form, 400)
    try:
        made = record_responses(
            addressees=form.cleaned_data["addressees"],
            by=actor(request),
            values=form.values(),
            seen=whole(request.POST.get("seen", "")) or 0,
        )
    except ValidationError as error:
        take(form, error)
        return _Tried(form, 400)
    except StaleWrite as refusal:
        return _Tried(form, 409, refusal)
    words = ngettext("Recorded for %(n)d addressee.", "Recorded for %(n)d addressees.", len(made))
    messages.success(request, words % {"n": len(made)})
    return redirect(_next_address(request))


def _next_address(request: HttpRequest) -> str:
    """The same page and filter, where the next ones can be ticked; nobody is ticked beforehand."""
    kept = request.GET.copy()
    for name in ("ticked", "addressee"):
        kept.pop(name, None)
    return f"{request.path}?{kept.urlencode()}" if kept else request.path


def _page(request: HttpRequest, found: Any, tried: _Tried | None) -> HttpResponse:
    today = timezone.localdate()
    is_internal = permissions.can_read_internally(request.user)
    listed, filters = lists.responses(found, request.user, today)
    shown = listing(request, filters, listed)
    rows = [addressee_row(row, request.user, today) for row in shown.page]
    history = history_of([row.pk for row in rows], request.user)
    context = {
        "recommendation": found,
        "row": rows_for(request.user, [found], today)[0],
        "listing": shown,
        "page": shown.page,
        "lines": [(row, history.get(row.pk, [])) for row in rows],
        "is_internal": is_internal,
        "may_log": found.may_log,
        "today": today,
    }
    if found.may_log:
        context |= _form_context(request, found, shown, tried)
    status = tried.status if tried else shown.status
    return render(request, "responses/list.html", context, status=status)


def _form_context(
    request: HttpRequest, found: Any, shown: Listing, tried: _Tried | None
) -> dict[str, Any]:
    if tried:
        ticked = {whole(value) for value in request.POST.getlist("addressees")}
    elif request.GET.get("ticked") == TICKED:
        ticked = {addressee.pk for addressee in shown.page}
    else:
        ticked = {whole(request.GET.get("addressee", ""))}
    today = timezone.localdate()
    form = (
        tried.form if tried else ResponseForm(None, recommendation=found, initial={"since": today})
    )
    # A form that must be sent again has seen no more than before, unless it was told what is new.
    is_shown = tried is None or tried.stale is not None
    return {
        "form": form,
        "stale": tried.stale if tried else None,
        "ticked": ticked,
        "seen": latest_response(found.pk) if is_shown else request.POST.get("seen", ""),
    }
