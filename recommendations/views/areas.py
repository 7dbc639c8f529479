"""Areas: their list, the page of one, and importing groups and other names."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.imports.areas import AreaPlan, import_areas, plan_areas
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.forms.imports import AreasForm
from recommendations.models import Area
from recommendations.queries.areas import (
    addressees_in,
    aliases_of,
    area_measures,
    area_recommendation_rows,
    memberships_of,
)
from recommendations.readers import TableError
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


# ---- Import of groups of countries and of other names of areas: upload, preview, import

TEMPLATE = "areas/import.html"
ABOUT = "areas"
"""What a kept upload is of, in place of an indicator or a source."""

SHOWN = 50
"""Changes and refused rows that the page lists one by one."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import_areas)
def area_import(request: HttpRequest) -> HttpResponse:
    """Upload a file, preview its import, and run it."""
    page: dict[str, Any] = {}
    if request.method != "POST":
        return render(request, TEMPLATE, {"form": AreasForm()})
    pending = imports.find(request.POST.get("token", ""), actor(request))
    if pending is not None and pending.source != ABOUT:
        pending = None
    form = AreasForm(request.POST, request.FILES, is_file_kept=pending is not None)
    page["form"] = form
    if form.is_valid() and (file := form.cleaned_data["file"]):
        pending = imports.keep(file, actor(request), ABOUT, form.options)
    if pending is not None:
        page |= {"token": pending.token, "file_name": pending.name}
        if form.is_valid():
            return _plan_or_import(request, form, pending, page)
    return render(request, TEMPLATE, page, status=400)


def _plan_or_import(
    request: HttpRequest,
    form: AreasForm,
    pending: imports.PendingUpload,
    page: dict[str, Any],
) -> HttpResponse:
    expected = imports.confirmed_digest(request)
    skip_rejected = form.cleaned_data["is_leaving_out"]
    try:
        with pending.path.open("rb") as file:
            upload = Upload(file, pending.name, form.options)
            if not expected:
                page |= _shown(plan_areas(upload=upload, skip_rejected=skip_rejected))
                if page["plan"].written > settings.IMPORT_PAGE_MAX_ROWS:
                    page |= {"may_import": False, "command": _command(request, form, pending)}
                return render(request, TEMPLATE, page)
            plan = import_areas(
                upload=upload,
                by=actor(request),
                skip_rejected=skip_rejected,
                expected=expected,
                most=settings.IMPORT_PAGE_MAX_ROWS,
            )
    except TableError as error:
        form.add_error("file", str(error))
        return render(request, TEMPLATE, page, status=400)
    except ImportRefused as refusal:
        page |= _shown(refusal.plan) | {"refusal": refusal}
        return render(request, TEMPLATE, page, status=409)
    imports.forget(pending)
    words = _(
        "%(file)s: %(groups)d new groups, %(members)d new and %(changed)d changed members, "
        "%(aliases)d other names."
    )
    messages.success(request, words % {"file": pending.name, **plan.counts})
    return redirect("area-list")


def _shown(plan: AreaPlan) -> dict[str, Any]:
    """What the page shows of a plan."""
    labels = {
        "groups": _("New groups"),
        "members": _("New members"),
        "changed": _("Changed members"),
        "aliases": _("Other names"),
        "unchanged": capfirst(_("unchanged")),
        "rejected": _("Rejected"),
    }
    return {
        "plan": plan,
        "counts": [(labels[name], n) for name, n in plan.counts.items()],
        "groups": plan.groups[:SHOWN],
        "members": plan.members[:SHOWN],
        "aliases": plan.aliases[:SHOWN],
        "rejections": plan.rejected[:SHOWN],
        "shown": SHOWN,
        "may_import": plan.changes_anything and not plan.is_refused,
    }


def _command(request: HttpRequest, form: AreasForm, pending: imports.PendingUpload) -> str:
    """The line that imports this file as the page was told to."""
    options: dict[str, str | bool] = {
        "--name": pending.name,
        "--by": actor(request).username,
        "--encoding": form.options.encoding,
        "--sheet": form.options.sheet,
        "--leave-out": form.cleaned_data["is_leaving_out"],
    }
    return imports.command_line("import_areas", pending.path, options)
