"""Relations between recommendations: adding one and removing one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import relations as actions
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.relations import RelationForm
from recommendations.models import RecommendationRelation
from recommendations.views.access import actor, open_to, recommendation_for


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def relation_new(request: HttpRequest, reference: str) -> HttpResponse:
    """Add a relation of a recommendation to another."""
    found = recommendation_for(request.user, reference)
    form, attempted = RelationForm(None, recommendation=found, person=request.user), Attempt()
    if request.method == "POST":
        form = RelationForm(request.POST, recommendation=found, person=request.user)
        attempted = attempt(
            form,
            lambda: actions.add_relation(
                by=actor(request), values={"recommendation": found, **form.cleaned_data}
            ),
        )
        if attempted.is_done:
            messages.success(request, _("Relation added."))
            return redirect(found)
    context = {"recommendation": found, "form": form}
    return render(request, "relations/form.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def relation_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a relation out of use."""
    live = RecommendationRelation.objects.live()
    relation = get_object_or_404(
        live.select_related("recommendation__source", "other__source"), pk=pk
    )
    if request.method == "POST":
        actions.remove_relation(relation=relation, by=actor(request))
        messages.success(request, _("Relation removed."))
        return redirect(relation.recommendation)
    context = {"recommendation": relation.recommendation, "relation": relation}
    return render(request, "relations/remove.html", context)
