"""Planning an import of figures, which only reads, and running it.

Both read the file once and hold no more of it than one batch of rows. Running writes while it
reads, inside one transaction: an error at the end of the file undoes all of it.
"""

from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.imports.figures.matching import match_figures
from recommendations.actions.imports.figures.plans import FigureOptions, FigurePlan, Progress
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.indicators import observe_many, refresh_movement
from recommendations.models import ImportRun, Indicator, Observation, User

BATCH = 2000
"""Rows that are written at once."""


def plan_figures(
    *,
    upload: Upload,
    indicator: Indicator,
    options: FigureOptions,
    progress: Progress | None = None,
) -> FigurePlan:
    """What importing a file would do. Reads only; ``TableError`` says why it cannot be read."""
    plan = FigurePlan(upload.name, upload.sha256(), options, is_asked=indicator.asks_confirmation)
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
    progress: Progress | None = None,
) -> FigurePlan:
    """Import a file: all that the plan says in one transaction, with one event for the file.

    ``expected`` is the digest of the plan that was shown; where the import would do something else
    by now, nothing is written and ``PlanChanged`` carries the new one. A figure that is the same
    here is left as it is; where all are, nothing is written at all.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_observe(by, indicator), _("record figures of this indicator"))
        indicator = Indicator.objects.get(pk=indicator.pk)
        plan = FigurePlan(
            upload.name, upload.sha256(), options, is_asked=indicator.asks_confirmation
        )
        observations = match_figures(upload, plan, indicator, progress)
        act = audit.BulkAct(entry)
        run: ImportRun | None = None
        while batch := list(islice(observations, BATCH)):
            run = run or _begin(entry, plan, indicator)
            _write(act, run, batch, asks_confirmation=plan.asks_confirmation)
        plan.require_confirmed(expected)
        if run is not None:
            _finish(act, run, plan)
        return plan


def _begin(entry: audit.Entry, plan: FigurePlan, indicator: Indicator) -> ImportRun:
    """The row of the import, for its figures to point to; its counts are known at the end."""
    run = ImportRun(
        indicator=indicator,
        at=entry.at,
        by=entry.by,
        file_name=plan.file_name,
        file_sha256=plan.sha256,
        format=plan.format,
        series=plan.options.series,
        source=plan.stated_source,
        vintage=plan.stated_vintage,
        new=1,
        revised=0,
        unchanged=0,
        left_out=0,
    )
    run.clean_fields()
    run.save(force_insert=True)
    return run


def _write(
    act: audit.BulkAct, run: ImportRun, batch: list[Observation], *, asks_confirmation: bool
) -> None:
    for observation in batch:
        observation.asks_confirmation = asks_confirmation
        observation.import_run = run
        observation.source = observation.source or run.source
    observe_many(act, batch)


def _finish(act: audit.BulkAct, run: ImportRun, plan: FigurePlan) -> None:
    """Complete the counts, record the event, and refresh what follows from the figures."""
    run.new, run.revised = plan.new, plan.revised
    run.unchanged, run.left_out = plan.unchanged, plan.left_out + plan.kept_newer
    run.save(update_fields=["new", "revised", "unchanged", "left_out"])
    counts = {
        **plan.counts,
        "indicator": run.indicator.code,
        "import": run.pk,
        "sha256": plan.sha256,
        "format": plan.format,
        "file": audit.FreeText(plan.file_name),
        "source": audit.FreeText(run.source),
        "vintage": run.vintage,
        "allow_older": plan.options.allow_older,
        "asks_confirmation": plan.asks_confirmation,
    }
    act.add_new([run])
    act.record("import_figures", plan.sha256[:16], counts)
    refresh_movement(run.indicator)
