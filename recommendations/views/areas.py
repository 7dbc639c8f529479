"""Areas: their list, the page of one, and importing groups and other names."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.base import NotAllowed
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.actions.imports.reference import (
    Organisations,
    ReferencePlan,
    RowChange,
    import_reference,
    plan_reference,
)
from recommendations.choices import AreaKind, OrganisationKind
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
from recommendations.queries.log.words import COUNTS
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


# ---- Import of areas, what else these are called, and organisations: upload, preview, import

TEMPLATE = "areas/import.html"
ABOUT = "areas"
"""What a kept upload is of, in place of an indicator or a source."""

SHOWN = 50
"""Changes and refused rows that the page lists one by one."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import_areas)
def area_import(request: HttpRequest) -> HttpResponse:
    """Upload a file, preview its import, and run it."""
    page: dict[str, Any] = {
        "may_manage": permissions.can_manage(request.user),
        "area_kinds": AreaKind.labels,
        "organisation_kinds": OrganisationKind.labels,
    }
    if request.method != "POST":
        return render(request, TEMPLATE, {**page, "form": ReferenceForm()})
    pending = imports.find(request.POST.get("token", ""), actor(request))
    if pending is not None and pending.source != ABOUT:
        pending = None
    form = ReferenceForm(request.POST, request.FILES, is_file_kept=pending is not None)
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
    form: ReferenceForm,
    pending: imports.PendingUpload,
    page: dict[str, Any],
) -> HttpResponse:
    expected = imports.confirmed_digest(request)
    by = actor(request)
    skip_rejected = form.cleaned_data["is_leaving_out"]
    try:
        with pending.path.open("rb") as file:
            upload = Upload(file, pending.name, form.options)
            if not expected:
                page |= _shown(plan_reference(upload=upload, skip_rejected=skip_rejected, by=by))
                if page["plan"].size > settings.IMPORT_PAGE_MAX_ROWS:
                    page |= {"may_import": False, "command": _command(request, form, pending)}
                return render(request, TEMPLATE, page)
            plan = import_reference(
                upload=upload,
                by=by,
                skip_rejected=skip_rejected,
                expected=expected,
                most=settings.IMPORT_PAGE_MAX_ROWS,
            )
    except (TableError, NotAllowed) as error:
        form.add_error("file", str(error))
        return render(request, TEMPLATE, page, status=403 if isinstance(error, NotAllowed) else 400)
    except ImportRefused as refusal:
        page |= _shown(refusal.plan) | {"refusal": refusal}
        return render(request, TEMPLATE, page, status=409)
    imports.forget(pending)
    told = ", ".join(f"{COUNTS[name]}: {n}" for name, n in plan.counts.items() if n)
    words = _("%(file)s is imported. %(counts)s.")
    messages.success(request, words % {"file": pending.name, "counts": told})
    return redirect("area-import" if plan.kind is Organisations else "area-list")


def _shown(plan: ReferencePlan) -> dict[str, Any]:
    """What the page shows of a plan."""
    return {
        "plan": plan,
        "counts": [(COUNTS[name], n) for name, n in plan.counts.items()],
        "changes": [(change, _cells(plan, change)) for change in plan.changes[:SHOWN]],
        "groups": plan.groups[:SHOWN],
        "members": plan.members[:SHOWN],
        "aliases": plan.aliases[:SHOWN],
        "rejections": plan.rejected[:SHOWN],
        "shown": SHOWN,
        "may_import": plan.may_import,
    }


def _cells(plan: ReferencePlan, change: RowChange) -> list[tuple[Any, str, str]]:
    """The values of a row that is written: what each is called, was, and will be."""
    kind: Any = plan.kind
    row = kind.MODEL()

    def words(name: str, value: Any) -> str:
        is_key = kind.MODEL._meta.get_field(name).is_relation
        return str(value or "") if is_key else value_in_words(row, name, value)

    return [(label_of(row, n), words(n, before), words(n, now)) for n, before, now in change.cells]


def _command(request: HttpRequest, form: ReferenceForm, pending: imports.PendingUpload) -> str:
    """The line that imports this file as the page was told to."""
    options: dict[str, str | bool] = {
        "--name": pending.name,
        "--by": actor(request).username,
        "--encoding": form.options.encoding,
        "--sheet": form.options.sheet,
        "--leave-out": form.cleaned_data["is_leaving_out"],
    }
    return imports.command_line("import_areas", pending.path, options)
