"""What the fields of evidence ask for while they are filled in: items to pick, a file on its way.

Answers are fragments; whatever is asked here works without script too, as a button of the form.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.forms.evidence import Claim, EvidenceForm
from recommendations.forms.files import FilesForm
from recommendations.models import (
    Indicator,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
)
from recommendations.views.access import open_to
from recommendations.views.writing import whole

LONGEST_SEARCH = 200


@require_safe
@open_to(permissions.can_write)
def evidence_pick(request: HttpRequest) -> HttpResponse:
    """Recorded items that hold all words that are looked for, as options, the nearest first.

    ``evidence-find`` holds the words, as in the form; the claim is an ``update``, a ``response``, a
    ``figure`` or the ``recommendation`` of an update to come.
    """
    asked = request.GET.get("evidence-find", "")
    if len(asked) > LONGEST_SEARCH or "\0" in asked:
        raise BadRequest(_("Look for fewer words."))
    form = EvidenceForm(request.GET, claim=_claim(request), person=request.user)
    return render(request, "evidence/options.html", {"evidence_form": form})


@require_POST
@open_to(permissions.can_write)
def evidence_receive(request: HttpRequest) -> HttpResponse:
    """Take one file in, ahead of the form it belongs to; answers its ticket, or why not (400)."""
    form = FilesForm({}, request.FILES, person=request.user, most=1)
    if form.is_valid() and form.tickets:
        return render(request, "evidence/ticket.html", {"ticket": form.tickets[0]})
    errors = form.errors.get("uploads") or [_("No file arrived. Choose it again.")]
    return render(request, "evidence/refused.html", {"errors": errors}, status=400)


def _claim(request: HttpRequest) -> Claim:
    """What the items are picked for, as far as the person may see it; else 404."""
    person: Any = request.user
    asked = request.GET
    readable = Recommendation.objects.visible_to(person)
    if "update" in asked:
        updates = StatusUpdate.objects.visible_to(person)
        return get_object_or_404(updates, pk=_number(asked["update"]))
    if "response" in asked:
        responses = Response.objects.filter(addressee__recommendation__in=readable)
        rows = responses.select_related("addressee")
        return get_object_or_404(rows, pk=_number(asked["response"]))
    if "figure" in asked:
        figures = Observation.objects.filter(indicator__in=Indicator.objects.visible_to(person))
        return get_object_or_404(figures, pk=_number(asked["figure"]))
    reference = asked.get("recommendation", "")
    if "\0" in reference:
        raise BadRequest
    return StatusUpdate(recommendation=get_object_or_404(readable, reference=reference))


def _number(text: str) -> int:
    number = whole(text)
    if number is None:
        raise BadRequest
    return number
