"""Imports of lists and of figures: upload, columns, preview, import."""

import contextlib
import hashlib
import json
import os
import secrets
import shlex
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.base import ActionRefused
from recommendations.actions.imports.figures import (
    FigurePlan,
    clear_left_over,
    import_figures,
    plan_figures,
    remembered_import,
    remembered_options,
    undo_import,
)
from recommendations.actions.imports.figures.plans import AreaOutcome, AreaUse
from recommendations.actions.imports.pipeline import ImportRefused, ListProgress, ListStep, Upload
from recommendations.actions.imports.spreadsheet import (
    RowKind,
    SpreadsheetPlan,
    confidences_in,
    import_spreadsheet,
    open_list,
    plan_spreadsheet,
    statuses_in,
)
from recommendations.actions.imports.spreadsheet.plans import ColumnMap, propose, read_map
from recommendations.characters import clean_file_name, replace_invalid
from recommendations.columns import Field
from recommendations.exports import FORMATS
from recommendations.exports.workbooks import XLSX, rejected_sheet, template_workbook
from recommendations.forms.fields import Attempt, add_form_errors
from recommendations.forms.imports import FiguresForm, MapForm, SheetForm, UploadForm
from recommendations.forms.recommendations import ReasonForm
from recommendations.models import (
    Area,
    ImportRun,
    Indicator,
    Recommendation,
    ReportedStatus,
    Source,
    User,
)
from recommendations.queries.bulk_changes import newest_imports
from recommendations.queries.indicators.confirmations import UNDO, shown_undo, undo_effects
from recommendations.queries.listed import A_PAGE
from recommendations.queries.openings import newest_batches
from recommendations.queries.shown import Shown
from recommendations.readers import ReadOptions, Table, TableError
from recommendations.readers.meanings import MapError
from recommendations.readers.statistics.reading import Use
from recommendations.readers.tables import one_line
from recommendations.readers.workbook import visible_sheets
from recommendations.storage.uploads import upload_folder
from recommendations.views.access import actor, open_to
from recommendations.views.editing import Edit, edit_page
from recommendations.views.lists import requested_page

# ---- Uploads between two steps of an import, named by a signed token.
# The token names the person and the digest of the file, so nothing that a browser sends is trusted.

SALT = "recommendations.import"
KEPT_FOR = 3 * 24 * 60 * 60
"""Seconds until a file that was not imported is deleted."""


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """One upload: its name in the folder, its own name, its digest, and the person."""

    key: str
    name: str
    sha256: str
    person: int
    source: str
    encoding: str
    sheet: str
    header_row: int = 0
    is_pasted: bool = False

    @property
    def path(self) -> Path:
        return upload_folder() / self.key

    @property
    def options(self) -> ReadOptions:
        # Headings that rows were pasted without stand above the first of them.
        first = 0 if self.is_pasted and not self.header_row else 1
        return ReadOptions(self.encoding, self.sheet, self.header_row, first_row=first)

    @property
    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def keep(
    file: UploadedFile,
    person: User,
    source: str,
    options: ReadOptions,
    *,
    is_pasted: bool = False,
) -> PendingUpload:
    """Store an upload. Those that have expired are deleted first."""
    sweep()
    key = secrets.token_hex(16)
    sha256 = write(key, file.chunks())
    name = clean_file_name(file.name or "") or _("file without a name")
    read = (options.encoding, options.sheet, options.header_row)
    return PendingUpload(key, name, sha256, person.pk, source, *read, is_pasted=is_pasted)


def keep_beside(data: bytes) -> Path:
    """Store what belongs to an upload, for as long as that."""
    key = secrets.token_hex(16)
    write(key, [data])
    return upload_folder() / key


def command_line(command: str, path: Path, options: Mapping[str, str | bool]) -> str:
    """What imports a stored file at the command line; options that are empty are left out."""
    words = ["manage.py", command, str(path)]
    for name, value in options.items():
        if value:
            words.append(name if value is True else f"{name}={value}")
    return shlex.join(words)


def write(key: str, chunks: Iterable[bytes]) -> str:
    """Write a new file that nobody else can read; gives its SHA-256."""
    digest = hashlib.sha256()
    with open(upload_folder() / key, "xb", opener=_private) as kept:
        for chunk in chunks:
            digest.update(chunk)
            kept.write(chunk)
    return digest.hexdigest()


def find(token: str, person: User) -> PendingUpload | None:
    """The file that a token names, if it is this person's, still there and what it was."""
    try:
        held: Any = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
        pending = PendingUpload(**held)
        if pending.person != person.pk:
            return None
        with pending.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (signing.BadSignature, OSError, TypeError):
        return None
    return pending if digest == pending.sha256 else None


def forget(pending: PendingUpload) -> None:
    pending.path.unlink(missing_ok=True)
    _progress_path(pending).unlink(missing_ok=True)


def _progress_path(pending: PendingUpload) -> Path:
    return pending.path.with_suffix(".progress")


def tell_progress(pending: PendingUpload, text: str) -> None:
    """Keep how far the import of an upload is, for whoever asks meanwhile; in a file, since an
    import tells nobody else of what it writes before it is through."""
    path = _progress_path(pending)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def progress_of(pending: PendingUpload) -> str:
    """How far the import of an upload is, in words; empty where none is under way."""
    try:
        return _progress_path(pending).read_text(encoding="utf-8")
    except OSError:
        return ""


def sweep() -> None:
    """Delete the uploads that have expired."""
    for path in upload_folder().iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_FOR:
                path.unlink()


def confirmed_digest(request: HttpRequest) -> str:
    """The digest of the plan that the person saw and wants to run; empty for a preview."""
    return request.POST.get("seen", "") if request.POST.get("move") == "import" else ""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# ---- Lists that a person has uploaded and not imported yet, to go on with from the page of
# uploads.
# Their tokens are kept with the session; the files themselves are deleted when their time is over.

KEY = "lists"
MOST = 5
ROUTES = ("recommendation-import-map", "recommendation-import-sheet")


@dataclass(frozen=True, slots=True)
class WaitingUpload:
    """One upload: the name of its file, the source that it is for, and where it goes on."""

    name: str
    source: str
    url: str


def go_on(request: HttpRequest, pending: PendingUpload, route: str) -> HttpResponse:
    """To the next step of an upload, which is found again from the page of uploads."""
    others = [
        (to, token)
        for to, token in request.session.get(KEY, [])
        if (found := find(token, actor(request))) and found.key != pending.key
    ]
    request.session[KEY] = [(route, pending.token), *others][:MOST]
    return redirect(route, token=pending.token)


def waiting_uploads(request: HttpRequest) -> list[WaitingUpload]:
    """What this person has left, the newest first; what was imported or has expired is gone."""
    return [
        WaitingUpload(found.name, found.source, reverse(route, args=[token]))
        for route, token in request.session.get(KEY, [])
        if route in ROUTES and (found := find(token, actor(request)))
    ]


# ---- Import of a spreadsheet: upload, map columns, preview, import

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
        source, is_pasted = form.cleaned_data["source"], bool(form.cleaned_data["pasted"])
        pending = keep(form.upload, actor(request), source.slug, form.options, is_pasted=is_pasted)
        if not pending.sheet and len(_sheets(pending)) > 1:
            return go_on(request, pending, "recommendation-import-sheet")
        if not (fault := _fault(pending)):
            return go_on(request, pending, "recommendation-import-map")
        forget(pending)
        form.add_error("pasted" if is_pasted else "file", fault)
    status = 400 if form.errors else 200
    context = {
        "form": form,
        "batches": newest_batches(request.user),
        "imports": newest_imports(),
        "waiting": waiting_uploads(request),
    }
    return render(request, "imports/upload.html", context, status=status)


def _sheets(pending: PendingUpload) -> list[str]:
    with pending.path.open("rb") as kept:
        return visible_sheets(kept)


def _fault(pending: PendingUpload) -> str:
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
    pending = find(token, actor(request))
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
    pending = find(token, actor(request))
    if pending is None:
        if request.method == "POST":
            messages.error(request, _("The file is no longer available. Upload the file again."))
            return redirect("recommendation-import")
        raise Http404(_("This file is no longer available."))
    source = get_object_or_404(Source, slug=pending.source)
    with pending.path.open("rb") as file:
        upload = Upload(file, pending.name, pending.options)
        form = _form(request, upload, source, is_pasted=pending.is_pasted)
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
    pending: PendingUpload,
    upload: Upload,
    source: Source,
    page: dict[str, Any],
) -> HttpResponse:
    by, options = actor(request), page["form"].spreadsheet_options()
    expected = confirmed_digest(request)
    if not expected:
        plan = plan_spreadsheet(
            upload=upload, source=source, by=by, options=options, progress=_telling(pending)
        )
        if request.POST.get("move") == "rejected":
            return _rejected(upload, plan)
        page |= _shown(plan)
        if plan.size > settings.IMPORT_PAGE_MAX_ROWS:
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
    forget(pending)
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
    if plan.statuses_left:
        messages.warning(request, plan.statuses_left)


def _telling(pending: PendingUpload) -> ListProgress:
    """What keeps the progress of an import in words."""

    def tell(step: ListStep, count: int) -> None:
        words = {
            ListStep.CHECKING: ngettext("%(n)d row checked", "%(n)d rows checked", count),
            ListStep.WRITING: ngettext("Writing %(n)d row", "Writing %(n)d rows", count),
        }
        tell_progress(pending, words[step] % {"n": count})

    return tell


@require_safe
@open_to(permissions.can_import)
def recommendation_import_progress(request: HttpRequest, token: str) -> HttpResponse:
    """How far the import of an upload is, as a text."""
    pending = find(token, actor(request))
    told = progress_of(pending) if pending else ""
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


def _command(request: HttpRequest, pending: PendingUpload, plan: SpreadsheetPlan) -> str:
    """The line that imports this file as the page was told to, by the map that it confirmed."""
    chosen = plan.options
    confirmed = json.dumps(chosen.column_map.as_json(), ensure_ascii=False)
    options: dict[str, str | bool] = {
        "--name": pending.name,
        "--source": pending.source,
        "--by": actor(request).username,
        "--map": str(keep_beside(confirmed.encode())),
        "--encoding": pending.encoding,
        "--sheet": pending.sheet,
        "--header-row": str(pending.header_row or ""),
        "--create-organisations": chosen.create_organisations,
        "--leave-out-rejected": chosen.skip_rejected,
        "--replace-characters": chosen.replaces_invalid,
        "--take-over": chosen.takes_over,
        "--stated-on": str(chosen.stated_on or ""),
    }
    return command_line("import_recommendations", pending.path, options)


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


def _form(request: HttpRequest, upload: Upload, source: Source, *, is_pasted: bool) -> MapForm:
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
        is_pasted=is_pasted,
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


# ---- Import of a file of figures: upload, preview, import

TEMPLATE = "indicators/import.html"

USES: Mapping[Use, str | Promise] = {
    Use.AREA: capfirst(gettext_lazy("area")),
    Use.PERIOD: capfirst(gettext_lazy("period")),
    Use.VALUE: capfirst(gettext_lazy("value")),
    Use.STATUS: capfirst(gettext_lazy("observation status")),
    Use.SERIES: gettext_lazy("Series"),
    Use.UNIT: capfirst(gettext_lazy("unit")),
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
        raise PermissionDenied(_("You cannot record values of this indicator."))
    page: dict[str, Any] = {
        "indicator": indicator,
        "may_import_areas": permissions.can_import_areas(request.user),
    }
    if request.method != "POST":
        page["form"] = FiguresForm(person=request.user)
        return render(request, TEMPLATE, page)
    pending = find(request.POST.get("token", ""), actor(request))
    if pending is not None and pending.source != indicator.code:
        pending = None
    is_kept = pending is not None
    form = FiguresForm(request.POST, request.FILES, is_file_kept=is_kept, person=request.user)
    page["form"] = form
    if form.is_valid() and (file := form.cleaned_data["file"]):
        pending = keep(file, actor(request), indicator.code, form.options)
        form = page["form"] = _as_last_time(indicator, form, pending, page)
    if pending is not None:
        page |= {"token": pending.token, "file_name": pending.name}
        if form.is_valid():
            return _figures_plan_or_import(request, indicator, form, pending, page)
    return render(request, TEMPLATE, page, status=400)


def _as_last_time(
    indicator: Indicator,
    form: FiguresForm,
    pending: PendingUpload,
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


def _figures_plan_or_import(
    request: HttpRequest,
    indicator: Indicator,
    form: FiguresForm,
    pending: PendingUpload,
    page: dict[str, Any],
) -> HttpResponse:
    expected = confirmed_digest(request)
    try:
        with pending.path.open("rb") as file:
            upload, options = Upload(file, pending.name, form.options), form.figure_options()
            if not expected:
                plan = plan_figures(
                    upload=upload, indicator=indicator, options=options, by=actor(request)
                )
                page |= _figures_shown(plan)
                if plan.size > settings.IMPORT_PAGE_MAX_VALUES:
                    page |= {
                        "may_import": False,
                        "command": _figures_command(request, form, pending),
                    }
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
        page |= _figures_shown(refusal.plan) | {"refusal": refusal}
        return render(request, TEMPLATE, page, status=409)
    forget(pending)
    message = _(
        "%(file)s: %(new)d new, %(revised)d revised, %(unchanged)d unchanged, %(rounded)d the same "
        "at the precision given."
    )
    messages.success(request, message % {"file": pending.name, **plan.counts})
    return redirect(indicator)


@edit_page(permissions.can_undo_import)
def import_undo(request: HttpRequest, code: str, pk: int) -> Edit:
    """What undoing an import of values changes and what rests on them; confirmed, undoing it."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    runs = ImportRun.objects.select_related("indicator", "by", "undone_by")
    run = get_object_or_404(runs.filter(indicator=indicator.pk), pk=pk)

    def undo(by: User, values: dict[str, Any], seen: Shown) -> ImportRun:
        return undo_import(run=run, by=by, seen=seen, **values)

    def beside(attempted: Attempt) -> dict[str, Any]:
        if not attempted.is_done:
            run.refresh_from_db()
        page: dict[str, Any] = {"indicator": indicator, "run": run}
        if run.undone_at is None:
            effects = undo_effects(run)
            shown = shown_undo(run, effects["counts"], effects["evidence_total"])
            page |= {"effects": effects, "shown": shown}
        return page

    return Edit(
        undo,
        _("Import undone. Its values are withdrawn."),
        run,
        form=ReasonForm,
        decides=(UNDO, pk),
        apart=(ActionRefused,),
        template=UNDO_TEMPLATE,
        beside=beside,
    )


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


def _figures_command(request: HttpRequest, form: FiguresForm, pending: PendingUpload) -> str:
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
    return command_line("import_observations", pending.path, options)


def _warn_of_interrupted(request: HttpRequest) -> None:
    """Tell of imports whose process ended before their end, once."""
    for left in clear_left_over():
        words = _(
            "An import of %(file)s into %(code)s by %(who)s was interrupted. No data were "
            "imported. %(count)d prepared rows were deleted."
        )
        told = {"file": left.file_name, "code": left.indicator, "count": left.rows}
        messages.warning(request, words % {**told, "who": left.by})


def _figures_shown(plan: FigurePlan) -> dict[str, Any]:
    """What the page shows of a plan."""
    revisions, roundings = plan.revisions[:SHOWN], plan.roundings[:SHOWN]
    names = Area.objects.in_bulk([figure.area for figure in (*revisions, *roundings)])
    counts = {
        capfirst(_("new")): plan.new,
        capfirst(_("revised")): plan.revised,
        capfirst(_("unchanged")): plan.unchanged,
        _("Same at the precision given"): plan.rounded,
        _("Kept: recorded value is newer"): plan.kept_newer,
        _("Rejected"): plan.rejected,
        _("Unknown areas"): len(plan.unmatched),
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
        "may_import": plan.may_import,
    }
