"""Planning an import of figures, which only reads, and running it.

Both read the file once and hold no more of it than one batch of rows. Running stages what it reads:
rows that are ready lie beside the tables of the site, and nobody waits. Only then is the chain
locked, all of them are written by two statements, and an error takes all of it back.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.areas import add_parts
from recommendations.actions.base import require
from recommendations.actions.imports.figures.matching import match_figures
from recommendations.actions.imports.figures.plans import (
    FigureOptions,
    FigurePlan,
    ImportProgress,
    ImportStep,
)
from recommendations.actions.imports.figures.remembered import reading_of
from recommendations.actions.imports.figures.staging import BATCH, Stage, staging
from recommendations.actions.imports.pipeline import (
    MOST_PLANS,
    ImportRefused,
    ImportTooLarge,
    PlanChanged,
    PlanOutdated,
    Upload,
    are_touched,
    last_event,
    of_kinds,
)
from recommendations.actions.indicators import observe_staged, refresh_movement
from recommendations.models import ImportRun, Indicator, Observation, StagedImport, User

RESTS_ON = of_kinds("area", "areaalias", "indicator", "redaction")
"""What a plan is made from, beside the figures of its indicator, which are counted."""

MOST_RECORDED = 20
"""Contradictions of a file that its event has in words."""


def plan_figures(
    *,
    upload: Upload,
    indicator: Indicator,
    options: FigureOptions,
    by: User | None = None,
    progress: ImportProgress | None = None,
) -> FigurePlan:
    """What importing a file would do. Reads only; ``TableError`` says why it cannot be read.

    Without ``by``, as a manager would see it.
    """
    plan = _new_plan(upload, indicator, options, by)
    for _observation in match_figures(upload, plan, indicator, progress):
        pass
    return plan


def import_figures(
    *,
    upload: Upload,
    indicator: Indicator,
    by: User,
    options: FigureOptions,
    expected: str = "",
    at: datetime | None = None,
    most: int | None = None,
    progress: ImportProgress = lambda step, count: None,
) -> FigurePlan:
    """Import a file: all that the plan says in one transaction, with one event for the file.

    ``expected`` is the digest of the plan that was shown; where the import would do something else
    by now, nothing is written and ``PlanChanged`` carries the new one. So it does where others
    change what the plan rests on again and again. A figure that is the same here is left as it is;
    where all are, nothing is written at all. ``most``: refuse to write more figures than that.
    """
    require(
        permissions.can_observe(by, indicator), _("You may not record values of this indicator.")
    )
    attempt = _Attempt(upload, indicator.pk, by, options, expected, at, most, progress)
    for left in reversed(range(MOST_PLANS)):
        try:
            return attempt.run()
        except PlanOutdated as outdated:
            if not left:
                raise PlanChanged(outdated.plan) from outdated
    raise AssertionError("the last attempt returns or raises")


def _new_plan(
    upload: Upload, indicator: Indicator, options: FigureOptions, by: User | None
) -> FigurePlan:
    return FigurePlan(
        upload.name,
        upload.sha256(),
        options,
        is_asked=indicator.asks_confirmation,
        may_add_areas=by is None or permissions.can_import_areas(by),
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Planning and staging a file with nothing locked, then writing; as ``import_figures`` says."""

    upload: Upload
    indicator_id: int
    by: User
    options: FigureOptions
    expected: str
    at: datetime | None
    most: int | None
    progress: ImportProgress

    def run(self) -> FigurePlan:
        """Import, or raise ``PlanOutdated`` where it must begin anew."""
        # Asked before anything is read: what comes in between makes the plan anew.
        since, there = last_event(), self._figures_there()
        indicator = Indicator.objects.get(pk=self.indicator_id)
        plan = _new_plan(self.upload, indicator, self.options, self.by)
        with ExitStack() as held:
            stage = self._stage(plan, indicator, held)
            plan.require_confirmed(self.expected)
            if stage is not None:
                stage.complete()
                self.progress(ImportStep.WRITING, plan.new + plan.revised)
                with audit.entry(by=self.by, at=self.at) as entry:
                    if are_touched(RESTS_ON, since=since) or self._figures_there() != there:
                        raise PlanOutdated(plan)
                    _write(entry, stage, plan)
        return plan

    def _stage(self, plan: FigurePlan, indicator: Indicator, held: ExitStack) -> Stage | None:
        """Read the file to its end, and stage what is new or differs; ``None`` where nothing is."""
        observations = match_figures(self.upload, plan, indicator, self.progress)
        stage: Stage | None = None
        while batch := list(islice(observations, BATCH)):
            if stage is None:
                run, asks = _new_run(plan, indicator, self.by), plan.asks_confirmation
                stage = held.enter_context(staging(run, asks_confirmation=asks))
            if self.most is not None and plan.new + plan.revised > self.most:
                raise ImportTooLarge(plan)
            stage.add(batch)
            self.progress(ImportStep.STAGING, plan.new + plan.revised)
        return stage

    def _figures_there(self) -> tuple[int, int]:
        """How many figures the indicator has, which are only ever added, and imports undone."""
        of = {"indicator": self.indicator_id}
        return Observation.objects.filter(**of).count(), ImportRun.objects.undone().filter(
            **of
        ).count()


def _new_run(plan: FigurePlan, indicator: Indicator, by: User) -> ImportRun:
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


def _add_areas(act: audit.BulkAct, stage: Stage, plan: FigurePlan) -> None:
    """Add the parts of a country that the values are about."""
    keyed = [(stage.area_keys[number], new) for number, new in plan.new_areas.items()]
    add_parts(act, [(key, new.code, new.name, new.country) for key, new in keyed])


def _counts(run: ImportRun, plan: FigurePlan) -> dict[str, Any]:
    """What the event of a file holds."""
    return {
        **plan.counts,
        "contradictions": audit.FreeText("\n".join(plan.contradictions[:MOST_RECORDED])),
        "indicator": run.indicator.code,
        "import": run.pk,
        "sha256": plan.sha256,
        "format": plan.format,
        "file": audit.FreeText(plan.file_name),
        "source": audit.FreeText(run.source),
        "vintage": run.vintage,
        "area": plan.options.area,
        "codes_are": plan.options.codes_are,
        "slice": audit.FreeText("|".join(f"{name}={code}" for name, code in plan.options.slice)),
        "allow_older": plan.options.allow_older,
        "asks_confirmation": plan.asks_confirmation,
    }


def _write(entry: audit.Entry, stage: Stage, plan: FigurePlan) -> None:
    """Write what is staged, record the event, and refresh what follows from the figures."""
    run = stage.run
    # As they may now: reading and staging take their time.
    by = User.objects.get(pk=run.by_id)
    require(
        permissions.can_observe(by, run.indicator),
        _("You may not record values of this indicator."),
    )
    if plan.new_areas:
        require(permissions.can_import_areas(by), _("You may not import areas."))
    run.at, run.reading = entry.at, reading_of(plan)
    run.new, run.revised = plan.new, plan.revised
    run.unchanged = plan.unchanged + plan.rounded
    run.left_out = plan.left_out + plan.skipped_areas + plan.kept_newer
    run.save(force_insert=True)
    act = audit.BulkAct(entry)
    written = observe_staged(act, stage.rows, run, asks_confirmation=plan.asks_confirmation)
    _add_areas(act, stage, plan)
    if written != plan.new + plan.revised:
        raise ImportRefused(plan, _("The prepared import has expired. Import the file again."))
    act.add_new([run])
    reason = plan.options.reason
    act.record("import_figures", plan.sha256[:16], _counts(run, plan), reason=reason)
    refresh_movement(act.entry, run.indicator)
    StagedImport.objects.filter(pk=stage.staged.pk).update(is_imported=True)
