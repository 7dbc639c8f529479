"""Parts of a recommendation: adding one; changing or removing one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import parts as actions
from recommendations.actions.errors import StaleWrite
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.parts import PartForm
from recommendations.models import Part
from recommendations.models.fields import parse_int
from recommendations.views.access import actor, open_to, recommendation_for


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def part_new(request: HttpRequest, reference: str) -> HttpResponse:
    """Add a part to a recommendation."""
    recommendation = recommendation_for(request.user, reference)
    form, attempted = PartForm(None), Attempt()
    if request.method == "POST":
        form = PartForm(request.POST)
        attempted = attempt(
            form,
            lambda: actions.add_part(
                by=actor(request), values={"recommendation": recommendation, **form.values()}
            ),
        )
        if attempted.is_done:
            messages.success(request, _("Part added."))
            return redirect(recommendation)
    context = {"recommendation": recommendation, "form": form}
    return render(request, "parts/form.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def part_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a part, or take it out of use."""
    living = Part.objects.living().select_related("recommendation__source")
    part = get_object_or_404(living, pk=pk)
    form, attempted, seen = PartForm(None, part=part), Attempt(), part.version
    if request.method == "POST":
        form = PartForm(request.POST, part=part)
        seen = parse_int(request.POST.get("seen", "")) or 0
        attempted = attempt(
            form, lambda: _save(request, part, form, seen), shown_apart=(StaleWrite,)
        )
        if attempted.is_done:
            messages.success(request, _("Part saved."))
            return redirect(part.recommendation)
        if stale := attempted.stale:
            seen = stale.current.version
    context = {
        "recommendation": part.recommendation,
        "form": form,
        "part": part,
        "seen": seen,
        "stale": attempted.stale,
    }
    return render(request, "parts/form.html", context, status=attempted.status)


def _save(request: HttpRequest, part: Part, form: PartForm, seen: int) -> None:
    given: dict[str, Any] = {"part": part, "by": actor(request), "expected_version": seen}
    if form.cleaned_data["is_removed"]:
        actions.remove_part(**given, reason=form.cleaned_data["amendment_reason"])
    else:
        actions.change_part(**given, values=form.values())
