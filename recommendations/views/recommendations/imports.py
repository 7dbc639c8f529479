"""Import of a spreadsheet: upload, map columns, preview, import."""

import json
from dataclasses import replace
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.imports.pipeline import (
    ImportRefused,
    ListProgress,
    ListStep,
    Upload,
)
from recommendations.actions.imports.spreadsheet import (
    RowKind,
    SpreadsheetPlan,
    confidences_in,
    import_spreadsheet,
    open_list,
    plan_spreadsheet,
    statuses_in,
)
from recommendations.actions.imports.spreadsheet.maps import ColumnMap, propose, read_map
from recommendations.characters import replace_invalid
from recommendations.columns import Field
from recommendations.exports import FORMATS
from recommendations.exports.list_files import XLSX, rejected_sheet, template_workbook
from recommendations.forms.column_maps import MapForm
from recommendations.forms.imports import SheetForm, UploadForm
from recommendations.models import Recommendation, ReportedStatus, Source
from recommendations.queries.openings.review import newest_batches
from recommendations.readers import Table, TableError
from recommendations.readers.meanings import MapError
from recommendations.readers.tables import one_line
from recommendations.readers.xlsx_table import visible_sheets
from recommendations.views import uploaded_files
from recommendations.views.access import actor, open_to
from recommendations.views.lists import A_PAGE, requested_page
from recommendations.views.recommendations.waiting_uploads import go_on, waiting_uploads

ROWS_SAMPLED, SAMPLES, SAMPLE_LENGTH = 30, 3, 40
ROWS_SHOWN = 50
LINES_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import)
def recommendation_import(request: HttpRequest) -> HttpResponse:
    """Upload a file that can be read as a table."""
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial={"source": request.GET.get("source")},
    )
    if is_sent and form.is_valid():
        file, source = form.cleaned_data["file"], form.cleaned_data["source"]
        pending = uploaded_files.keep(file, actor(request), source.slug, form.options)
        if not pending.sheet and len(_sheets(pending)) > 1:
            return go_on(request, pending, "recommendation-import-sheet")
        if not (fault := _fault(pending)):
            return go_on(request, pending, "recommendation-import-map")
        uploaded_files.forget(pending)
        form.add_error("file", fault)
    status = 400 if form.errors else 200
    context = {
        "form": form,
        "batches": newest_batches(request.user),
        "waiting": waiting_uploads(request),
    }
    return render(request, "imports/upload.html", context, status=status)


def _sheets(pending: uploaded_files.PendingUpload) -> list[str]:
    with pending.path.open("rb") as kept:
        return visible_sheets(kept)


def _fault(pending: uploaded_files.PendingUpload) -> str:
    """Why an upload cannot be read to its end; empty where it can."""
    try:
        with pending.path.open("rb") as kept:
            for _row in open_list(Upload(kept, pending.name, pending.options)).rows:
                pass
    except TableError as error:
        return str(error)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import)
def recommendation_import_sheet(request: HttpRequest, token: str) -> HttpResponse:
    """Which sheet of an uploaded workbook is read."""
    pending = uploaded_files.find(token, actor(request))
    if pending is None:
        raise Http404(_("This file is no longer available."))
    is_sent = request.method == "POST"
    form = SheetForm(request.POST if is_sent else None, titles=_sheets(pending))
    if is_sent and form.is_valid():
        chosen = replace(pending, sheet=form.cleaned_data["sheet"])
        if not (fault := _fault(chosen)):
            return go_on(request, chosen, "recommendation-import-map")
        form.add_error("sheet", fault)
    context = {"form": form, "file_name": pending.name}
    return render(request, "imports/sheet.html", context, status=400 if form.errors else 200)


@require_safe
@open_to(permissions.can_import)
def recommendation_import_template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in: the columns of a list, with lists of allowed values."""
    response = HttpResponse(template_workbook(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="recommendations-template.xlsx"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import)
def recommendation_import_map(request: HttpRequest, token: str) -> HttpResponse:
    """Map the columns of an upload, preview the import, and run it."""
    pending = uploaded_files.find(token, actor(request))
    if pending is None:
        if request.method == "POST":
            messages.error(request, _("The file is no longer available. Upload the file again."))
            return redirect("recommendation-import")
        raise Http404(_("This file is no longer available."))
    source = get_object_or_404(Source, slug=pending.source)
    with pending.path.open("rb") as file:
        upload = Upload(file, pending.name, pending.options)
        form = _form(request, upload, source)
        page: dict[str, Any] = {
            "form": form,
            "source": source,
            "file_name": pending.name,
            "token": token,
        }
        if request.method != "POST":
            return render(request, "imports/map.html", page)
        if not form.is_valid():
            return render(request, "imports/map.html", page, status=400)
        return _plan_or_import(request, pending, upload, source, page)


def _plan_or_import(
    request: HttpRequest,
    pending: uploaded_files.PendingUpload,
    upload: Upload,
    source: Source,
    page: dict[str, Any],
) -> HttpResponse:
    by, options = actor(request), page["form"].spreadsheet_options()
    expected = uploaded_files.confirmed_digest(request)
    if not expected:
        plan = plan_spreadsheet(
            upload=upload, source=source, by=by, options=options, progress=_telling(pending)
        )
        if request.POST.get("move") == "rejected":
            return _rejected(upload, plan)
        page |= _shown(plan)
        if len(plan.written) > settings.IMPORT_PAGE_MAX_ROWS:
            page["command"] = _command(request, pending, plan)
        return render(request, "imports/map.html", page)
    try:
        plan = import_spreadsheet(
            upload=upload,
            source=source,
            by=by,
            options=options,
            expected=expected,
            most=settings.IMPORT_PAGE_MAX_ROWS,
            progress=_telling(pending),
        )
    except ImportRefused as refusal:
        page |= _shown(refusal.plan) | {"refusal": refusal}
        return render(request, "imports/map.html", page, status=409)
    uploaded_files.forget(pending)
    _tell(request, upload, plan)
    if plan.batch is not None:
        return redirect(plan.batch)
    return redirect(f"{reverse('recommendation-list')}?source={source.slug}")


def _tell(request: HttpRequest, upload: Upload, plan: SpreadsheetPlan) -> None:
    """What was imported, and what was not."""
    message = _("%(file)s: %(new)d new, %(changed)d changed, %(unchanged)d unchanged.")
    messages.success(request, message % {"file": upload.name, **plan.counts})
    if skipped := plan.counts["rejected"]:
        message = ngettext("%d row was skipped.", "%d rows were skipped.", skipped)
        messages.warning(request, message % skipped)


def _telling(pending: uploaded_files.PendingUpload) -> ListProgress:
    """What keeps the progress of an import in words."""

    def tell(step: ListStep, count: int) -> None:
        words = {
            ListStep.CHECKING: ngettext("%(n)d row checked", "%(n)d rows checked", count),
            ListStep.WRITING: ngettext("Writing %(n)d row", "Writing %(n)d rows", count),
        }
        uploaded_files.tell_progress(pending, words[step] % {"n": count})

    return tell


@require_safe
@open_to(permissions.can_import)
def recommendation_import_progress(request: HttpRequest, token: str) -> HttpResponse:
    """How far the import of an upload is, as a text."""
    pending = uploaded_files.find(token, actor(request))
    told = uploaded_files.progress_of(pending) if pending else ""
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


def _rejected(upload: Upload, plan: SpreadsheetPlan) -> HttpResponse:
    """The rejected rows as they came, each with the reason: to be corrected and uploaded again."""
    reasons = {
        row.line: "; ".join(
            found.message or str(found.code.label)
            for found in row.record.findings
            if found.code.is_rejection
        )
        for row in plan.rows_of(RowKind.REJECTED)
    }
    table = open_list(upload)
    sheet = rejected_sheet(table, reasons)
    chosen = FORMATS["xlsx"]
    response = HttpResponse(b"".join(chosen.write(sheet)), content_type=chosen.content_type)
    response["Content-Disposition"] = 'attachment; filename="rejected-rows.xlsx"'
    return response


def _command(
    request: HttpRequest, pending: uploaded_files.PendingUpload, plan: SpreadsheetPlan
) -> str:
    """The line that imports this file as the page was told to, by the map that it confirmed."""
    chosen = plan.options
    confirmed = json.dumps(chosen.column_map.as_json(), ensure_ascii=False)
    options: dict[str, str | bool] = {
        "--name": pending.name,
        "--source": pending.source,
        "--by": actor(request).username,
        "--map": str(uploaded_files.keep_beside(confirmed.encode())),
        "--encoding": pending.encoding,
        "--sheet": pending.sheet,
        "--header-row": str(pending.header_row or ""),
        "--create-organisations": chosen.create_organisations,
        "--leave-out-rejected": chosen.skip_rejected,
        "--replace-characters": chosen.replaces_invalid,
        "--take-over": chosen.takes_over,
        "--stated-on": str(chosen.stated_on or ""),
    }
    return uploaded_files.command_line("import_recommendations", pending.path, options)


def _shown(plan: SpreadsheetPlan) -> dict[str, Any]:
    """What the page shows of a plan."""
    written = plan.written
    return {
        "plan": plan,
        "counts": [(kind.label, len(plan.rows_of(kind))) for kind in RowKind],
        "groups": [
            (group, group.lines[:LINES_SHOWN], group.messages[:LINES_SHOWN])
            for group in plan.groups
        ],
        "shown": written[:ROWS_SHOWN],
        "more": max(0, len(written) - ROWS_SHOWN),
    }


def _form(request: HttpRequest, upload: Upload, source: Source) -> MapForm:
    """The form for this file: what was remembered or proposed, or what was sent."""
    table = open_list(upload)
    # What the file holds is looked through three times, and read once.
    rows = list(table.rows)
    kept = remembered(source)
    columns = ColumnMap(_columns(request, table.header) if request.method == "POST" else {})
    if not columns.columns:
        is_kept = kept is not None and set(kept.columns) <= set(table.header)
        columns = kept if kept is not None and is_kept else ColumnMap(propose(table.header))
    return MapForm(
        request.POST if request.method == "POST" else None,
        header=table.header,
        words=statuses_in(replace(table, rows=iter(rows)), columns),
        kept=kept,
        ratings=confidences_in(replace(table, rows=iter(rows)), columns),
        samples=samples_of(replace(table, rows=iter(rows))),
    )


def samples_of(table: Table) -> dict[str, list[str]]:
    """A few different values of each column, from the first rows."""
    found: dict[str, list[str]] = {name: [] for name in table.header}
    for row in islice(table.rows, ROWS_SAMPLED):
        for name, cell in zip(table.header, row.cells, strict=True):
            text = replace_invalid(one_line(cell)[:SAMPLE_LENGTH])
            if text and text not in found[name] and len(found[name]) < SAMPLES:
                found[name].append(text)
    return found


def remembered(source: Source) -> ColumnMap | None:
    """The map that was confirmed for this source before, if it can still be read."""
    try:
        return read_map(source.column_map) if source.column_map else None
    except MapError:
        return None


def _columns(request: HttpRequest, header: tuple[str, ...]) -> dict[str, Field]:
    sent = {name: request.POST.get(f"column_{index}", "") for index, name in enumerate(header)}
    return {name: Field(code) for name, code in sent.items() if code in Field.values}


@require_safe
@open_to(permissions.can_read_internally)
def recommendation_reported(request: HttpRequest, reference: str) -> HttpResponse:
    """What spreadsheets reported of one recommendation, newest first."""
    found = get_object_or_404(Recommendation, reference=reference)
    reported = ReportedStatus.objects.visible_to(request.user).filter(recommendation=found)
    newest = reported.select_related("recorded_by").order_by("-recorded_at", "-pk")
    page = requested_page(request, Paginator(newest, A_PAGE))
    return render(request, "imports/reported.html", {"found": found, "page": page})
