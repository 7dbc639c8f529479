"""Imports of lists and of figures: upload, columns, preview, import."""

import contextlib
import hashlib
import json
import os
import secrets
import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import groupby, islice
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
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.imports.figures import (
    MOST_CHOSEN,
    FigureImport,
    FigurePlan,
    clear_left_over,
    listed_series,
    remembered_import,
    remembered_options,
    undo_import,
)
from recommendations.actions.imports.figures.plans import (
    IN_OWN_UNIT,
    OWN_UNIT,
    UNIT,
    AreaOutcome,
    AreaUse,
    RevisedFigure,
)
from recommendations.actions.imports.findings import FindingCode, FindingGroup
from recommendations.actions.imports.pipeline import (
    SORTS,
    Import,
    ImportPlan,
    ImportProgress,
    ImportRefused,
    ImportStep,
    Upload,
    flags_of,
)
from recommendations.actions.imports.spreadsheet import (
    STATUSES,
    SpreadsheetImport,
    SpreadsheetPlan,
    open_list,
    proposed_map,
    remembered,
    words_in,
)
from recommendations.characters import clean_file_name, replace_invalid
from recommendations.columns import Field, label_of
from recommendations.exports import FORMATS
from recommendations.exports.workbooks import XLSX, rejected_sheet, template_workbook
from recommendations.forms.fields import Attempt, add_form_errors
from recommendations.forms.imports import (
    MOST_TOLD,
    FiguresForm,
    IndicatorsForm,
    MapForm,
    ReadingForm,
    UploadForm,
)
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
from recommendations.queries.fields import Difference, value_in_words
from recommendations.queries.indicators.detail import UNDO, shown_undo, undo_effects
from recommendations.queries.listed import A_PAGE
from recommendations.queries.openings import newest_batches
from recommendations.queries.shown import Shown
from recommendations.readers import ReadOptions, Table, TableError
from recommendations.readers.opening import sheets_of
from recommendations.readers.tables import one_line, position_label
from recommendations.readers.text_tables import NotUtf8, readings
from recommendations.storage.uploads import upload_folder
from recommendations.views.access import actor, open_to
from recommendations.views.lists import requested_page
from recommendations.views.undoing import undo_page

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
    options: ReadOptions

    @property
    def path(self) -> Path:
        return upload_folder() / self.key

    @property
    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def keep(file: UploadedFile, person: User, source: str, options: ReadOptions) -> PendingUpload:
    """Store an upload. Those that have expired are deleted first."""
    sweep()
    key = secrets.token_hex(16)
    sha256 = write(key, file.chunks())
    name = clean_file_name(file.name or "") or _("file without a name")
    return PendingUpload(key, name, sha256, person.pk, source, options)


def keep_beside(data: bytes) -> Path:
    """Store what belongs to an upload, for as long as that."""
    key = secrets.token_hex(16)
    write(key, [data])
    return upload_folder() / key


def write(key: str, chunks: Iterable[bytes]) -> str:
    """Write a new file that nobody else can read; gives its SHA-256."""
    digest = hashlib.sha256()
    with open(upload_folder() / key, "xb", opener=partial(os.open, mode=0o600)) as kept:
        for chunk in chunks:
            digest.update(chunk)
            kept.write(chunk)
    return digest.hexdigest()


def find(token: str, person: User) -> PendingUpload | None:
    """The file that a token names, if it is this person's, still there and what it was."""
    try:
        held: Any = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
        pending = PendingUpload(**held | {"options": ReadOptions(**held["options"])})
        if pending.person != person.pk:
            return None
        with pending.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (signing.BadSignature, OSError, KeyError, TypeError):
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


# ---- The door of every kind of import: a file, what it would do, and the import itself

SHOWN, LINES_SHOWN, OPEN = 50, 100, 10
"""Changes and findings of one sort that a page lists one by one; rows; and how many unfolded."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row that an import writes, as its preview tells it."""

    title: str
    told: str
    changes: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class RowList:
    """Rows of one sort: the first of so many, perhaps with what they have in common."""

    told: str
    rows: Sequence[ShownRow]
    total: int
    note: str = ""


def cells_of(row: Any, cells: Iterable[tuple[str, Any, Any]]) -> list[Difference]:
    """Columns of a row as a preview tells them: what each is called, was, and will be."""

    def words(name: str, value: Any) -> str:
        if row._meta.get_field(name).is_relation:
            return str(value or "")
        return value_in_words(row, name, value)

    return [
        Difference(name, str(label_of(row, name)), words(name, before), words(name, after))
        for name, before, after in cells
    ]


@dataclass(frozen=True, slots=True)
class Door:
    """The page of one kind of import of files about one thing.

    ``about`` is what a kept upload is of, ``job`` the import of a file with what a form says, and
    ``done`` where an import leads. ``named`` is what names the thing at the command line, and
    ``shown`` what a page shows of a plan beside what all do.
    """

    about: str
    command: str
    job: Callable[[Upload, Any], Import[Any]]
    template: str
    done: Callable[[Any], Any]
    most: int
    named: Callable[[Any], Mapping[str, str]] = lambda plan: {}
    shown: Callable[[Any], Mapping[str, Any]] = lambda plan: {}
    asked: Mapping[FindingCode, str] = field(default_factory=dict)
    """The field of the form that lets findings of a code in."""


def import_page(
    request: HttpRequest,
    door: Door,
    form_of: Callable[..., Any],
    page: dict[str, Any],
    *,
    complete: Callable[[Any, PendingUpload], Any] = lambda form, pending: form,
) -> HttpResponse:
    """Upload a file, preview its import, and run it, on one page.

    ``complete`` gives the form of a file that was just uploaded what is known of such files.
    """
    if request.method != "POST":
        return render(request, door.template, {**page, "form": form_of()})
    pending = find(request.POST.get("token", ""), actor(request))
    if pending is not None and pending.source != door.about:
        pending = None
    form = form_of(request.POST, request.FILES, is_file_kept=pending is not None)
    if form.is_valid() and (file := form.cleaned_data["file"]):
        pending = keep(file, actor(request), door.about, form.options)
        form = complete(form, pending)
    page["form"] = form
    if pending is not None:
        page |= {"token": pending.token, "file_name": pending.name}
        if form.is_valid():
            return plan_or_import(request, door, form, pending, page)
    return render(request, door.template, page, status=400)


def plan_or_import(
    request: HttpRequest, door: Door, form: Any, pending: PendingUpload, page: dict[str, Any]
) -> HttpResponse:
    """Show what importing an upload would do; where that was confirmed, import it."""
    expected, status = request.POST.get("seen", ""), 200
    if request.POST.get("move") != "import":
        expected = ""
    read = getattr(form, "options", pending.options)
    with pending.path.open("rb") as file:
        job = door.job(Upload(file, pending.name, read), form)
        try:
            if expected:
                plan = job.run(expected=expected, most=door.most, progress=_telling(pending))
                forget(pending)
                return _imported(request, door, plan)
            plan = job.preview(_telling(pending))
            if request.POST.get("move") == "rejected":
                return _rejected(job.upload, plan)
            page |= _shown(door, form, plan)
            if plan.size > door.most:
                page |= {"may_import": False, "command": _command(request, door, read, job, plan)}
        except (TableError, NotAllowed) as error:
            asked = f"{getattr(error, 'role', '')}_column"
            if headers := getattr(error, "headers", ()):
                form.offer(headers)
            named = [name for name in (asked, "file") if name in form.fields]
            form.add_error(next(iter(named), None), str(error))
            status = 403 if isinstance(error, NotAllowed) else 400
        except ValidationError as error:
            add_form_errors(form, error)
            status = 400
        except ImportRefused as refusal:
            page |= _shown(door, form, refusal.plan) | {"refusal": refusal}
            status = 409
        except ActionRefused as refusal:
            page |= _shown(door, form, job.preview()) | {"refusal": refusal}
            status = 409
    return render(request, door.template, page, status=status)


def _imported(request: HttpRequest, door: Door, plan: ImportPlan) -> HttpResponse:
    """Tell what was imported, and what was not."""
    told = ", ".join(f"{SORTS[name]}: {n}" for name, n in plan.counts.items() if n)
    words = _("%(file)s is imported. %(counts)s.")
    messages.success(request, words % {"file": plan.file_name, "counts": told})
    return redirect(door.done(plan))


def _shown(door: Door, form: Any, plan: ImportPlan) -> dict[str, Any]:
    """What the page shows of a plan."""
    return {
        "plan": plan,
        "groups": [
            _group(door, form, plan, group)
            for group in plan.findings.groups
            if not plan.is_ambiguous
        ],
        "may_import": plan.may_import,
        "shown": SHOWN,
        **door.shown(plan),
    }


def spans(lines: Iterable[int]) -> list[str]:
    """Row numbers, three and more that follow each other as one: 2–5."""
    found = []
    for _place, run in groupby(enumerate(sorted(lines)), key=lambda each: each[1] - each[0]):
        numbers = [str(number) for _place, number in run]
        found += numbers if len(numbers) < 3 else [f"{numbers[0]}–{numbers[-1]}"]
    return found


def _group(door: Door, form: Any, plan: ImportPlan, group: FindingGroup) -> dict[str, Any]:
    """What a page shows of the findings of one code."""
    listed, rows = group.told, spans(group.lines)
    asked, stops = door.asked.get(group.code), plan.is_against(group.code)
    return {
        "code": group.code,
        "total": len(group.lines) or group.total,
        "rows": [] if group.is_each else rows[:LINES_SHOWN],
        "has_more_rows": len(rows) > LINES_SHOWN,
        "pairs": group.pairs,
        "listed": listed[: LINES_SHOWN if group.lines else SHOWN],
        "n_to_list": len(listed) if group.lines else group.total,
        "is_open": len(listed) <= OPEN and (not group.lines or group.is_each or stops),
        "tone": "red" if stops else "amber",
        "field": form[asked] if asked else None,
    }


def _command(
    request: HttpRequest, door: Door, read: ReadOptions, job: Import[Any], plan: ImportPlan
) -> str:
    """The line that imports this file as the page was told to."""
    options: dict[str, str | bool] = {
        "--name": job.upload.name,
        **door.named(plan),
        "--by": actor(request).username,
        "--encoding": read.encoding,
        "--sheet": read.sheet,
        "--header-row": str(read.header_row or ""),
        **flags_of(job.options),
    }
    words = ["manage.py", door.command, str(job.upload.file.name)]
    for name, value in options.items():
        if value:
            words.append(name if value is True else f"{name}={value}")
    return shlex.join(words)


def _telling(pending: PendingUpload) -> ImportProgress:
    """What keeps the progress of an import in words."""

    def tell(step: ImportStep, count: int) -> None:
        if step == ImportStep.WRITING:
            words = ngettext("Writing %(n)d row", "Writing %(n)d rows", count)
        else:
            words = ngettext("%(n)d row checked", "%(n)d rows checked", count)
        tell_progress(pending, words % {"n": count})

    return tell


def _rejected(upload: Upload, plan: Any) -> HttpResponse:
    """The rejected rows as they came, each with the reason: to be corrected and uploaded again."""
    reasons: dict[int, str] = {}
    for found in (each for group in plan.findings.groups for each in group.findings):
        if found.code.is_rejection:
            reason, before = found.message or str(found.code.label), reasons.get(found.line)
            reasons[found.line] = f"{before}; {reason}" if before else reason
    sheet = rejected_sheet(open_list(upload), reasons)
    chosen = FORMATS["xlsx"]
    response = HttpResponse(b"".join(chosen.write(sheet)), content_type=chosen.content_type)
    response["Content-Disposition"] = 'attachment; filename="rejected-rows.xlsx"'
    return response


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

MAP_TEMPLATE = "imports/map.html"
ROWS_SAMPLED, SAMPLES, SAMPLE_LENGTH = 30, 3, 40


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
        source = form.cleaned_data["source"]
        pending = keep(form.upload, actor(request), source.slug, form.options)
        if _ways(pending)[1]:
            return go_on(request, pending, "recommendation-import-sheet")
        if not (fault := _fault(pending)):
            return go_on(request, pending, "recommendation-import-map")
        forget(pending)
        form.add_error("file" if form.cleaned_data["file"] else "pasted", fault)
    status = 400 if form.errors else 200
    context = {
        "form": form,
        "batches": newest_batches(request.user),
        "imports": newest_imports(),
        "waiting": waiting_uploads(request),
    }
    return render(request, "imports/upload.html", context, status=status)


def _ways(pending: PendingUpload) -> tuple[str, list[tuple[str, str]]]:
    """What is to be chosen before a file can be read, a sheet or an encoding, if anything."""
    with pending.path.open("rb") as kept:
        if titles := sheets_of(kept):
            is_open = not pending.options.sheet and len(titles) > 1
            return "sheet", [(title, title) for title in titles if is_open]
        is_asked = False
        try:
            is_asked = open_list(Upload(kept, pending.name, pending.options)).is_saved_twice
        except NotUtf8:
            is_asked = True
        except TableError:
            pass
        if is_asked:
            words = _("%(label)s: %(value)s")
            found = readings(kept)
            return "encoding", [(name, words % {"label": name, "value": t}) for name, t in found]
    return "encoding", []


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
    """Which sheet of an uploaded workbook is read, or in which encoding a text."""
    pending = find(token, actor(request))
    if pending is None:
        raise Http404(_("This file is no longer available."))
    is_sent = request.method == "POST"
    name, ways = _ways(pending)
    form = ReadingForm(request.POST if is_sent else None, name=name, ways=ways)
    if is_sent and form.is_valid():
        chosen = replace(pending, options=replace(pending.options, **form.cleaned_data))
        if not (fault := _fault(chosen)):
            return go_on(request, chosen, "recommendation-import-map")
        form.add_error(name, fault)
    context = {"form": form, "file_name": pending.name, "is_text": name == "encoding"}
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
        form = _form(request, Upload(file, pending.name, pending.options), source)
    page: dict[str, Any] = {
        "form": form,
        "source": source,
        "file_name": pending.name,
        "title": _("Import a spreadsheet"),
        "back": reverse("recommendation-import"),
        "progress": reverse("recommendation-import-progress", args=[token]),
    }
    if not form.is_valid():
        status = 200 if request.method != "POST" else 400
        return render(request, MAP_TEMPLATE, page, status=status)

    def done(plan: SpreadsheetPlan) -> Any:
        if plan.statuses_left:
            messages.warning(request, plan.statuses_left)
        return plan.batch or f"{reverse('recommendation-list')}?source={source.slug}"

    def named(plan: SpreadsheetPlan) -> dict[str, str]:
        confirmed = json.dumps(plan.options.column_map.as_json(), ensure_ascii=False)
        return {"--source": source.slug, "--map": str(keep_beside(confirmed.encode()))}

    door = Door(
        source.slug,
        "import_recommendations",
        lambda upload, form: SpreadsheetImport(
            upload, actor(request), form.spreadsheet_options(), source
        ),
        MAP_TEMPLATE,
        done,
        settings.IMPORT_PAGE_MAX_ROWS,
        named,
        _rows_shown,
    )
    return plan_or_import(request, door, form, pending, page)


def _rows_shown(plan: SpreadsheetPlan) -> dict[str, Any]:
    rows = [
        ShownRow(
            position_label(row.line),
            f"{row.kind.label}: {row.record.name} {row.recommendation.title}",
            row.changes,
        )
        for row in plan.written[:SHOWN]
    ]
    bodies = [ShownRow(str(body), "") for body in plan.organisations]
    counted = {"label": _("New organisations"), "value": len(bodies)}
    return {
        "lists": [
            RowList(_("%(label)s: %(value)s") % counted, bodies[:SHOWN], len(bodies)),
            RowList(_("All rows"), rows, plan.size),
        ],
        "beside": "imports/list_rows.html",
        "can_download": plan.counts["rejected"],
    }


@require_safe
@open_to(permissions.can_import)
def recommendation_import_progress(request: HttpRequest, token: str) -> HttpResponse:
    """How far the import of an upload is, as a text."""
    pending = find(token, actor(request))
    told = progress_of(pending) if pending else ""
    return HttpResponse(told, content_type="text/plain; charset=utf-8")


def _form(request: HttpRequest, upload: Upload, source: Source) -> MapForm:
    """The form for this file: what was remembered or proposed, or what was sent."""
    table = open_list(upload)
    table.rows = rows = list(table.rows)
    is_sent = request.method == "POST"
    chosen = _columns(request, table.header) if is_sent else None
    proposed = proposed_map(table, remembered(source), chosen)
    form = MapForm(
        request.POST if is_sent else None,
        header=table.header,
        words=words_in(table, proposed, *STATUSES),
        ratings=[words for words, _field in words_in(table, proposed, Field.CONFIDENCE)],
        proposed=proposed,
        samples=samples_of(table),
    )
    # The first list of a source brings the organisations that it is about, which the preview names,
    # and the statuses at which the tracker begins, which a second person approves.
    if not source.column_map:
        found = {Field.REPORTED_STATUS, Field.CURRENT_STATUS} & set(proposed.columns.values())
        form.fields["is_creating_bodies"].initial = True
        form.fields["takes_over"].initial = bool(found)
    # A short list of which all is known is shown as what it would do at once.
    if not is_sent and len(rows) <= SHOWN and form.is_settled:
        form.accept()
    return form


def samples_of(table: Table) -> dict[str, list[str]]:
    """A few different values of each column, from the first rows."""
    found: dict[str, list[str]] = {name: [] for name in table.header}
    for row in islice(table.rows, ROWS_SAMPLED):
        for name, cell in zip(table.header, row.cells, strict=True):
            text = replace_invalid(one_line(cell)[:SAMPLE_LENGTH])
            if text and text not in found[name] and len(found[name]) < SAMPLES:
                found[name].append(text)
    return found


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
LINKED = gettext_lazy(
    "Link the indicator to recommendations in the administration: on its page there, or on that of "
    "each recommendation."
)
FIGURES = "figures"
"""What a kept file of figures is of: it may go on from one indicator to those that it has."""

UNDO_TEMPLATE = "indicators/import_undo.html"


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_import(request: HttpRequest, code: str) -> HttpResponse:
    """Upload the file of one indicator, preview its import, and run it."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    if not permissions.can_observe(request.user, indicator):
        raise PermissionDenied(_("You cannot record values of this indicator."))
    return _figures_page(request, FiguresForm, indicator)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_record)
def indicator_import(request: HttpRequest) -> HttpResponse:
    """Upload a file of whatever indicators it has, and add those that are not here yet."""
    return _figures_page(request, IndicatorsForm, None)


def _figures_page(
    request: HttpRequest, form_class: type[FiguresForm], indicator: Indicator | None
) -> HttpResponse:
    """The import of a file of figures: into one indicator, or into those that it has."""
    page: dict[str, Any] = {
        "indicator": indicator,
        "back": indicator.get_absolute_url() if indicator else reverse("indicator-list"),
        "title": _("Import data"),
        "may_import_areas": permissions.can_import_areas(request.user),
    }

    def complete(form: FiguresForm, pending: PendingUpload) -> FiguresForm:
        """With the choices of the last file with these columns, where it has none."""
        if form.has_choices:
            return form
        with pending.path.open("rb") as file:
            run = remembered_import(Upload(file, pending.name, form.options), indicator)
        if run is None:
            return form
        page["remembered"] = run
        chosen = form.with_choices(remembered_options(run))
        return chosen if chosen.is_valid() else form

    def named(plan: FigurePlan) -> dict[str, str]:
        if indicator:
            return {"--indicator": indicator.code}
        chosen = {code: dict(said) for code, said in plan.options.indicators}
        text = json.dumps(chosen, ensure_ascii=False)
        return {"--indicators": str(keep_beside(text.encode()))} if chosen else {}

    def done(plan: FigurePlan) -> Any:
        into: list[Any] = [series.indicator for series in plan.staged_series]
        if plan.new_indicators:
            messages.info(request, LINKED)
        return into[0] if len(into) == 1 else reverse("indicator-list")

    def shown(plan: FigurePlan) -> dict[str, Any]:
        page["form"].offer(column.header for column in plan.columns)
        is_one = indicator is not None and len(plan.series) <= 1
        return _figures_shown(plan) | ({} if is_one else _series_shown(plan, page["form"]))

    door = Door(
        FIGURES,
        "import_observations",
        lambda upload, form: FigureImport(upload, actor(request), form.figure_options(), indicator),
        TEMPLATE,
        done,
        settings.IMPORT_PAGE_MAX_VALUES,
        named,
        shown,
        {FindingCode.CONTRADICTION: "reason", FindingCode.DOUBT: "is_accepting_doubts"},
    )
    if request.POST.get("move") == "import":
        _warn_of_interrupted(request)
    form_of = partial(form_class, person=request.user)
    return import_page(request, door, form_of, page, complete=complete)


def _series_shown(plan: FigurePlan, form: Any) -> dict[str, Any]:
    """The series of a file, those that are imported first, and a form for each new indicator."""
    rows = listed_series(plan, form.cleaned_data["words"])
    new = plan.new_indicators if plan.may_add_indicators else []
    return {
        "series_rows": rows,
        "more_series": len(plan.series) - len(rows),
        "most": MOST_TOLD % {"most": MOST_CHOSEN},
        "linked": LINKED,
        "new_indicators": [(each, form.new_indicator(each)) for each in new],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_undo_import)
def import_undo(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What undoing an import of values changes and what rests on them: to ask for, or decide on."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    runs = ImportRun.objects.select_related("indicator", "by", "undone_by")
    run = get_object_or_404(runs.filter(indicator=indicator.pk), pk=pk)

    def beside(attempted: Attempt) -> dict[str, Any]:
        if not attempted.is_done:
            run.refresh_from_db()
        page: dict[str, Any] = {"indicator": indicator, "run": run}
        if run.undone_at is None:
            effects = undo_effects(run)
            shown = shown_undo(run, effects["counts"], effects["evidence_total"])
            page |= {"effects": effects, "shown": shown}
        return page

    undo = partial(undo_import, seen=Shown.sent(request.POST, UNDO, pk))
    return undo_page(
        request, run, undo, to=lambda _made: run, template=UNDO_TEMPLATE, beside=beside
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
        "of_each": [] if name != UNIT or plan.has_mixed_units else [(OWN_UNIT, IN_OWN_UNIT)],
    }


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
    """What the page shows of a plan of values beside what it does of all."""
    revised, rounded = plan.revisions[:SHOWN], plan.roundings[:SHOWN]
    names = Area.objects.in_bulk({figure.area for figure in (*revised, *rounded)})
    label = capfirst(_("value"))

    def row(figure: RevisedFigure) -> ShownRow:
        named = f"{names[figure.area].local_name}, {figure.period}"
        before, after = ("–" if v is None else str(v) for v in (figure.before, figure.after))
        return ShownRow(named, "", [Difference("value", label, before, after)])

    same = _(
        "The file has these values with more or fewer decimals. Rounded to the decimals that both "
        "have, they are equal. The recorded values stay."
    )
    return {
        "about": "indicators/import_plan.html",
        "lists": [
            RowList(_("Revised values"), list(map(row, revised)), plan.revised),
            RowList(str(SORTS["rounded"]), list(map(row, rounded)), plan.rounded, same),
        ],
        **_areas(plan),
        "columns": plan.columns[:SHOWN],
        "dimensions": [_dimension(name, codes, plan) for name, codes in plan.choices.items()],
    }
