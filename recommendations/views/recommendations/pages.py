"""Home, the page of a source, the list of recommendations, and saved views of it."""

from array import array
from dataclasses import replace
from datetime import date
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.actions import personal as actions
from recommendations.filters.base import ListFilter
from recommendations.forms.accounts import SavedViewForm
from recommendations.models import SavedView, Source, User
from recommendations.permissions import Person
from recommendations.queries.bulk_changes import MOST_ROWS
from recommendations.queries.days import Days
from recommendations.queries.frame import frame_for
from recommendations.queries.listed import ids_of
from recommendations.queries.recommendations.overview import (
    ROWS_A_PAGE,
    Portfolio,
    build_overview,
    lead_rows,
    portfolio_of,
    signed_sources,
    sources_then,
    visible_sources,
)
from recommendations.queries.recommendations.past.listed import kept_of_then
from recommendations.queries.recommendations.tally import followed_in
from recommendations.queries.recommendations.timeline import latest_sign_off
from recommendations.queries.rounds import open_rounds
from recommendations.queries.suggestions import others_found
from recommendations.queries.updates.tasks import needing
from recommendations.queries.watches import views_for, watched_by
from recommendations.search.queries import named
from recommendations.views import lists
from recommendations.views.access import (
    View,
    is_reader,
    open_to,
    open_to_readers,
    source_for,
    sources_for,
)
from recommendations.views.accounts import watch_button
from recommendations.views.conditional import DENSITY, keep_cookie, shows_record
from recommendations.views.editing import Edit, edit_page
from recommendations.views.feeds import feed_of, feed_of_all
from recommendations.views.lists import (
    Listed,
    Listing,
    list_page,
    recommendation_filter,
    requested_page,
)
from recommendations.views.looking_back import looks_back
from recommendations.views.recommendations.bulk_changes import bulk_choices

# ---- Home, the page of a source, and the list of recommendations

SOURCES_A_PAGE = 20
ATTENTION, OUTSIDE = 5, 8
"""Recommendations that come first, beside decisions, for people inside and for the public."""


@require_safe
@open_to_readers
@shows_record
@looks_back
def overview(request: HttpRequest, days: Days | None = None) -> HttpResponse:
    """Home: all sources together; where there is one, the page of that source."""
    person = request.user
    may_read_changes = days is None and permissions.can_read_changes(person)
    sources = signed_sources(person) if may_read_changes else visible_sources(person)
    if days is not None:
        sources = sources_then(sources, days)
    if len(sources) == 1:
        return _source_page(request, sources[0], days, has_others=False)
    today = days.as_of if days else timezone.localdate()
    portfolio = portfolio_of(sources, person, today, days)
    page = requested_page(request, Paginator(portfolio.sources, SOURCES_A_PAGE))
    is_internal = permissions.can_read_internally(person)
    # Whoever writes and decides on nothing has what is theirs, in place of what is worst.
    has_own = days is None and permissions.can_write(person) and not permissions.can_review(person)
    theirs, mine = needing(person, today) if has_own else ([], None)
    shown = ATTENTION if is_internal else OUTSIDE

    context: dict[str, Any] = {
        "overview": build_overview(
            portfolio, person, today, shown, days=days, theirs=theirs[:mine] if has_own else None
        ),
        "mine": mine,
        "may_read_changes": may_read_changes,
        "may_add_source": days is None and permissions.can_manage(person),
        "page": page,
        "has_sources": bool(sources),
        "is_internal": is_internal,
        "days": days,
        "query": days.query if days else "",
        "of_day": f"&{days.query}" if days else "",
        "today": None if days else today,
    }
    if days is None:
        context |= {
            "rounds": _rounds(person, today),
            "feed": feed_of_all(),
        }
    return render(request, "recommendations/home.html", context)


@require_safe
@open_to_readers
@shows_record
@looks_back
def source_detail(request: HttpRequest, slug: str, days: Days | None = None) -> HttpResponse:
    """The page of one source."""
    return _source_page(request, source_for(request.user, slug), days, has_others=True)


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def lead_list(request: HttpRequest) -> HttpResponse:
    """All lead organisations, of all sources or of one."""
    today, person = timezone.localdate(), request.user
    portfolio = portfolio_of(sources_for(request), person, today)
    page = requested_page(request, Paginator(portfolio.leads(), ROWS_A_PAGE))
    context = {
        "source": portfolio.sources[0] if request.GET.get("source") else None,
        "leads": lead_rows(page.object_list),
        "page": page,
    }
    return render(request, "recommendations/leads.html", context)


def _rounds(person: Person, today: date) -> Any:
    """What Home tells managers of open rounds; read where it is drawn."""
    if not (permissions.can_run_rounds(person) and frame_for(person).has_open_round):
        return ()
    return open_rounds(today)


def _paginator(
    portfolio: Portfolio, person: Person, days: Days | None, *, is_grouped: bool
) -> "Paginator[int]":
    """The ids of the recommendations of one source, page by page."""
    sources = [source.pk for source in portfolio.sources]

    def found(states: Any = None) -> Any:
        order = [*(["status_rank"] if is_grouped else []), "number", "pk"]
        return ids_of(followed_in(Q(source__in=sources), person, states).order_by(*order))

    if days is not None:
        of_then: dict[str, Any] = {"days": days, "person": person, "parts": sources}
        ids = kept_of_then("ids of a past source", lambda then: array("q", found(then)), **of_then)
        return Paginator(ids, ROWS_A_PAGE)
    paginator = Paginator(found(), ROWS_A_PAGE)
    paginator.count = portfolio.tally.total  # counted already; do not ask again
    return paginator


def _source_page(
    request: HttpRequest, source: Source, days: Days | None, *, has_others: bool
) -> HttpResponse:
    person = request.user
    today = days.as_of if days else timezone.localdate()
    is_internal = permissions.can_read_internally(person)
    sources = sources_then([source], days) if days else [source]
    portfolio = portfolio_of(sources, person, today, days)
    is_grouped = portfolio.tally.total > ROWS_A_PAGE
    page = requested_page(request, _paginator(portfolio, person, days, is_grouped=is_grouped))
    context = {
        "overview": build_overview(
            portfolio, person, today, ATTENTION if is_grouped else 0, list(page), days=days
        ),
        "source": sources[0] if sources else source,
        "page": page,
        "is_grouped": is_grouped,
        "has_others": has_others,
        "is_internal": is_internal,
        "days": days,
        "query": f"source={source.slug}{f'&{days.query}' if days else ''}",
        "today": None if days else today,
    }
    if days is None:
        context |= {
            "signed": latest_sign_off(source=source.pk) if is_internal else None,
            "may_sign_off": permissions.can_sign_off(person),
            "may_import": permissions.can_import(person),
            "may_read_changes": permissions.can_read_changes(person),
            "rounds": () if has_others else _rounds(person, today),
            **watch_button(request, "source", source.pk),
            # Whoever reads the page from outside reads something published on it.
            "feed": feed_of(
                "source-feed", source.slug, source.short_title, is_public=not is_internal
            ),
        }
    return render(request, "recommendations/source.html", context)


def _opens_a_reference(view: View) -> View:
    """The search of the bar sends a text alone: where that is a reference, it is opened at once."""

    @wraps(view)
    def answer(request: HttpRequest, **about: Any) -> HttpResponseBase:
        if request.GET.keys() == {"text"} and (meant := named(request.user, request.GET["text"])):
            return redirect(meant)
        return view(request, **about)

    return answer


DENSITIES = {"comfortable": gettext_lazy("Comfortable"), "compact": gettext_lazy("Compact")}
"""How close the rows of the list are to one another."""


def _keeps_density(view: View) -> View:
    """Let the browser keep the density that the address asks for."""

    @wraps(view)
    def answer(request: HttpRequest, **about: Any) -> HttpResponseBase:
        response = view(request, **about)
        if (chosen := request.GET.get(DENSITY)) in DENSITIES:
            keep_cookie(response, DENSITY, str(chosen))
        return response

    return answer


def _density(request: HttpRequest) -> str:
    """The one that the address asks for, else the one that is kept."""
    asked = (request.GET.get(DENSITY), request.COOKIES.get(DENSITY))
    return next((str(each) for each in asked if each in DENSITIES), "comfortable")


@list_page(
    "recommendations/list.html",
    is_reader,
    *(_keeps_density, shows_record, looks_back, _opens_a_reference),
    around_file=[looks_back],
)
def recommendation_list(request: HttpRequest, days: Days | None = None) -> Listed:
    """All that the reader may see, filtered and sorted as the address asks."""
    person = request.user
    today = days.as_of if days else timezone.localdate()

    def beside(shown: Listing) -> dict[str, Any]:
        views = views_for(person) if days is None else []
        is_valid = shown.status == HTTPStatus.OK
        query = urlencode(shown.asked.asked) if is_valid else ""
        text = request.GET.get("text", "") if is_valid and days is None else ""
        return {
            "days": days,
            "others": others_found(person, text),
            "is_internal": permissions.can_read_internally(person),
            "has_own_updates": bool(text) and permissions.can_write(person),
            "views": views,
            "view_query": query,
            "is_saved": any(view["query"] == query for view in views),
            "may_change_many": days is None and permissions.can_change_many(person),
            "bulk_choices": bulk_choices(person),
            "most_rows": MOST_ROWS,
            "may_import": permissions.can_import(person),
            "today": None if days else today,
            "density": (density := _density(request)),
            "other_density": next(each for each in DENSITIES.items() if each[0] != density),
        }

    return replace(lists.recommendations(person, today, days), beside=beside)


# ---- Saved views of the list: keeping one, renaming, sharing and removing it


@require_safe
@open_to(permissions.can_read_internally)
def saved_view_list(request: HttpRequest) -> HttpResponse:
    """All views that the reader can use, their own first."""
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    rows = sorted(views.order_by("name", "pk"), key=lambda view: view.owner_id != request.user.pk)
    watched = watched_by(request.user)
    shown = [
        (view, permissions.can_change_view(request.user, view), ("view", view.pk) in watched)
        for view in rows
    ]
    return render(request, "saved_views/list.html", {"views": shown})


@edit_page(permissions.can_read_internally)
def saved_view_new(request: HttpRequest) -> Edit:
    """Keep the filter that the address holds."""
    filters = recommendation_filter(request, request.GET)
    query = urlencode(filters.asked) if filters.is_valid() else ""

    def save(by: User, values: dict[str, Any]) -> SavedView:
        return actions.save_view(by=by, values={**values, "query": query})

    return Edit(
        save,
        _saved_text,
        lambda view: view,
        form=partial(SavedViewForm, person=request.user),
        title=_("Save view"),
        **_of_views(f"{reverse('recommendation-list')}?{query}", query, filters),
    )


@edit_page(permissions.can_read_internally)
def saved_view_edit(request: HttpRequest, pk: int) -> Edit:
    """Rename a view, share it, or stop sharing it."""
    view = _changeable(request, pk)
    filters = recommendation_filter(request, QueryDict(view.query))
    listed = reverse("saved-view-list")
    return Edit(
        partial(actions.change_view, view=view),
        _saved_text,
        listed,
        form=partial(SavedViewForm, row=view, person=request.user),
        row=view,
        title=_("Edit view: %(name)s") % {"name": view.name},
        here=view.name,
        button=_("Save view"),
        is_removed=view.removed_at is not None,
        **_of_views(listed, view.query, filters),
    )


@edit_page(permissions.can_read_internally)
def saved_view_remove(request: HttpRequest, pk: int) -> Edit:
    """Confirm that a view is removed."""
    view = _changeable(request, pk)
    listed, remove = reverse("saved-view-list"), _("Remove view")
    shared = _("The view is shared. It disappears for everyone. Recommendations do not change.")
    return Edit(
        partial(actions.remove_view, view=view),
        _("View removed: %s.") % view.name,
        listed,
        title=_("%(label)s: %(value)s") % {"label": remove, "value": view.name},
        here=view.name,
        button=remove,
        asked=[shared if view.is_shared else _("Recommendations do not change.")],
        back=listed,
        is_removed=view.removed_at is not None,
        parents=_above_views(),
    )


def _of_views(back: str, query: str, filters: ListFilter) -> dict[str, Any]:
    """What the pages of a name say of its filter."""
    return {
        "back": back,
        "parents": _above_views(),
        "template": "saved_views/edit.html",
        "beside": lambda _attempted: {"query": query, **_told(filters)},
    }


def _above_views() -> list[tuple[str, str]]:
    return [
        (_("Recommendations"), reverse("recommendation-list")),
        (capfirst(_("saved views")), reverse("saved-view-list")),
    ]


def _saved_text(view: SavedView) -> str:
    return _("View saved: %s.") % view.name


def _told(filters: ListFilter) -> dict[str, Any]:
    """What a filter asks in words, and whether it can still be asked."""
    is_valid = filters.is_valid()
    return {"tags": filters.tags if is_valid else (), "is_valid": is_valid}


def _changeable(request: HttpRequest, pk: int) -> SavedView:
    """A view that the reader may change; any other is none of theirs."""
    view = get_object_or_404(SavedView, pk=pk)
    if not permissions.can_change_view(request.user, view):
        raise Http404
    return view
