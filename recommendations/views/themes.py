"""Themes: all of them with their counts, adding and changing one, and those of a recommendation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions import themes as actions
from recommendations.actions.errors import StaleWrite
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.themes import ClassificationForm, ThemeForm
from recommendations.models import Theme
from recommendations.models.fields import parse_int
from recommendations.queries.recommendations.by_theme import described_themes, theme_rows
from recommendations.queries.recommendations.portfolio import portfolio_of
from recommendations.views.access import actor, open_to, recommendation_for, sources_for
from recommendations.views.conditional import shows_record


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
