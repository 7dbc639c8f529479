"""Changes of evidence that wait for a second manager: their page, their file, and deciding."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.evidence import decisions
from recommendations.forms.evidence import ChangeDecisionForm
from recommendations.forms.fields import attempt
from recommendations.permissions import Person
from recommendations.queries.evidence.files import file_row
from recommendations.queries.evidence.proposed import EVIDENCE_CHANGE, ProposedChange, change_of
from recommendations.queries.shown import Shown
from recommendations.views.access import actor, open_to
from recommendations.views.evidence.files import file_answer, safe_name


@require_safe
@open_to(permissions.can_read_drafts)
def evidence_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what it says beside what is approved, and the decision on it."""
    return _page(request, change_for(request.user, pk))


@require_safe
@open_to(permissions.can_read_drafts)
def evidence_change_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that a change proposes, given to readers of drafts alone."""
    change = change_for(request.user, pk).change
    if change.file is None:
        raise Http404(_("This file does not exist."))
    name = safe_name(change.file_name, change.file)
    return file_answer(request, change.file, change.evidence, name)


@require_POST
@open_to(permissions.can_review)
def evidence_change_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a change: readers outside read it from now on."""
    return _decide(request, pk, is_approved=True)


@require_POST
@open_to(permissions.can_review)
def evidence_change_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject a change, with a note."""
    return _decide(request, pk, is_approved=False)


@require_POST
@open_to(permissions.can_read_drafts)
def evidence_change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one's own change."""
    proposed = change_for(request.user, pk)
    try:
        decisions.withdraw_change(proposal=proposed.change, by=actor(request))
    except ActionRefused as refusal:
        return _page(request, change_for(request.user, pk), refusal=refusal, status=409)
    messages.success(request, _("The change was withdrawn."))
    return redirect(proposed.change.evidence)


def _decide(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    proposed = change_for(request.user, pk)
    form = ChangeDecisionForm(request.POST)
    act = decisions.approve_change if is_approved else decisions.reject_change
    attempted = attempt(
        form,
        lambda: act(
            proposal=proposed.change,
            by=actor(request),
            note=form.cleaned_data["note"],
            seen=Shown.sent(request.POST, EVIDENCE_CHANGE, pk),
        ),
        shown_apart=(ActionRefused,),
    )
    if not attempted.is_done:
        now = change_for(request.user, pk)
        return _page(request, now, form, refusal=attempted.refusal, status=attempted.status)
    if is_approved:
        messages.success(request, _("The change was approved and is public."))
    else:
        messages.success(request, _("The change was rejected. The approved version stays."))
    return redirect(proposed.change.evidence)


def change_for(person: Person, pk: int) -> ProposedChange:
    """A change that the person may read; else 404."""
    if (found := change_of(pk, person)) is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    proposed: ProposedChange,
    form: ChangeDecisionForm | None = None,
    *,
    refusal: ActionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    item = proposed.change.evidence
    rows = item.revisions.select_related("file__redacted_by", "added_by")
    now = rows.filter(number=item.last_revision).first() if proposed.file else None
    context = {
        "proposed": proposed,
        "change": proposed.change,
        "item": item,
        "form": form or ChangeDecisionForm(),
        "refusal": refusal,
        "current_file": file_row(now, request.user) if now else None,
    }
    return render(request, "evidence/change.html", context, status=status)
