"""Importing planned figures all at once, and undoing that."""

import os
import socket
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
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
from recommendations.actions.base import check_row, require
from recommendations.actions.imports import undoing
from recommendations.actions.imports.figures.indicators import find_series
from recommendations.actions.imports.figures.matching import match_figures
from recommendations.actions.imports.figures.plans import FigurePlan, Series, reading_of
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
from recommendations.actions.indicators import (
    FIGURE_COLUMNS,
    add_indicator,
    observe_staged,
    refresh_movement,
)
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

    ``area_keys`` are those of the areas that its file adds, by the numbers that its plan gives
    them, of all series of the file.
    """

    staged: StagedImport
    rows: audit.StagedRows
    run: ImportRun
    asks_confirmation: bool
    area_keys: dict[int, int]

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
def staging(
    run: ImportRun, area_keys: dict[int, int], *, asks_confirmation: bool
) -> Iterator[Stage]:
    """Stage the rows of one import; whatever becomes of it, they are cleared at the end.

    An indicator that is not there yet gets its key.
    """
    now, is_new = timezone.now(), run.indicator._state.adding
    staged = StagedImport.objects.create(
        indicator=None if is_new else run.indicator,
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
            if is_new:
                [run.indicator.pk] = reserve_keys(Indicator, 1)
                run.indicator = run.indicator
        yield Stage(staged, rows, run, asks_confirmation, area_keys)
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
            code = staged.indicator.code if staged.indicator else "–"
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

MOST_RECORDED = 20
"""Contradictions of a file that its event has in words."""


@dataclass(frozen=True, slots=True)
class FigureImport(Import[FigurePlan]):
    """One file of values. A value that is the same here is left as it is.

    All of them are of ``indicator``; without it each series of the file that is chosen is imported
    into its own indicator, which is added where there is none. An event tells of each.
    """

    indicator: Indicator | None = None
    VERB: ClassVar[str] = "import_figures"
    ENDS_LOCKED: ClassVar[bool] = False

    def require_may(self, by: User, plan: FigurePlan | None = None) -> None:
        told = _("You cannot record values of this indicator.")
        into = [each.indicator for each in plan.chosen_series] if plan else [self.indicator]
        for indicator in into:
            is_there = indicator is not None and not indicator._state.adding
            require(not is_there or permissions.can_observe(by, indicator), told)  # type: ignore[arg-type]
        if plan and plan.new_areas:
            require(permissions.can_import_areas(by), _("You cannot import areas."))

    def plan(self, at: datetime, progress: ImportProgress = quiet) -> FigurePlan:
        plan = _new_plan(self)
        for _observation in match_figures(self.upload, plan, progress):
            pass
        if plan.conflicts:  # the first of some rows that differ was taken for the figure
            plan = _new_plan(self, frozenset(plan.conflicts))
            for _observation in match_figures(self.upload, plan, progress):
                pass
        return plan

    def ready(
        self, at: datetime, held: ExitStack, most: int | None, progress: ImportProgress
    ) -> FigurePlan:
        """Read the file to its end, and stage what is new or differs."""
        plan = _new_plan(self)
        with ExitStack() as own:
            self._stage(plan, own, most, progress)
            if not plan.conflicts:
                held.enter_context(own.pop_all())
                return plan
        plan = _new_plan(self, frozenset(plan.conflicts))
        self._stage(plan, held, most, progress)
        return plan

    def _stage(
        self, plan: FigurePlan, held: ExitStack, most: int | None, progress: ImportProgress
    ) -> None:
        area_keys = dict[int, int]()
        found = match_figures(self.upload, plan, progress)
        while batch := list(islice(found, BATCH)):
            if most is not None and plan.size > most:
                raise ImportTooLarge(plan)
            of_each: dict[Series, list[Observation]] = defaultdict(list)
            for series, observation in batch:
                if series.stage is None:
                    run, asks = _new_run(plan, series, self.by), plan.asks_of(series)
                    stage = staging(run, area_keys, asks_confirmation=asks)
                    series.stage = held.enter_context(stage)
                observation.indicator_id = series.stage.run.indicator_id
                of_each[series].append(observation)
            for series, rows in of_each.items():
                series.stage.add(rows)
            progress(ImportStep.STAGING, plan.size)
        if plan.may_import:
            for series in plan.staged_series:
                series.stage.complete()

    def as_stored(self) -> Self:
        if self.indicator is None:
            return self
        return replace(self, indicator=Indicator.objects.get(pk=self.indicator.pk))

    def rests_on(self, plan: FigurePlan) -> Q:
        return RESTS_ON

    def mark(self) -> tuple[int, ...]:
        """Beside the last event how many figures there are, which only come, and undone imports."""
        of = {"indicator": self.indicator.pk} if self.indicator else {}
        undone = ImportRun.objects.undone().filter(**of)
        return last_event(), Observation.objects.filter(**of).count(), undone.count()

    def holds(self, plan: FigurePlan, mark: Any) -> bool:
        return not are_touched(RESTS_ON, since=mark[0]) and self.mark()[1:] == mark[1:]

    def parts(self, entry: audit.Entry, plan: FigurePlan) -> Iterator[tuple[FigurePlan, Series]]:
        """The series that get values; an indicator that is not there yet is added before."""
        for series in plan.staged_series:
            if series.is_new:
                columns = [column.attname for column in Indicator._meta.concrete_fields]
                values = {name: getattr(series.indicator, name) for name in columns}
                add_indicator(by=entry.by, values=values)  # type: ignore[arg-type]
            yield plan, series

    def write(self, act: audit.BulkAct, part: tuple[FigurePlan, Series]) -> dict[str, Any]:
        """Write what is staged of a series, and refresh what follows from the figures."""
        plan, series = part
        stage: Stage = series.stage
        run, counts = stage.run, series.counts
        run.at, run.reading = act.entry.at, reading_of(plan, series)
        run.new, run.revised = counts["new"], counts["revised"]
        run.unchanged = counts["unchanged"] + counts["rounded"]
        left_out = ("rejected", "unmatched_rows", "skipped_areas", "year_ranges", "kept_newer")
        run.left_out = sum(counts[name] for name in left_out)
        run.save(force_insert=True)
        asks = stage.asks_confirmation
        written = observe_staged(act, stage.rows, run, asks_confirmation=asks)
        # The first writes the areas that all of them need.
        new_areas = plan.new_areas if series is plan.staged_series[0] else {}
        keyed = [(stage.area_keys[number], new) for number, new in new_areas.items()]
        add_parts(act, [(key, new.code, new.name, new.country) for key, new in keyed])
        if written != run.new + run.revised:
            raise ImportRefused(plan, _("The prepared import has expired. Import the file again."))
        act.add_new([run])
        refresh_movement(act.entry, run.indicator)
        StagedImport.objects.filter(pk=stage.staged.pk).update(is_imported=True)
        return _told(run, plan, series, areas_added=len(new_areas))


def _new_plan(
    given: FigureImport, disputed: frozenset[tuple[Any, ...]] = frozenset()
) -> FigurePlan:
    plan = FigurePlan(
        given.upload.name,
        given.upload.sha256(),
        given.options,
        disputed=disputed,
        may_add_areas=given.by is None or permissions.can_import_areas(given.by),
        may_add_indicators=given.by is None or permissions.can_manage(given.by),
    )
    if given.indicator is None:
        find_series(given.upload, plan, given.by)
    else:
        plan.chosen_series = [Series(given.options.series, indicator=given.indicator)]
    return plan


def _new_run(plan: FigurePlan, series: Series, by: Any) -> ImportRun:
    """The row of the import, checked and unsaved; its time and its counts are known at the end."""
    run = ImportRun(
        indicator=series.indicator,
        at=timezone.now(),
        by=by,
        file_name=plan.file_name,
        file_sha256=plan.sha256,
        format=plan.format,
        series=series.code[:200],
        source=plan.stated_source,
        vintage=plan.stated_vintage,
        reading=reading_of(plan, series),
        new=1,
        revised=0,
        unchanged=0,
        left_out=0,
    )
    run.clean_fields(exclude={"indicator"})
    return run


def _told(run: ImportRun, plan: FigurePlan, series: Series, *, areas_added: int) -> dict[str, Any]:
    """What the event of a series of a file holds."""
    return {
        **series.counts,
        "empty": plan.empty,
        "areas_added": areas_added,
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
        "asks_confirmation": plan.asks_of(series),
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
