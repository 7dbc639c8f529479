"""Saved views of the list: keeping one, renaming, sharing and removing it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import saved_views as actions
from recommendations.filters.base import ListFilter
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.saved_views import SavedViewForm
from recommendations.models import SavedView
from recommendations.models.fields import parse_int
from recommendations.queries.watches import watched_by
from recommendations.views.access import actor, open_to
from recommendations.views.lists import recommendation_filter


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


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def saved_view_new(request: HttpRequest) -> HttpResponse:
    """Keep the filter that the address holds."""
    filters = recommendation_filter(request, request.GET)
    query = urlencode(filters.asked) if filters.is_valid() else ""
    form, attempted = SavedViewForm(person=request.user), Attempt()
    if request.method == "POST":
        form = SavedViewForm(request.POST, person=request.user)
        attempted = attempt(
            form,
            lambda: actions.save_view(
                by=actor(request), values={**form.cleaned_data, "query": query}
            ),
        )
        if attempted.is_done:
            messages.success(request, _("View saved: %s.") % attempted.made.name)
            return redirect(attempted.made)
    context = {"form": form, "query": query, **_told(filters)}
    return render(request, "saved_views/new.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view, share it, or stop sharing it."""
    view = _changeable(request, pk)
    initial = {"name": view.name, "is_shared": view.is_shared}
    form, attempted = SavedViewForm(initial=initial, person=request.user), Attempt()
    if request.method == "POST":
        form = SavedViewForm(request.POST, initial=initial, person=request.user)
        attempted = attempt(
            form,
            lambda: actions.change_view(
                view=view,
                by=actor(request),
                expected_version=parse_int(request.POST.get("version", "")) or 0,
                values=form.cleaned_data,
            ),
        )
        if attempted.is_done:
            messages.success(request, _("View saved: %s.") % attempted.made.name)
            return redirect("saved-view-list")
    context = {
        "form": form,
        "view": view,
        **_told(recommendation_filter(request, QueryDict(view.query))),
    }
    return render(request, "saved_views/edit.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def saved_view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm that a view is removed."""
    view = _changeable(request, pk)
    if request.method == "POST":
        actions.remove_view(view=view, by=actor(request))
        messages.success(request, _("View removed: %s.") % view.name)
        return redirect("saved-view-list")
    return render(request, "saved_views/remove.html", {"view": view})


def _told(filters: ListFilter) -> dict[str, Any]:
    """What a filter asks in words, and whether it can still be asked."""
    is_valid = filters.is_valid()
    return {"tags": filters.tags if is_valid else (), "is_valid": is_valid}


def _changeable(request: HttpRequest, pk: int) -> SavedView:
    """A view that the reader may change; any other is none of theirs."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    if not permissions.can_change_view(request.user, view):
        raise Http404
    return view
