"""Parts, relations and themes of recommendations."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.actions import structure as actions
from recommendations.actions.recommendations import revise_recommendation
from recommendations.forms.recommendations import (
    ClassificationForm,
    PartForm,
    RelationForm,
    ThemeForm,
)
from recommendations.models import Part, Recommendation, RecommendationRelation, Theme, User
from recommendations.queries.publicity import was_public
from recommendations.queries.recommendations.overview import portfolio_of
from recommendations.queries.recommendations.tally import described_themes
from recommendations.views.access import open_to, recommendation_for, sources_for
from recommendations.views.conditional import shows_record
from recommendations.views.editing import Edit, edit_page

# ---- What one recommendation is made of: parts, relations to others, its themes and priority


def _under(recommendation: Recommendation) -> dict[str, Any]:
    """What pages say that add or change something below a recommendation."""
    to = recommendation.get_absolute_url()
    return {"about": recommendation, "to": to, "back": to}


@edit_page(permissions.can_change_recommendations)
def part_new(request: HttpRequest, reference: str) -> Edit:
    """Add a part to a recommendation."""
    found = recommendation_for(request.user, reference)

    def add(by: User, values: dict[str, Any]) -> Part:
        return actions.add_part(by=by, values={"recommendation": found, **values})

    form = partial(PartForm, is_amendment=was_public(found))
    return Edit(add, _("Part added"), form=form, title=_("Add part"), **_under(found))


@edit_page(permissions.can_change_recommendations)
def part_edit(_request: HttpRequest, pk: int) -> Edit:
    """Change a part, or take it out of use."""
    part = get_object_or_404(Part.objects.select_related("recommendation__source"), pk=pk)

    def save(values: dict[str, Any], **given: Any) -> Any:
        if values.pop("is_removed"):
            return actions.remove_part(part=part, reason=values["amendment_reason"], **given)
        return actions.change_part(part=part, values=values, **given)

    return Edit(
        save,
        _("Part saved."),
        form=partial(PartForm, row=part),
        row=part,
        title=_("Edit part"),
        here=_("Part (%(label)s)") % {"label": part.label},
        button=_("Save part"),
        is_removed=part.removed_at is not None,
        **_under(part.recommendation),
    )


@edit_page(permissions.can_change_recommendations)
def relation_new(request: HttpRequest, reference: str) -> Edit:
    """Add a relation of a recommendation to another."""
    found = recommendation_for(request.user, reference)

    def add(by: User, values: dict[str, Any]) -> RecommendationRelation:
        return actions.add_relation(by=by, values={"recommendation": found, **values})

    return Edit(
        add,
        _("Relation added"),
        form=partial(RelationForm, recommendation=found, person=request.user),
        title=_("Add relation"),
        **_under(found),
    )


@edit_page(permissions.can_change_recommendations)
def relation_remove(_request: HttpRequest, pk: int) -> Edit:
    """Ask, then take a relation out of use."""
    rows = RecommendationRelation.objects.select_related("recommendation__source", "other__source")
    relation = get_object_or_404(rows, pk=pk)
    named = {
        "kind": relation.get_kind_display(),
        "reference": relation.other.reference,
        "title": relation.other.title,
    }
    return Edit(
        partial(actions.remove_relation, relation=relation),
        _("Relation removed"),
        title=_("Remove relation"),
        asked=(
            _("%(kind)s: %(reference)s %(title)s") % named,
            _("The record keeps the relation. It can be added again."),
        ),
        is_removed=relation.removed_at is not None,
        **_under(relation.recommendation),
    )


@edit_page(permissions.can_change_recommendations)
def recommendation_classify(request: HttpRequest, reference: str) -> Edit:
    """Change the themes and the priority of a recommendation."""
    found = recommendation_for(request.user, reference)
    return Edit(
        partial(revise_recommendation, recommendation=found),
        _("Themes and priority saved."),
        form=partial(ClassificationForm, row=found),
        row=found,
        title=_("Edit themes and priority"),
        here=_("Themes and priority"),
        button=_("Save themes and priority"),
        template="recommendations/classify.html",
        **_under(found),
    )


# ---- Themes: all of them with their counts, adding and changing one


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes with what has them, in all sources or in one."""
    person = request.user
    sources, is_one = sources_for(request), bool(request.GET.get("source"))
    counted = portfolio_of(sources, person, timezone.localdate()).figures.themes
    context = {
        "source": sources[0] if is_one else None,
        "query": f"source={sources[0].slug}" if is_one else "",
        "themes": described_themes(counted),
        "may_change": permissions.can_change_recommendations(person),
    }
    return render(request, "themes/list.html", context)


def _of_themes() -> dict[str, Any]:
    listed = reverse("theme-list")
    return {"to": listed, "back": listed, "parents": [(capfirst(_("themes")), listed)]}


@edit_page(permissions.can_change_recommendations)
def theme_new(_request: HttpRequest) -> Edit:
    """Add a theme."""
    return Edit(
        actions.add_theme,
        _("Theme added."),
        form=ThemeForm,
        title=_("Add theme"),
        **_of_themes(),
    )


@edit_page(permissions.can_change_recommendations)
def theme_edit(_request: HttpRequest, pk: int) -> Edit:
    """Change the name or the description of a theme."""
    theme = get_object_or_404(Theme, pk=pk)
    return Edit(
        partial(actions.change_theme, theme=theme),
        _("Theme saved."),
        form=partial(ThemeForm, row=theme),
        row=theme,
        title=_("Edit theme"),
        here=theme.name,
        button=_("Save theme"),
        **_of_themes(),
    )
