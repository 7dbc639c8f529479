"""Importing planned figures all at once, and undoing that."""

import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import Any, ClassVar, Self

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.areas import add_parts
from recommendations.actions.base import (
    check_row,
    require,
)
from recommendations.actions.imports import undoing
from recommendations.actions.imports.figures.matching import match_figures
from recommendations.actions.imports.figures.plans import (
    FigurePlan,
    reading_of,
)
from recommendations.actions.imports.pipeline import (
    Import,
    ImportProgress,
    ImportRefused,
    ImportStep,
    ImportTooLarge,
    are_touched,
    last_event,
    of_kinds,
    quiet,
)
from recommendations.actions.indicators import FIGURE_COLUMNS, observe_staged, refresh_movement
from recommendations.actions.proposals import require_as_seen
from recommendations.models import (
    Area,
    ImportRun,
    Indicator,
    Observation,
    StagedFigure,
    StagedImport,
    StagedText,
    UndoRequest,
    User,
)
from recommendations.queries.indicators.detail import evidence_count, shown_undo, undo_counts
from recommendations.queries.shown import Shown

# ---- Figures of an import that are made ready before anything is locked, and what is left of those
# of an import that was interrupted.
# Each batch is a transaction of its own, so that on SQLite too others write in between.

BATCH = 2000
"""Rows that are staged, or cleared, at once."""

_stated = attrgetter(*FIGURE_COLUMNS)

SILENT_FOR = timedelta(minutes=10)
"""An import that gave no sign for so long has ended, whatever became of its process."""


@dataclass(frozen=True, slots=True)
class InterruptedImport:
    """An import whose process ended before its end: of it nothing was imported."""

    file_name: str
    indicator: str
    by: User
    begun_at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Stage:
    """The staged rows of one import; ``run`` is unsaved, and has its key already.

    ``area_keys`` are those of the areas that it adds, by the numbers that its plan gives them.
    """

    staged: StagedImport
    rows: audit.StagedRows
    run: ImportRun
    asks_confirmation: bool
    area_keys: dict[int, int] = field(default_factory=dict)

    def add(self, observations: Sequence[Observation]) -> None:
        """Stage a batch: the keys, the columns, and what the record will say of each."""
        with transaction.atomic():
            keys = reserve_keys(Observation, len(observations))
            for key, observation in zip(keys, observations, strict=True):
                observation.pk = key
                observation.area_id = self._key_of(observation.area_id)
                observation.asks_confirmation = self.asks_confirmation
                observation.import_run_id = self.run.pk
                observation.recorded_by_id = self.run.by_id
                observation.source = observation.source or self.run.source
            payloads = self.rows.payloads(observations)
            names = ("staged", "observation", "area", "changes", *FIGURE_COLUMNS)
            rows = (
                (self.staged.pk, each.pk, each.area_id, changes, *_stated(each))
                for each, changes in zip(observations, payloads, strict=True)
            )
            insert_rows(StagedFigure, names, rows)
            StagedText.objects.bulk_create(
                StagedText(staged=self.staged, digest=text.digest, salt=text.salt, text=text.text)
                for text in self.rows.take_texts()
            )
            StagedImport.objects.filter(pk=self.staged.pk).update(touched_at=timezone.now())

    def _key_of(self, area: int) -> int:
        """The key of an area; that of a new one is reserved once."""
        if area < 0 and area not in self.area_keys:
            [self.area_keys[area]] = reserve_keys(Area, 1)
        return self.area_keys.get(area, area)

    def complete(self) -> None:
        """Let PostgreSQL count what is staged, so that it reads the rows in order, unsorted."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {StagedFigure._meta.db_table}")


@contextmanager
def staging(run: ImportRun, *, asks_confirmation: bool) -> Iterator[Stage]:
    """Stage the rows of one import; whatever becomes of it, they are cleared at the end."""
    now = timezone.now()
    staged = StagedImport.objects.create(
        indicator=run.indicator,
        by=run.by,
        file_name=run.file_name,
        begun_at=now,
        touched_at=now,
        host=socket.gethostname(),
        process=os.getpid(),
    )
    rows = audit.StagedRows(staged, Observation, "recorded_at")
    try:
        with transaction.atomic():
            [run.pk] = reserve_keys(ImportRun, 1)
        yield Stage(staged, rows, run, asks_confirmation)
    finally:
        rows.close()
        clear(staged)


def clear(staged: StagedImport) -> int:
    """Delete the rows of an import, some at a time; how many there were."""
    count = 0
    for model in (StagedFigure, StagedText):
        rows = model._base_manager.filter(staged=staged.pk).order_by("pk")
        while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
            model._base_manager.filter(staged=staged.pk, pk__lte=keys[-1]).delete()
            count += len(keys) if model is StagedFigure else 0
    StagedImport.objects.filter(pk=staged.pk).delete()
    return count


def clear_left_over() -> list[InterruptedImport]:
    """Clear what ended imports left behind; those that were interrupted, to be told of."""
    told = []
    for staged in StagedImport.objects.select_related("indicator", "by"):
        if not staged.is_imported and _is_under_way(staged):
            continue
        rows = clear(staged)
        if not staged.is_imported:
            code = staged.indicator.code
            told.append(InterruptedImport(staged.file_name, code, staged.by, staged.begun_at, rows))
    return told


def _is_under_way(staged: StagedImport) -> bool:
    if timezone.now() - staged.touched_at > SILENT_FOR:
        return False
    if staged.host != socket.gethostname():
        return True
    try:
        os.kill(staged.process, 0)  # asks whether it is there
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # It is another user's, so it is there.
    return True


def insert_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows, given as values of the columns of these names in the types of their fields.

    ``bulk_create`` needs an object for each row and an expression for each value: for very many
    rows that was what took longest.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    values = _prepared(fields, rows)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    target = f"{connection.ops.quote_name(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 - names of models
            cursor.executemany(statement, list(values))


def _prepared(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Rows as the database takes them; most fields take what they hold, and are not asked."""
    plain = models.Field.get_db_prep_value
    itself = connections[DEFAULT_DB_ALIAS]  # Each look through the proxy takes its time.
    asked = [
        (place, partial(field.get_db_prep_value, connection=itself, prepared=True))
        for place, field in enumerate(fields)
        if type(field).get_db_prep_value is not plain
    ]
    for row in rows:
        line = list(row)
        for place, ready in asked:
            line[place] = ready(line[place])
        yield line


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Keys that no other row of a table will get; those that are not used leave a gap."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                (table, count),
            )
            return sorted(key for (key,) in cursor.fetchall())
        given = (count, table)
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", given)
        if not cursor.rowcount:  # No row was ever written to it.
            cursor.execute("INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)", given)
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", (table,))
        [last] = cursor.fetchone()
        return list(range(last - count + 1, last + 1))


# ---- Planning an import of figures, which only reads, and running it.
# Both read the file once and hold no more of it than one batch of rows. Running stages what it
# reads: rows that are ready lie beside the tables of the site, and nobody waits. Only then is the
# chain locked, all of them are written by two statements, and an error takes all of it back.

RESTS_ON = of_kinds("area", "areaalias", "indicator", "redaction")
"""What a plan is made from, beside the figures of its indicator, which are counted."""

COUNTED = (
    *("aggregates", "empty", "gone", "replaced_newer", "undated", "doubted", "other_slices"),
    "skipped_areas",
)
"""What the event of a file counts beside what its preview does."""

MOST_RECORDED = 20
"""Contradictions of a file that its event has in words."""


@dataclass(frozen=True, slots=True)
class FigureImport(Import[FigurePlan]):
    """One file of values of an indicator. A value that is the same here is left as it is."""

    indicator: Indicator
    VERB: ClassVar[str] = "import_figures"
    ENDS_LOCKED: ClassVar[bool] = False

    def require_may(self, by: User, plan: FigurePlan | None = None) -> None:
        told = _("You cannot record values of this indicator.")
        require(permissions.can_observe(by, self.indicator), told)
        if plan and plan.new_areas:
            require(permissions.can_import_areas(by), _("You cannot import areas."))

    def plan(self, at: datetime, progress: ImportProgress = quiet) -> FigurePlan:
        plan = _new_plan(self)
        for _observation in match_figures(self.upload, plan, self.indicator, progress):
            pass
        return plan

    def ready(
        self, at: datetime, held: ExitStack, most: int | None, progress: ImportProgress
    ) -> FigurePlan:
        """Read the file to its end, and stage what is new or differs."""
        plan = _new_plan(self)
        observations = match_figures(self.upload, plan, self.indicator, progress)
        while batch := list(islice(observations, BATCH)):
            if plan.stage is None:
                run, asks = _new_run(plan, self.indicator, self.by), plan.asks_confirmation
                plan.stage = held.enter_context(staging(run, asks_confirmation=asks))
            if most is not None and plan.size > most:
                raise ImportTooLarge(plan)
            plan.stage.add(batch)
            progress(ImportStep.STAGING, plan.size)
        if plan.may_import:
            plan.stage.complete()
        return plan

    def as_stored(self) -> Self:
        return replace(self, indicator=Indicator.objects.get(pk=self.indicator.pk))

    def rests_on(self, plan: FigurePlan) -> Q:
        return RESTS_ON

    def mark(self) -> tuple[int, int, int]:
        """Beside the last event how many figures there are, which only come, and undone imports."""
        of = {"indicator": self.indicator.pk}
        undone = ImportRun.objects.undone().filter(**of)
        return last_event(), Observation.objects.filter(**of).count(), undone.count()

    def holds(self, plan: FigurePlan, mark: Any) -> bool:
        return not are_touched(RESTS_ON, since=mark[0]) and self.mark()[1:] == mark[1:]

    def write(self, act: audit.BulkAct, plan: FigurePlan) -> dict[str, Any]:
        """Write what is staged, and refresh what follows from the figures."""
        stage: Stage = plan.stage
        run = stage.run
        run.at, run.reading = act.entry.at, reading_of(plan)
        run.new, run.revised = plan.new, plan.revised
        run.unchanged = plan.unchanged + plan.rounded
        skipped = plan.skipped_areas + plan.year_ranges.total()
        run.left_out = plan.left_out + skipped + plan.kept_newer
        run.save(force_insert=True)
        asks = plan.asks_confirmation
        written = observe_staged(act, stage.rows, run, asks_confirmation=asks)
        keyed = [(stage.area_keys[number], new) for number, new in plan.new_areas.items()]
        add_parts(act, [(key, new.code, new.name, new.country) for key, new in keyed])
        if written != plan.size:
            raise ImportRefused(plan, _("The prepared import has expired. Import the file again."))
        act.add_new([run])
        refresh_movement(act.entry, run.indicator)
        StagedImport.objects.filter(pk=stage.staged.pk).update(is_imported=True)
        return _counts(run, plan)


def _new_plan(given: FigureImport) -> FigurePlan:
    return FigurePlan(
        given.upload.name,
        given.upload.sha256(),
        given.options,
        is_asked=given.indicator.asks_confirmation,
        may_add_areas=given.by is None or permissions.can_import_areas(given.by),
    )


def _new_run(plan: FigurePlan, indicator: Indicator, by: Any) -> ImportRun:
    """The row of the import, checked and unsaved; its time and its counts are known at the end."""
    run = ImportRun(
        indicator=indicator,
        at=timezone.now(),
        by=by,
        file_name=plan.file_name,
        file_sha256=plan.sha256,
        format=plan.format,
        series=plan.options.series,
        source=plan.stated_source,
        vintage=plan.stated_vintage,
        reading=reading_of(plan),
        new=1,
        revised=0,
        unchanged=0,
        left_out=0,
    )
    run.clean_fields()
    return run


def _counts(run: ImportRun, plan: FigurePlan) -> dict[str, Any]:
    """What the event of a file holds."""
    return {
        **plan.counts,
        **{name: getattr(plan, name) for name in COUNTED},
        "year_ranges": plan.year_ranges.total(),
        "areas_added": len(plan.new_areas),
        "contradictions": audit.FreeText("\n".join(plan.contradictions[:MOST_RECORDED])),
        "indicator": run.indicator.code,
        "import": run.pk,
        "format": plan.format,
        "source": audit.FreeText(run.source),
        "vintage": run.vintage,
        "area": plan.options.area,
        "codes_are": plan.options.codes_are,
        "slice": audit.FreeText("|".join(f"{name}={code}" for name, code in plan.options.slice)),
        "allow_older": plan.options.allow_older,
        "asks_confirmation": plan.asks_confirmation,
        "reason": plan.options.reason,
    }


# ---- Undoing an import: its values are withdrawn, and those before are current again


def undo_import(
    *,
    request: UndoRequest,
    by: User,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> ImportRun:
    """Withdraw every value of an import as another requested, with one event that has the counts.

    A value belongs to one import and never changes, so the time at which that was undone withdraws
    each of its values: what is read of today passes them over, and what is read of an earlier
    moment does not. A later revision by anybody else stays. An import is undone once; to take that
    back its file is imported again. ``seen`` is what the page showed.
    """
    with audit.entry(by=by, at=at) as entry:
        asked = undoing.approve(entry, request, note)
        runs = ImportRun.objects.select_related("indicator", "undone_by")
        current = runs.get(pk=asked.import_run_id or 0)
        undoing.refuse_undone(current.undone_by, current.undone_at)
        counts = undo_counts(current)
        require_as_seen(seen, lambda: shown_undo(current, counts, evidence_count(current)))
        before = audit.snapshot(current)
        values = {"undone_at": entry.at, "undone_by": by, "undo_reason": asked.reason}
        for name, value in values.items():
            setattr(current, name, value)
        check_row(current, values)
        ImportRun.objects.filter(pk=current.pk).update(**values)
        act = audit.BulkAct(entry)
        act.add(current, before, audit.snapshot(current))
        told_counts = {
            "indicator": current.indicator.code,
            "import": current.pk,
            "values": counts.total,
            "restored": counts.restored,
            "absent": counts.absent,
            "kept": counts.kept,
            "file": audit.FreeText(current.file_name),
        }
        act.record("undo_import", current.file_sha256[:16], told_counts, reason=asked.reason)
        refresh_movement(entry, current.indicator)
        return current
