"""Open data: what everybody may read as files, their release, and the page that offers them.

A file is offered as long as each row that it holds is public still: what is no longer published is
withheld at once, until the next release.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recommendations.actions.base import ActionRefused
from recommendations.actions.open_data import record_release
from recommendations.audit import one_moment
from recommendations.columns import Column, readable
from recommendations.exports import lists as columns
from recommendations.exports import open_data as files
from recommendations.exports.formats import BATCH, cells_of
from recommendations.exports.open_data import CsvOutlet, Known, TableFile, Written, written
from recommendations.exports.recommendations import COLUMNS
from recommendations.models import (
    Addressee,
    Area,
    AuditEvent,
    Evidence,
    Indicator,
    Observation,
    OpenDataRelease,
    OpenDataText,
    Part,
    Recommendation,
    Source,
    Target,
    User,
)
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.queries.indicators.rows import current_targets
from recommendations.queries.listed import ids_of
from recommendations.queries.updates.published import PUBLIC
from recommendations.views import lists
from recommendations.views.access import public_only
from recommendations.views.embed import KEPT_FOR
from recommendations.views.lists import Listed

VERB: Final = "release_open_data"

ROWS: Final = "rows"
"""The name under which the rows of a release are kept; of no file."""

MOST_NAMED: Final = 50
"""Rows of a table that the list of changes names."""


# ---- The tables: lists of pages, as everybody reads them

Lists = Iterable[tuple[Any, Listed]]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table: its lists on a day, each with what it is about, and the column that names a row.

    ``holds`` are other tables of whose rows its cells tell.
    """

    name: str
    model: type[Model]
    columns: Sequence[Column]
    lists: Callable[[HttpRequest, date], Lists]
    key: str
    holds: Collection[str] = ()
    still: Callable[[], QuerySet[Any]] | None = None
    """All rows that are public still, where that is more than its lists have."""


def _one(list_of: Callable[[HttpRequest], Listed]) -> Callable[[HttpRequest, date], Lists]:
    return lambda request, _day: [(None, list_of(request))]


def _figures(request: HttpRequest, _day: date) -> Lists:
    person = request.user
    for indicator in Indicator.objects.visible_to(person).order_by("code", "pk"):
        yield indicator, lists.figures(indicator, person)


def _revisions() -> QuerySet[Any]:
    """Values that were revised since are shown beside those that replaced them."""
    return Observation.objects.standing().filter(indicator__in=Indicator.objects.visible_to(PUBLIC))


TABLES: Final = (
    OpenTable("sources", Source, columns.SOURCES, _one(lists.source_file.list_of), "slug"),
    OpenTable(
        "recommendations",
        Recommendation,
        COLUMNS,
        lambda request, day: [(None, lists.recommendations(request.user, day))],
        "reference",
        ("parts", "responses"),
    ),
    OpenTable("parts", Part, columns.PARTS, _one(lists.part_file.list_of), "recommendation"),
    OpenTable(
        "responses",
        Addressee,
        columns.RESPONSES,
        lambda request, day: [(None, lists.responses(None, request.user, day))],
        "recommendation",
    ),
    OpenTable("evidence", Evidence, columns.EVIDENCE, _one(lists.evidence_list.list_of), "number"),
    OpenTable(
        "indicators",
        Indicator,
        columns.INDICATORS,
        _one(lists.indicator_list.list_of),
        "code",
        ("observations",),
    ),
    OpenTable(
        "observations",
        Observation,
        columns.figure_sheet(Indicator(), ()).columns,
        _figures,
        "indicator",
        still=_revisions,
    ),
    OpenTable("areas", Area, columns.AREAS, _one(lists.area_list.list_of), "code"),
)

HOLDS: Final[Mapping[str, Collection[str]]] = {
    **{f"{table.name}.csv": (table.name, *table.holds) for table in TABLES},
    files.SDMX: ("observations",),
    files.IATI: ("indicators", "observations"),
}
"""The tables whose rows are in a file; none in those that describe others."""


def _asked() -> HttpRequest:
    request = HttpRequest()
    request.user = AnonymousUser()
    return request


def _ids(listed: Listed, request: HttpRequest) -> list[int]:
    """The keys of a list without filters, in their order: they tell nothing of attention."""
    filters = listed.filters(request, QueryDict())
    found = listed.found if filters is None else listed.found_by(filters)
    return sorted(ids_of(found))


def _rows(listed: Listed, request: HttpRequest) -> Iterator[tuple[int, Any]]:
    ids = _ids(listed, request)
    rows_of = listed.lines_of or listed.rows_of or listed.found.in_bulk
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        found = rows_of(batch)
        yield from ((pk, found[pk]) for pk in batch if pk in found)


# ---- A release: files in a folder that is there whole or not at all, and on record


def known_now() -> Known:
    """The last entry of the audit log that is no release: a release changes no data."""
    rows = AuditEvent.objects.exclude(verb=VERB).order_by("-sequence")
    # There is one: the areas of the world come on record with the first migration.
    return Known(*rows.values_list("sequence", "hash", "at")[0])


def release(folder: Path, *, by: User | None) -> tuple[OpenDataRelease, bool]:
    """Write the public data into a folder, and put that on record; whether something was new.

    The same entry of the log gives the same bytes, on whatever day they are written.
    """
    if not settings.PUBLIC_PAGES:
        raise ActionRefused(_("Nothing is public: the setting PUBLIC_PAGES is off."))
    refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        made = Path(beside) / "new"
        made.mkdir()
        with one_moment(), override(settings.LANGUAGE_CODE):
            known = known_now()
            tables, held = write_files(made, known)
        digest = held[files.CATALOGUE].sha256
        rows = Path(beside) / ROWS
        rows.write_text(json.dumps({table.name: table.rows for table in tables}))
        told = {
            "sequence": known.sequence,
            "record_hash": known.hash,
            "known_at": known.at,
            "digest": digest,
            "files": {name: [each.size, each.sha256] for name, each in held.items()},
            "changes": _changes(tables),
        }
        texts = {ROWS: rows, **{name: made / name for name in held}}
        put = partial(_put_in_place, made, folder, Path(beside) / "old")
        return record_release(by=by, told=told, texts=texts, put_in_place=put)


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder with anything in it but an earlier release."""
    if not folder.exists():
        return
    is_own = folder.is_dir() and {each.name for each in folder.iterdir()} <= {
        *HOLDS,
        files.PACKAGE,
        files.CATALOGUE,
    }
    if not is_own:
        raise ActionRefused(
            _("%(folder)s is not empty, and is no earlier release. Name another folder.")
            % {"folder": folder}
        )


def _put_in_place(made: Path, folder: Path, old: Path) -> None:
    made.chmod(0o755)
    if folder.exists():
        folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def write_files(folder: Path, known: Known) -> tuple[list[TableFile], dict[str, Written]]:
    """Every file of the release, and what was written of each table."""
    request, day = _asked(), timezone.localdate(known.at)
    told = [
        TableFile(table.name, table.model, readable(table.columns, PUBLIC), table.key)
        for table in TABLES
    ]
    targets: dict[int, list[Target]] = defaultdict(list)
    for target in current_targets(list(_ids(lists.indicator_list.list_of(request), request))):
        targets[target.indicator_id].append(target)
    results = []
    with ExitStack() as stack:
        sdmx = CsvOutlet(stack.enter_context((folder / files.SDMX).open("wb")), files.SDMX_HEADER)
        for table, file in zip(TABLES, told, strict=True):
            outlet = CsvOutlet(stack.enter_context((folder / file.file).open("wb")), file.header)
            for about, listed in table.lists(request, day):
                kept = []
                shown = readable(listed.sheet(()).columns, PUBLIC)
                for pk, row in _rows(listed, request):
                    cells = cells_of(shown, row)
                    file.add(outlet, pk, cells)
                    if about is not None:
                        sdmx.add(files.sdmx_line(file.header, cells))
                        kept.append(row)
                if about is not None:
                    results.append(files.iati_result(about, targets[about.pk], kept))
    if not files.missing_for_iati():
        (folder / files.IATI).write_text(files.iati(results, told, known), encoding="utf-8")
    names = sorted(path.name for path in folder.iterdir())
    held = {name: written(folder / name) for name in names}
    for name, text in ((files.PACKAGE, files.package), (files.CATALOGUE, files.catalogue)):
        path = folder / name
        path.write_text(text(told, held, known), encoding="utf-8")
        held[name] = written(path)
    return told, held


def _changes(tables: Sequence[TableFile]) -> dict[str, Any]:
    """What changed of each table since the last release, by what everybody may read.

    Not by the log, which would tell of acts that changed nothing for readers outside.
    """
    before = _kept_rows()
    found = {}
    for table in tables if before else ():
        old = before.get(table.name, {})
        added = [pk for pk in table.rows if pk not in old]
        changed = [pk for pk, told in table.rows.items() if old.get(pk, told) != told]
        removed = len(old.keys() - table.rows.keys())
        if added or changed or removed:
            named = dict.fromkeys(table.rows[pk].split(" ", 1)[1] for pk in (*added, *changed))
            found[table.name] = {
                "added": len(added),
                "changed": len(changed),
                "removed": removed,
                "named": list(named)[:MOST_NAMED],
            }
    return found


def _kept_rows() -> dict[str, dict[int, str]]:
    """What is kept of the rows of the last release, by table; nothing where there is none."""
    text = "".join(_texts(ROWS))
    tables = json.loads(text) if text else {}
    return {name: {int(pk): told for pk, told in rows.items()} for name, rows in tables.items()}


def _texts(name: str) -> Iterator[str]:
    pieces = OpenDataText.objects.filter(name=name).order_by("number")
    return pieces.values_list("text", flat=True).iterator(chunk_size=4)


# ---- The page, and the files as long as all of them is public


def withheld(release: OpenDataRelease, request: HttpRequest) -> frozenset[str]:
    """The tables of which a released row is not public any more; all where no file is left.

    What replaced a public status or value stays public as known then, and withholds nothing.
    """

    def read() -> frozenset[str]:
        kept = _kept_rows()
        gone = {table.name for table in TABLES if table.name not in kept}
        asked, today = _asked(), timezone.localdate()
        for table in TABLES:
            lists_of = table.lists(asked, today) if table.still is None else ()
            found = {pk for _about, listed in lists_of for pk in _ids(listed, asked)}
            if table.still is not None:
                found = set(ids_of(table.still()))
            if not kept.get(table.name, {}).keys() <= found:
                gone.add(table.name)
        # A decision of a body is a cell of its recommendation.
        later = AuditEvent.objects.filter(sequence__gt=release.sequence, verb="withdraw_decision")
        return frozenset(gone | ({"recommendations"} if later.exists() else set()))

    return cached(
        "withheld open data",
        read,
        audience=audience_of(PUBLIC),
        version=version_for(request.user).hash,
        parts=(release.pk,),
    )


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file of the last release, what it holds, and whether it is given."""

    name: str
    title: str
    is_given: bool
    size: int
    sha256: str


def _offered(release: OpenDataRelease, gone: Collection[str]) -> list[OfferedFile]:
    titles = {
        **{f"{each.name}.csv": each.model._meta.verbose_name_plural for each in TABLES},
        files.PACKAGE: "Frictionless Data Package",
        files.CATALOGUE: "DCAT-AP",
        files.IATI: "IATI 2.03",
        files.SDMX: "SDMX-CSV 2.0",
    }
    has_texts = len(gone) < len(TABLES)
    return [
        OfferedFile(
            name,
            capfirst(str(titles[name])),
            has_texts and not set(HOLDS.get(name, ())) & set(gone),
            *release.files[name],
        )
        for name in titles
        if name in release.files
    ]


@require_safe
@public_only
@cache_control(no_cache=True)
def open_data(request: HttpRequest) -> HttpResponse:
    """The files of the last release with their digests, and what changed since the one before."""
    last = OpenDataRelease.objects.first()
    context: dict[str, Any] = {"release": last, "licence": settings.OPEN_DATA_LICENCE}
    if last is not None:
        gone = withheld(last, request)
        named = {each.name: each for each in TABLES}
        context["files"] = _offered(last, gone)
        context["changes"] = [
            {"title": capfirst(str(named[name].model._meta.verbose_name_plural)), **told}
            for name, told in last.changes.items()
            if not {name, *named[name].holds} & gone
        ]
    return render(request, "open_data/page.html", context)


@require_safe
@public_only
@cache_control(public=True, max_age=KEPT_FOR)
def open_data_file(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """One of them; 404 where there is none, or where a part of it is not public any more."""
    last = OpenDataRelease.objects.first()
    if last is None or name not in last.files:
        raise Http404
    [file] = [each for each in _offered(last, withheld(last, request)) if each.name == name]
    if not file.is_given:
        raise Http404
    media_type = files.MEDIA_TYPES[Path(name).suffix]
    return StreamingHttpResponse(
        (text.encode() for text in _texts(name)),
        content_type=f"{media_type}; charset=utf-8",
        headers={
            "Access-Control-Allow-Origin": "*",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(file.size),
            "ETag": f'"{file.sha256}"',
        },
    )
