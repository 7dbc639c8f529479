"""Bringing a file of figures in: look at what it would do, then do just that."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions.imports import figures
from recommendations.forms.fields import add_form_errors
from recommendations.forms.indicators import FiguresForm
from recommendations.models import Area, Indicator
from recommendations.readers import TableError
from recommendations.views import uploaded_files
from recommendations.views.access import actor, open_to

SHOWN = 50
"""Revisions, places and rejected rows that the page tells one by one."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_import(request: HttpRequest, code: str) -> HttpResponse:
    """The file of one indicator: sent, looked at, brought in."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    if not permissions.can_observe(request.user, indicator):
        raise PermissionDenied(_("You may not record figures of this indicator."))
    page: dict[str, Any] = {"indicator": indicator}
    if request.method != "POST":
        page["form"] = FiguresForm(initial={"source": indicator.source[:300].split("\n")[0]})
        return render(request, "indicators/import.html", page)
    kept = uploaded_files.find(request.POST.get("token", ""), actor(request))
    kept = kept if kept is not None and kept.source == indicator.code else None
    form = FiguresForm(request.POST, request.FILES, is_file_kept=kept is not None)
    page["form"] = form
    if form.is_valid():
        if file := form.cleaned_data["file"]:
            kept = uploaded_files.keep(file, actor(request), indicator.code, form.asked)
        if kept is not None:
            page |= {"token": kept.token, "file_name": kept.name}
            return _with_file(request, indicator, form, kept, page)
    elif kept is not None:
        page |= {"token": kept.token, "file_name": kept.name}
    return render(request, "indicators/import.html", page, status=400)


def _with_file(
    request: HttpRequest,
    indicator: Indicator,
    form: FiguresForm,
    kept: uploaded_files.Waiting,
    page: dict[str, Any],
) -> HttpResponse:
    """Plan, or where the plan was seen and wanted, run."""
    seen = request.POST.get("seen", "") if request.POST.get("move") == "import" else ""
    try:
        with kept.path.open("rb") as file:
            upload = figures.Upload(file, kept.name)
            if seen:
                return _run(request, upload, indicator, form, kept, seen)
            planned = figures.plan(upload=upload, indicator=indicator, choices=form.choices())
    except TableError as error:
        form.add_error("file", str(error))
        return render(request, "indicators/import.html", page, status=400)
    except ValidationError as error:
        add_form_errors(form, error)
        return render(request, "indicators/import.html", page, status=400)
    except (figures.FiguresRefused, figures.FiguresChanged) as refusal:
        page |= told(refusal.plan) | {"refusal": refusal}
        return render(request, "indicators/import.html", page, status=409)
    return render(request, "indicators/import.html", page | told(planned))


def _run(
    request: HttpRequest,
    upload: figures.Upload,
    indicator: Indicator,
    form: FiguresForm,
    kept: uploaded_files.Waiting,
    seen: str,
) -> HttpResponse:
    done = figures.run(
        upload=upload,
        indicator=indicator,
        by=actor(request),
        choices=form.choices(),
        expected=seen,
    )
    uploaded_files.forget(kept)
    words = _("%(file)s: %(new)d new, %(revised)d revised, %(unchanged)d unchanged.")
    messages.success(request, words % {"file": kept.name, **done.counts})
    return redirect(indicator)


def told(planned: figures.Plan) -> dict[str, Any]:
    """What the page says of a plan."""
    shown = planned.revisions[:SHOWN]
    names = Area.objects.in_bulk([revised.area for revised in shown])
    counts = {
        _("New"): planned.new,
        _("Revised"): planned.revised,
        _("Unchanged"): planned.unchanged,
        _("Rejected"): planned.rejected,
        _("Of unknown places"): planned.unmatched_rows,
    }
    return {
        "plan": planned,
        "counts": counts.items(),
        "revisions": [(names[revised.area], revised) for revised in shown],
        "more_revisions": max(0, planned.revised - len(shown)),
        "rejections": planned.rejections[:SHOWN],
        "more_rejections": max(0, planned.rejected - SHOWN),
        "places": list(planned.unmatched.values())[:SHOWN],
        "series": planned.series.items() if planned.is_ambiguous else (),
        "may_import": planned.changes_anything
        and not planned.is_refused
        and not planned.is_ambiguous,
    }
