"""Checking evidence, taking a check back, and answering what stands against an update."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommendations import permissions
from recommendations.actions import evidence as actions
from recommendations.forms.evidence import AnswerForm
from recommendations.forms.evidence_item import CheckForm
from recommendations.models import EvidenceLink, StatusUpdate
from recommendations.views.access import actor, open_to
from recommendations.views.evidence import item_for, item_page
from recommendations.views.review import keep_note
from recommendations.views.update_page import read_page
from recommendations.views.writing import update_for


@require_POST
@open_to(permissions.can_review)
def evidence_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has looked an item up and found it as described, and how reliable it is."""
    item = item_for(request.user, pk)
    form = CheckForm(request.POST)
    if not form.is_valid():
        return item_page(request, item, check_form=form, status=400)
    actions.check(evidence=item, by=actor(request), **form.cleaned_data)
    messages.success(request, _("Marked as checked: %s") % item.title)
    return _back(request, item.get_absolute_url())


@require_POST
@open_to(permissions.can_review)
def evidence_uncheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own check back, that of the newest file where there are several."""
    item = item_for(request.user, pk)
    mine = item.checks.filter(by=actor(request).pk, removed_at__isnull=True)
    newest = mine.order_by("-revision").first()
    if newest is None:
        raise Http404
    actions.withdraw_check(check=newest, by=actor(request))
    messages.success(request, _("Your check is taken back: %s") % item.title)
    return _back(request, item.get_absolute_url())


@require_POST
@open_to(permissions.can_write)
def evidence_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an item that stands against an update."""
    readable = StatusUpdate.objects.visible_to(request.user)
    link = get_object_or_404(EvidenceLink.objects.live().filter(update__in=readable), pk=pk)
    update = update_for(request.user, link.update_id or 0)
    form = AnswerForm(request.POST, auto_id=f"id_answer_{link.pk}_%s")
    if not form.is_valid():
        return read_page(request, update, answer_form=(link.pk, form), status=400)
    actions.answer(link=link, by=actor(request), text=form.cleaned_data["text"])
    messages.success(request, _("Your answer stands beside the item now."))
    return redirect(update)


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the button stood on; a note that was being typed there is kept."""
    keep_note(request)
    to = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(to if is_ours else otherwise)
