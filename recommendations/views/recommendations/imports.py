"""Bringing in a spreadsheet: upload, say what is what, look at what would happen, import."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports import spreadsheet
from recommendations.forms.imports import MapForm, UploadForm
from recommendations.models import Recommendation, ReportedStatus, Source
from recommendations.readers import TableError, open_table
from recommendations.readers.columns import ColumnMap, Field, MapError, propose, read_map
from recommendations.views import uploaded_files
from recommendations.views.access import actor, open_to
from recommendations.views.lists import A_PAGE, requested_page

ROWS_SHOWN = 50
LINES_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import)
def recommendation_import(request: HttpRequest) -> HttpResponse:
    """Take a file, look whether it can be read at all, and put it aside."""
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial={"source": request.GET.get("source")},
    )
    if is_sent and form.is_valid():
        file, source = form.cleaned_data["file"], form.cleaned_data["source"]
        waiting = uploaded_files.keep(file, actor(request), source.slug, form.asked)
        try:
            with waiting.path.open("rb") as kept:
                for _row in open_table(kept, waiting.name, waiting.asked).rows:
                    pass
        except TableError as error:
            uploaded_files.forget(waiting)
            form.add_error("file", str(error))
        else:
            return redirect("recommendation-import-map", token=waiting.token)
    status = 400 if form.errors else 200
    return render(request, "imports/upload.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_import)
def recommendation_import_map(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is what; then look at what would happen; then do it."""
    waiting = uploaded_files.find(token, actor(request))
    if waiting is None:
        if request.method == "POST":
            messages.error(request, _("The file is not here any more: upload it again."))
            return redirect("recommendation-import")
        raise Http404(_("This file is not here any more."))
    source = get_object_or_404(Source, slug=waiting.source)
    with waiting.path.open("rb") as file:
        upload = spreadsheet.Upload(file, waiting.name, waiting.asked)
        form = _form(request, upload, source)
        page: dict[str, Any] = {"form": form, "source": source, "file_name": waiting.name}
        if request.method != "POST":
            return render(request, "imports/map.html", page)
        if not form.is_valid():
            return render(request, "imports/map.html", page, status=400)
        seen = request.POST.get("seen", "")
        if request.POST.get("move") == "import" and seen:
            return _run(request, upload, source, form, page, seen, waiting)
        planned = spreadsheet.plan(
            upload=upload, source=source, by=actor(request), choices=form.choices()
        )
        return _preview(request, page, planned)


def _form(request: HttpRequest, upload: spreadsheet.Upload, source: Source) -> MapForm:
    """The form for this file: what was remembered or proposed, or what was sent."""
    table = open_table(upload.file, upload.name, upload.asked)
    kept = remembered(source)
    columns = ColumnMap(_columns(request, table.header) if request.method == "POST" else {})
    if not columns.columns:
        is_kept = kept is not None and set(kept.columns) <= set(table.header)
        columns = kept if kept is not None and is_kept else ColumnMap(propose(table.header))
    return MapForm(
        request.POST if request.method == "POST" else None,
        header=table.header,
        words=spreadsheet.words_of_statuses(table, columns),
        kept=kept,
    )


def remembered(source: Source) -> ColumnMap | None:
    """The map that was confirmed for this source before, if it can still be read."""
    try:
        return read_map(source.column_map) if source.column_map else None
    except MapError:
        return None


def _columns(request: HttpRequest, header: tuple[str, ...]) -> dict[str, Field]:
    sent = {name: request.POST.get(f"column_{place}", "") for place, name in enumerate(header)}
    return {name: Field(code) for name, code in sent.items() if code in Field.values}


def _run(
    request: HttpRequest,
    upload: spreadsheet.Upload,
    source: Source,
    form: MapForm,
    page: dict[str, Any],
    seen: str,
    waiting: uploaded_files.Waiting,
) -> HttpResponse:
    try:
        done = spreadsheet.run(
            upload=upload, source=source, by=actor(request), choices=form.choices(), expected=seen
        )
    except (spreadsheet.ImportRefused, spreadsheet.PlanChanged) as refusal:
        return _preview(request, page, refusal.plan, refusal)
    uploaded_files.forget(waiting)
    counts = done.counts
    messages.success(
        request,
        _("%(file)s: %(new)d new, %(changed)d changed, %(unchanged)d unchanged.")
        % {"file": waiting.name, **counts},
    )
    if counts["rejected"]:
        n = counts["rejected"]
        messages.warning(request, ngettext("%d row was left out.", "%d rows were left out.", n) % n)
    return redirect(f"{reverse('recommendation-list')}?source={source.slug}")


def _preview(
    request: HttpRequest,
    page: dict[str, Any],
    planned: spreadsheet.Plan,
    refusal: ActionRefused | None = None,
) -> HttpResponse:
    shown = [
        row for row in planned.rows if row.kind in (spreadsheet.Kind.NEW, spreadsheet.Kind.CHANGED)
    ]
    page |= {
        "plan": planned,
        "counts": [(kind.label, len(planned.of(kind))) for kind in spreadsheet.Kind],
        "groups": [
            (group, group.lines[:LINES_SHOWN], group.told[:LINES_SHOWN]) for group in planned.groups
        ],
        "shown": shown[:ROWS_SHOWN],
        "more": max(0, len(shown) - ROWS_SHOWN),
        "refusal": refusal,
    }
    return render(request, "imports/map.html", page, status=409 if refusal else 200)


@require_safe
@open_to(permissions.can_read_internally)
def recommendation_reported(request: HttpRequest, reference: str) -> HttpResponse:
    """What spreadsheets reported of one recommendation, newest first."""
    found = get_object_or_404(Recommendation, reference=reference)
    reported = ReportedStatus.objects.visible_to(request.user).filter(recommendation=found)
    newest = reported.select_related("recorded_by").order_by("-recorded_at", "-pk")
    page = requested_page(request, Paginator(newest, A_PAGE))
    return render(request, "imports/reported.html", {"found": found, "page": page})
