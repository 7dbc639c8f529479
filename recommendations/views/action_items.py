"""Actions under a recommendation: adding one and changing one. They never set its status."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import responses
from recommendations.actions.errors import StaleWrite
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.responses import ActionForm
from recommendations.models import Action, Recommendation
from recommendations.models.fields import parse_int
from recommendations.views.access import actor, open_to, recommendation_for


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def action_new(request: HttpRequest, reference: str) -> HttpResponse:
    """Add an action under a recommendation."""
    recommendation = recommendation_for(request.user, reference)
    _require_log(request, recommendation)
    form, attempted = ActionForm(None), Attempt()
    if request.method == "POST":
        form = ActionForm(request.POST)
        attempted = attempt(
            form,
            lambda: responses.add_action(
                recommendation=recommendation, by=actor(request), values=form.values()
            ),
        )
        if attempted.is_done:
            messages.success(request, _("Action added."))
            return redirect("recommendation-actions", recommendation.reference)
    context = {"recommendation": recommendation, "form": form, "seen": 0}
    return render(request, "steps/form.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an action: its words, its days, its state; from My work back to there."""
    action = get_object_or_404(Action.objects.visible_to(request.user), pk=pk)
    recommendation = recommendation_for(
        request.user, Recommendation.objects.values_list("reference", flat=True).get(actions=pk)
    )
    _require_log(request, recommendation)
    form, attempted, seen = ActionForm(None, action=action), Attempt(), action.version
    if request.method == "POST":
        form = ActionForm(request.POST, action=action)
        # What the form was shown goes back with it, until it is shown what is stored now.
        seen = parse_int(request.POST.get("seen", "")) or 0
        attempted = attempt(
            form,
            lambda: responses.change_action(
                action=action, by=actor(request), expected_version=seen, values=form.values()
            ),
            shown_apart=(StaleWrite,),
        )
        if attempted.is_done:
            messages.success(request, _("Action saved."))
            if request.GET.get("next") == reverse("my-work"):
                return redirect("my-work")
            return redirect("recommendation-actions", recommendation.reference)
        if stale := attempted.stale:
            action, seen = stale.current, stale.current.version
    context = {
        "recommendation": recommendation,
        "form": form,
        "action": action,
        "seen": seen,
        "stale": attempted.stale,
    }
    return render(request, "steps/form.html", context, status=attempted.status)


def _require_log(request: HttpRequest, recommendation: Recommendation) -> None:
    if not permissions.can_log(request.user, recommendation):
        raise PermissionDenied(
            _("You may not add or change actions of %s.") % recommendation.reference
        )
