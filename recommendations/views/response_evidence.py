"""Evidence for and against what one addressee says: the items, adding one, taking one away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions
from recommendations.actions import evidence, progress
from recommendations.forms.evidence import FIND, EvidenceForm
from recommendations.models import EvidenceLink, Recommendation, Response
from recommendations.summaries.addressees import said_by, with_proofs
from recommendations.views.access import actor, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def response_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands for and against one response; adds items that are recorded or new ones."""
    response = _response_for(request.user, pk)
    is_sent = request.method == "POST"
    form = EvidenceForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        claim=response,
        person=request.user,
    )
    if is_sent and form.is_valid() and request.POST.get("move") != FIND:
        try:
            progress.attach_to_claim(claim=response, by=actor(request), offers=form.offers())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Evidence added."))
            return redirect("response-evidence", pk)
    context = {
        "form": form,
        "said": said_by(response, request.user, may_log=True),
        "addressee": response.addressee,
        "recommendation": response.addressee.recommendation,
    }
    status = 400 if form.errors else 200
    return render(request, "responses/evidence_page.html", context, status=status)


@require_POST
@open_to(permissions.can_write)
def response_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Take an item away from a response; it stays on record that it stood there."""
    response = _response_for(request.user, pk)
    link = get_object_or_404(EvidenceLink, response=response.pk, pk=link_pk)
    evidence.detach(link=link, by=actor(request))
    messages.success(request, _("Taken away."))
    return redirect("response-evidence", pk)


def _response_for(person: Any, pk: int) -> Any:
    """A response of somebody who is addressed still, on which the person may log; else 404, 403."""
    rows = Response.objects.filter(
        addressee__removed_at__isnull=True,
        addressee__recommendation__in=Recommendation.objects.visible_to(person),
    ).select_related(
        "addressee__recommendation__source", "addressee__area", "addressee__organisation"
    )
    told = with_proofs(rows, person).prefetch_related("addressee__recommendation__contributors")
    response = get_object_or_404(told, pk=pk)
    about = response.addressee.recommendation
    if not permissions.can_log(person, about):
        raise PermissionDenied(_("You may not add evidence to responses to %s.") % about.reference)
    return response
