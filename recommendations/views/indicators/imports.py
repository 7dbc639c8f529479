"""Import of a file of figures: upload, preview, import."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.figures import (
    FigurePlan,
    clear_left_over,
    import_figures,
    plan_figures,
    remembered_import,
    remembered_options,
    undo_import,
)
from recommendations.actions.imports.figures.area_uses import AreaOutcome, AreaUse
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.forms.fields import Attempt, add_form_errors, attempt
from recommendations.forms.imports import FiguresForm
from recommendations.forms.publication import ReasonForm
from recommendations.models import Area, ImportRun, Indicator
from recommendations.queries.indicators.undoing import UNDO, shown_undo, undo_effects
from recommendations.queries.shown import Shown
from recommendations.readers import TableError
from recommendations.readers.statistics.figures import Use
from recommendations.views import uploaded_files
from recommendations.views.access import actor, open_to

TEMPLATE = "indicators/import.html"

USES: Mapping[Use, str | Promise] = {
    Use.AREA: gettext_lazy("Area"),
    Use.PERIOD: gettext_lazy("Period"),
    Use.VALUE: gettext_lazy("Value"),
    Use.STATUS: gettext_lazy("Observation status"),
    Use.SERIES: gettext_lazy("Series"),
    Use.UNIT: gettext_lazy("Unit"),
    Use.TERM: gettext_lazy("Numerator or denominator"),
    Use.NOTE: gettext_lazy("Source or comment"),
    Use.DIMENSION: gettext_lazy("Dimension"),
    Use.NOT_READ: gettext_lazy("Not read"),
}
"""What columns of a file are taken for, in words."""

UNDO_TEMPLATE = "indicators/import_undo.html"

SHOWN = 50
"""Revisions, areas and rejected rows that the page lists one by one."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_import(request: HttpRequest, code: str) -> HttpResponse:
    """Upload the file of one indicator, preview its import, and run it."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    if not permissions.can_observe(request.user, indicator):
        raise PermissionDenied(_("You may not record figures of this indicator."))
    page: dict[str, Any] = {
        "indicator": indicator,
        "may_import_areas": permissions.can_import_areas(request.user),
    }
    if request.method != "POST":
        page["form"] = FiguresForm(person=request.user)
        return render(request, TEMPLATE, page)
    pending = uploaded_files.find(request.POST.get("token", ""), actor(request))
    if pending is not None and pending.source != indicator.code:
        pending = None
    is_kept = pending is not None
    form = FiguresForm(request.POST, request.FILES, is_file_kept=is_kept, person=request.user)
    page["form"] = form
    if form.is_valid() and (file := form.cleaned_data["file"]):
        pending = uploaded_files.keep(file, actor(request), indicator.code, form.options)
        form = page["form"] = _as_last_time(indicator, form, pending, page)
    if pending is not None:
        page |= {"token": pending.token, "file_name": pending.name}
        if form.is_valid():
            return _plan_or_import(request, indicator, form, pending, page)
    return render(request, TEMPLATE, page, status=400)


def _as_last_time(
    indicator: Indicator,
    form: FiguresForm,
    pending: uploaded_files.PendingUpload,
    page: dict[str, Any],
) -> FiguresForm:
    """The form with the choices of the last file with these columns, where it has none."""
    if form.has_choices:
        return form
    with pending.path.open("rb") as file:
        run = remembered_import(Upload(file, pending.name, form.options), indicator)
    if run is None:
        return form
    page["remembered"] = run
    chosen = form.with_choices(remembered_options(run))
    return chosen if chosen.is_valid() else form


def _plan_or_import(
    request: HttpRequest,
    indicator: Indicator,
    form: FiguresForm,
    pending: uploaded_files.PendingUpload,
    page: dict[str, Any],
) -> HttpResponse:
    expected = uploaded_files.confirmed_digest(request)
    try:
        with pending.path.open("rb") as file:
            upload, options = Upload(file, pending.name, form.options), form.figure_options()
            if not expected:
                plan = plan_figures(
                    upload=upload, indicator=indicator, options=options, by=actor(request)
                )
                page |= _shown(plan)
                if plan.new + plan.revised > settings.IMPORT_PAGE_MAX_VALUES:
                    page |= {"may_import": False, "command": _command(request, form, pending)}
                return render(request, TEMPLATE, page)
            _warn_of_interrupted(request)
            plan = import_figures(
                upload=upload,
                indicator=indicator,
                by=actor(request),
                options=options,
                expected=expected,
                most=settings.IMPORT_PAGE_MAX_VALUES,
            )
    except TableError as error:
        form.add_error("file", str(error))
        return render(request, TEMPLATE, page, status=400)
    except ValidationError as error:
        add_form_errors(form, error)
        return render(request, TEMPLATE, page, status=400)
    except ImportRefused as refusal:
        page |= _shown(refusal.plan) | {"refusal": refusal}
        return render(request, TEMPLATE, page, status=409)
    uploaded_files.forget(pending)
    message = _(
        "%(file)s: %(new)d new, %(revised)d revised, %(unchanged)d unchanged, %(rounded)d the same "
        "at the precision given."
    )
    messages.success(request, message % {"file": pending.name, **plan.counts})
    return redirect(indicator)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_undo_import)
def import_undo(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What undoing an import of values changes and what rests on them; confirmed, undoing it."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    runs = ImportRun.objects.select_related("indicator", "by", "undone_by")
    run = get_object_or_404(runs.filter(indicator=indicator.pk), pk=pk)
    form, attempted = ReasonForm(), Attempt()
    if request.method == "POST":
        form = ReasonForm(request.POST)
        attempted = attempt(
            form,
            lambda: undo_import(
                run=run,
                by=actor(request),
                reason=form.cleaned_data["reason"],
                seen=Shown.sent(request.POST, UNDO, pk),
            ),
            shown_apart=(ActionRefused,),
        )
        if attempted.is_done:
            messages.success(request, _("Import undone. Its values are withdrawn."))
            return redirect(run)
        run.refresh_from_db()
    page = {"indicator": indicator, "run": run, "form": form, "refusal": attempted.refusal}
    if run.undone_at is None:
        effects = undo_effects(run)
        shown = shown_undo(run, effects["counts"], effects["evidence_total"])
        page |= {"effects": effects, "shown": shown}
    return render(request, UNDO_TEMPLATE, page, status=attempted.status)


def _areas(plan: FigurePlan) -> dict[str, Any]:
    """The areas of the file with their names in the reader’s language: those to check, which are
    new or not imported, and those that are known."""
    keys = [use.area for use in plan.areas if use.area is not None and use.area > 0]
    local = {row.pk: row.local_name for row in Area.objects.filter(pk__in=keys)}
    found: dict[bool, list[tuple[AreaUse, str]]] = {True: [], False: []}
    for use in plan.areas:
        is_known = use.outcome in (AreaOutcome.MATCHED, AreaOutcome.GROUP)
        found[is_known].append((use, local.get(use.area or 0, use.name)))
    return {"known_areas": found[True], "open_areas": found[False]}


def _dimension(name: str, codes: Mapping[str, int], plan: FigurePlan) -> dict[str, Any]:
    """The parts of a dimension with their rows, and which one is meant."""
    return {
        "name": name,
        "field": f"{FiguresForm.SLICE}{name}",
        "codes": list(codes.items())[:SHOWN],
        "may_choose": len(codes) <= SHOWN,
        "chosen": dict(plan.options.slice).get(name, ""),
    }


def _command(request: HttpRequest, form: FiguresForm, pending: uploaded_files.PendingUpload) -> str:
    """The line that imports this file as the page was told to."""
    chosen, read = form.figure_options(), form.options
    options: dict[str, str | bool] = {
        "--name": pending.name,
        "--indicator": pending.source,
        "--by": actor(request).username,
        "--source": chosen.source,
        "--vintage": chosen.vintage.isoformat() if chosen.vintage else "",
        "--format": chosen.format,
        "--decimal": chosen.decimal,
        "--value-column": chosen.value_column,
        "--series": chosen.series,
        "--area": chosen.area,
        "--codes-are": chosen.codes_are,
        "--slice": "|".join(f"{name}={code}" for name, code in chosen.slice),
        "--encoding": read.encoding,
        "--sheet": read.sheet,
        "--leave-out": chosen.skip_rejected,
        "--replace-characters": chosen.replaces_invalid,
        "--allow-older": chosen.allow_older,
        "--reason": chosen.reason,
        "--accept-doubts": chosen.accept_doubts,
    }
    return uploaded_files.command_line("import_observations", pending.path, options)


def _warn_of_interrupted(request: HttpRequest) -> None:
    """Tell of imports whose process ended before their end, once."""
    for left in clear_left_over():
        words = _(
            "An import of %(file)s into %(code)s by %(who)s was interrupted. No data were "
            "imported. %(count)d prepared rows were deleted."
        )
        told = {"file": left.file_name, "code": left.indicator, "count": left.rows}
        messages.warning(request, words % {**told, "who": left.by})


def _shown(plan: FigurePlan) -> dict[str, Any]:
    """What the page shows of a plan."""
    revisions, roundings = plan.revisions[:SHOWN], plan.roundings[:SHOWN]
    names = Area.objects.in_bulk([figure.area for figure in (*revisions, *roundings)])
    counts = {
        _("New"): plan.new,
        _("Revised"): plan.revised,
        _("Unchanged"): plan.unchanged,
        _("Same at the precision given"): plan.rounded,
        _("Kept: recorded value is newer"): plan.kept_newer,
        _("Rejected"): plan.rejected,
        _("Unknown areas"): plan.unmatched_rows,
    }
    return {
        "plan": plan,
        "counts": counts.items(),
        "revisions": [(names[revised.area], revised) for revised in revisions],
        "more_revisions": max(0, plan.revised - len(revisions)),
        "roundings": [(names[rounded.area], rounded) for rounded in roundings],
        "more_roundings": max(0, plan.rounded - len(roundings)),
        "rejections": plan.rejections[:SHOWN],
        "contradictions": plan.contradictions[:SHOWN],
        "doubts": plan.doubts[:SHOWN],
        "more_doubts": max(0, plan.doubted - SHOWN),
        "disagreements": plan.disagreements[:SHOWN],
        "more_disagreements": max(0, plan.disagreeing - SHOWN),
        "more_rejections": max(0, plan.rejected - SHOWN),
        **_areas(plan),
        "places": list(plan.unmatched.values())[:SHOWN],
        "series": plan.series.items() if plan.is_ambiguous else (),
        "columns": [(column, USES[column.use]) for column in plan.columns[:SHOWN]],
        "dimensions": [_dimension(name, codes, plan) for name, codes in plan.dimensions.items()],
        "may_import": plan.changes_anything and not plan.is_refused,
    }
