"""Mending what is said of an evidence item, and giving it a newer file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import evidence
from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.forms.errors import take
from recommendations.forms.evidence_item import ItemForm, NewerFileForm
from recommendations.models import Evidence
from recommendations.summaries.files import file_row
from recommendations.views.access import actor, open_to
from recommendations.views.evidence import item_for
from recommendations.views.writing import whole


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend the words about an item; nothing that another wrote meanwhile is overwritten unseen."""
    item = _changeable(request.user, pk)
    if request.method != "POST":
        return _edit_page(request, item, ItemForm(None, item=item), seen=item.version)
    form = ItemForm(request.POST, item=item)
    # What the form has seen goes back with it, until it is shown what stands there now.
    seen = whole(request.POST.get("seen", "")) or 0
    if not form.is_valid():
        return _edit_page(request, item, form, seen=seen, status=400)
    try:
        evidence.change_item(evidence=item, by=actor(request), seen=seen, values=form.values())
    except ValidationError as error:
        take(form, error)
        return _edit_page(request, item, form, seen=seen, status=400)
    except StaleWrite as refusal:
        now = refusal.current
        return _edit_page(request, now, form, seen=now.version, stale=refusal, status=409)
    messages.success(request, _("Saved."))
    return redirect(item)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def evidence_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an item a newer file; one that came in stays with the form until it is taken."""
    item = _changeable(request.user, pk)
    if request.method != "POST":
        form = NewerFileForm(None, person=request.user)
        return _file_page(request, item, form, seen=item.version)
    form = NewerFileForm(request.POST, request.FILES, person=request.user)
    seen = whole(request.POST.get("seen", "")) or 0
    if not form.is_valid():
        return _file_page(request, item, form, seen=seen, status=400)
    try:
        evidence.revise(
            evidence=item,
            by=actor(request),
            seen=seen,
            file=form.file,
            note=form.cleaned_data["note"],
        )
    except ActionRefused as refusal:
        now = item_for(request.user, pk)
        return _file_page(request, now, form, seen=now.version, refusal=refusal, status=409)
    messages.success(request, _("The newer file stands now; the earlier one is kept."))
    return redirect(item)


def _changeable(person: Any, pk: int) -> Evidence:
    item = item_for(person, pk)
    if not permissions.can_change_evidence(person, item):
        raise PermissionDenied(_("You may not change this evidence item."))
    return item


def _edit_page(
    request: HttpRequest,
    item: Evidence,
    form: ItemForm,
    *,
    seen: int,
    stale: StaleWrite | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"item": item, "form": form, "seen": seen, "stale": stale}
    return render(request, "evidence/edit.html", context, status=status)


def _file_page(
    request: HttpRequest,
    item: Evidence,
    form: NewerFileForm,
    *,
    seen: int,
    refusal: ActionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    """``seen`` is the version that the form has shown; after a refusal, what stands there now."""
    now = item.revisions.select_related("file__redacted_by", "added_by").first()
    context = {
        "item": item,
        "form": form,
        "seen": seen,
        "refusal": refusal,
        "file": file_row(now, request.user) if now else None,
        "is_checked": item.checks.filter(removed_at__isnull=True).exists(),
    }
    return render(request, "evidence/newer_file.html", context, status=status)
