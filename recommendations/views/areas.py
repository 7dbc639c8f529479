"""Areas: their list, the page of one, and importing groups and other names."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.imports.pipeline import chosen_in
from recommendations.actions.imports.reference import (
    KINDS,
    ReferenceImport,
    ReferenceOptions,
    ReferencePlan,
    RowChange,
)
from recommendations.columns import label_of
from recommendations.forms.imports import ReferenceForm
from recommendations.models import Area
from recommendations.queries.areas import (
    addressees_in,
    aliases_of,
    area_measures,
    area_recommendation_rows,
    memberships_of,
)
from recommendations.queries.fields import value_in_words
from recommendations.views import imports
from recommendations.views.access import actor, open_to, open_to_readers
from recommendations.views.conditional import shows_record
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
    return {
        "changes": "areas/import_plan.html",
        "rows": [(change, _cells(plan, change)) for change in plan.changes[: imports.SHOWN]],
        "members": plan.members[: imports.SHOWN],
        "aliases": plan.aliases[: imports.SHOWN],
    }


def _cells(plan: ReferencePlan, change: RowChange) -> list[tuple[Any, str, str]]:
    """The values of a row that is written: what each is called, was, and will be."""
    kind: Any = plan.kind
    row = kind.MODEL()

    def words(name: str, value: Any) -> str:
        is_key = kind.MODEL._meta.get_field(name).is_relation
        return str(value or "") if is_key else value_in_words(row, name, value)

    return [(label_of(row, n), words(n, before), words(n, now)) for n, before, now in change.cells]
