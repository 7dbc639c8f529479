"""Actions under a recommendation: adding one and changing one. They never set its status."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import responses
from recommendations.actions.errors import StaleWrite
from recommendations.forms.fields import add_form_errors
from recommendations.forms.responses import ActionForm
from recommendations.models import Action, Recommendation
from recommendations.views.access import actor, open_to, parse_int, recommendation_for


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def action_new(request: HttpRequest, reference: str) -> HttpResponse:
    """Add a step under a recommendation."""
    recommendation = recommendation_for(request.user, reference)
    _require_log(request, recommendation)
    if request.method != "POST":
        return _form_page(request, recommendation, ActionForm(None))
    form = ActionForm(request.POST)
    if form.is_valid():
        try:
            responses.add_action(
                recommendation=recommendation, by=actor(request), values=form.values()
            )
        except ValidationError as error:
            add_form_errors(form, error)
        else:
            messages.success(request, _("Action added."))
            return redirect(f"{recommendation.get_absolute_url()}#steps")
    return _form_page(request, recommendation, form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a step: its words, its days, where it is."""
    action = get_object_or_404(Action.objects.visible_to(request.user), pk=pk)
    recommendation = recommendation_for(
        request.user, Recommendation.objects.values_list("reference", flat=True).get(actions=pk)
    )
    _require_log(request, recommendation)
    if request.method != "POST":
        form = ActionForm(None, action=action)
        return _form_page(request, recommendation, form, action, seen=action.version)
    form = ActionForm(request.POST, action=action)
    # What the form has seen goes back with it, until it is shown what stands there now.
    seen = parse_int(request.POST.get("seen", "")) or 0
    if not form.is_valid():
        return _form_page(request, recommendation, form, action, status=400, seen=seen)
    try:
        responses.change_action(action=action, by=actor(request), seen=seen, values=form.values())
    except ValidationError as error:
        add_form_errors(form, error)
        return _form_page(request, recommendation, form, action, status=400, seen=seen)
    except StaleWrite as refusal:
        now: Action = refusal.current
        return _form_page(
            request, recommendation, form, now, status=409, seen=now.version, stale=refusal
        )
    messages.success(request, _("Action saved."))
    return redirect(f"{recommendation.get_absolute_url()}#steps")


def _require_log(request: HttpRequest, recommendation: Recommendation) -> None:
    if not permissions.can_log(request.user, recommendation):
        raise PermissionDenied(
            _("You may not add or change actions of %s.") % recommendation.reference
        )


def _form_page(
    request: HttpRequest,
    recommendation: Recommendation,
    form: ActionForm,
    action: Action | None = None,
    *,
    status: int = 200,
    seen: int = 0,
    stale: StaleWrite | None = None,
) -> HttpResponse:
    """``seen`` is the version of the action that the form has shown, and sends back."""
    context = {
        "recommendation": recommendation,
        "form": form,
        "action": action,
        "seen": seen,
        "stale": stale,
    }
    return render(request, "steps/form.html", context, status=status)
