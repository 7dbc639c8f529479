"""Areas: their list, the page of one, and importing groups and other names."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.imports.pipeline import chosen_in
from recommendations.actions.imports.reference import (
    KINDS,
    ReferenceImport,
    ReferenceOptions,
    ReferencePlan,
)
from recommendations.forms.imports import ReferenceForm
from recommendations.models import Area, GroupMembership
from recommendations.queries.areas import (
    addressees_in,
    aliases_of,
    area_measures,
    area_recommendation_rows,
    memberships_of,
)
from recommendations.views import imports
from recommendations.views.access import actor, open_to, open_to_readers
from recommendations.views.conditional import shows_record
from recommendations.views.imports import RowList, ShownRow, cells_of
from recommendations.views.lists import CappedPaginator, requested_page

# ---- The page of an area, with what is asked of it and what it says

ASKS_A_PAGE = 50


@require_safe
@open_to_readers
@shows_record
def area_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One area: the recommendations that speak to it, and what it says to each."""
    today = timezone.localdate()
    areas = Area.objects.visible_to(request.user).select_related("parent")
    area = get_object_or_404(areas, code=code)
    rows_of = partial(area_recommendation_rows, area=area, person=request.user, today=today)
    found = CappedPaginator(addressees_in(area, request.user), rows_of, ASKS_A_PAGE)
    page = requested_page(request, found)
    is_internal = permissions.can_read_internally(request.user)
    return render(
        request,
        "areas/detail.html",
        {
            "area": area,
            "page": page,
            "measures": area_measures(area, request.user),
            "rows": page,
            "is_internal": is_internal,
            "memberships": memberships_of(area) if is_internal else [],
            "aliases": aliases_of(area) if is_internal else [],
            "today": today,
        },
    )


# ---- Import of areas, what else these are called, and organisations: upload, preview, import

TEMPLATE = "areas/import.html"


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import_areas)
def area_import(request: HttpRequest) -> HttpResponse:
    """Upload a file, preview its import, and run it."""
    may_manage = permissions.can_manage(request.user)
    page: dict[str, Any] = {
        "back": reverse("area-list"),
        "title": _("Import areas and organisations") if may_manage else _("Import areas"),
        "kinds": [(k.LABEL, k.COLUMNS, k.CHOICES) for k in KINDS if k.MAY(request.user)],
    }
    door = imports.Door(
        "areas",
        "import_areas",
        lambda upload, form: ReferenceImport(
            upload, actor(request), chosen_in(ReferenceOptions, form.cleaned_data)
        ),
        TEMPLATE,
        lambda plan: plan.kind.PAGE,
        settings.IMPORT_PAGE_MAX_ROWS,
        shown=_shown,
    )
    return imports.import_page(request, door, ReferenceForm, page)


def _shown(plan: ReferencePlan) -> dict[str, Any]:
    """What the page shows of a plan beside what it does of all."""
    new, span = capfirst(_("new")), GroupMembership()
    rows = [ShownRow(group.name, f"{group.code}, {new}") for group in plan.groups]
    for change in plan.changes:
        told = f"{change.key}, {new}" if change.is_new else change.key
        rows.append(ShownRow(change.name, told, cells_of(plan.kind.MODEL(), change.cells)))
    for member in plan.members:
        first, last = member.valid_from, member.valid_to
        days = cells_of(span, (("valid_from", None, first), ("valid_to", member.before, last)))
        told = f"{member.name}, {capfirst(_('changed'))}" if member.membership else member.name
        stated = [replace(day, after=day.after or _("Not stated")) for day in days]
        rows.append(ShownRow(member.group, told, stated))
    for alias in plan.aliases:
        told = ", ".join(filter(None, (alias.alias, alias.list_label)))
        rows.append(ShownRow(alias.name, told))
    return {"lists": [RowList(_("All rows"), rows[: imports.SHOWN], plan.size)]}
