"""Parts, relations and themes of recommendations."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions import structure as actions
from recommendations.actions.base import StaleWrite
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.recommendations import (
    ClassificationForm,
    PartForm,
    RelationForm,
    ThemeForm,
)
from recommendations.models import Part, RecommendationRelation, Theme
from recommendations.models.fields import parse_int
from recommendations.queries.recommendations.overview import portfolio_of
from recommendations.queries.recommendations.tally import described_themes, theme_rows
from recommendations.views.access import actor, open_to, recommendation_for, sources_for
from recommendations.views.conditional import shows_record

# ---- Parts of a recommendation: adding one; changing or removing one


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
            messages.success(request, _("Part added"))
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


# ---- Relations between recommendations: adding one and removing one


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
            messages.success(request, _("Relation added"))
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
        messages.success(request, _("Relation removed"))
        return redirect(relation.recommendation)
    context = {"recommendation": relation.recommendation, "relation": relation}
    return render(request, "relations/remove.html", context)


# ---- Themes: all of them with their counts, adding and changing one, and those of a recommendation


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes with what has them, in all sources or in one."""
    person = request.user
    sources, is_one = sources_for(request), bool(request.GET.get("source"))
    counted = portfolio_of(sources, person, timezone.localdate()).themes()
    context = {
        "source": sources[0] if is_one else None,
        "query": f"source={sources[0].slug}" if is_one else "",
        "themes": described_themes(theme_rows(counted)),
        "may_change": permissions.can_change_recommendations(person),
    }
    return render(request, "themes/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def theme_new(request: HttpRequest) -> HttpResponse:
    """Add a theme."""
    form, attempted = ThemeForm(None), Attempt()
    if request.method == "POST":
        form = ThemeForm(request.POST)
        attempted = attempt(
            form, lambda: actions.add_theme(by=actor(request), values=form.cleaned_data)
        )
        if attempted.is_done:
            messages.success(request, _("Theme added."))
            return redirect("theme-list")
    context = {"form": form, "seen": 0}
    return render(request, "themes/form.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def theme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the name or the description of a theme."""
    theme = get_object_or_404(Theme, pk=pk)
    form, attempted, seen = ThemeForm(None, theme=theme), Attempt(), theme.version
    if request.method == "POST":
        form = ThemeForm(request.POST, theme=theme)
        seen = parse_int(request.POST.get("seen", "")) or 0
        attempted = attempt(
            form,
            lambda: actions.change_theme(
                theme=theme, by=actor(request), expected_version=seen, values=form.cleaned_data
            ),
            shown_apart=(StaleWrite,),
        )
        if attempted.is_done:
            messages.success(request, _("Theme saved."))
            return redirect("theme-list")
        if stale := attempted.stale:
            seen = stale.current.version
    context = {"form": form, "theme": theme, "seen": seen, "stale": attempted.stale}
    return render(request, "themes/form.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_recommendations)
def recommendation_classify(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the themes and the priority of a recommendation."""
    found = recommendation_for(request.user, reference)
    form, attempted = ClassificationForm(None, recommendation=found), Attempt()
    seen = found.version
    if request.method == "POST":
        form = ClassificationForm(request.POST, recommendation=found)
        seen = parse_int(request.POST.get("seen", "")) or 0
        attempted = attempt(
            form,
            lambda: recommendation_actions.revise_recommendation(
                recommendation=found,
                by=actor(request),
                expected_version=seen,
                values={
                    "priority": form.cleaned_data["priority"],
                    "themes": list(form.cleaned_data["themes"]),
                },
            ),
            shown_apart=(StaleWrite,),
        )
        if attempted.is_done:
            messages.success(request, _("Themes and priority saved."))
            return redirect(found)
        if stale := attempted.stale:
            seen = stale.current.version
    context = {
        "recommendation": found,
        "form": form,
        "has_themes": form.fields["themes"].queryset.exists(),  # type: ignore[attr-defined]
        "seen": seen,
        "stale": attempted.stale,
    }
    return render(request, "recommendations/classify.html", context, status=attempted.status)
