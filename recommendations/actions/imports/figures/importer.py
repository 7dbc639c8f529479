"""The two ways in: plan an import of figures, which only reads, and run it.

Both walk through the file in one go and hold no more of it than one batch of rows. Running writes
while it reads, inside one transaction: what turns up at the end of the file takes all of it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.imports.figures.matching import ExistingValues, Figure, figures_in
from recommendations.actions.imports.figures.plans import (
    Choices,
    FiguresChanged,
    FiguresRefused,
    Plan,
    Progress,
    Upload,
)
from recommendations.actions.indicators import refresh_movement
from recommendations.models import ImportRun, Indicator, Observation, User
from recommendations.models.fields import validate_readable, validate_single_line

BATCH = 2000
"""Rows that are written at once."""


def plan(
    *, upload: Upload, indicator: Indicator, choices: Choices, progress: Progress | None = None
) -> Plan:
    """What bringing a file in would do. Reads only; ``TableError`` says why it cannot be read."""
    planned = _empty(upload, choices)
    for _figure in figures_in(upload, planned, ExistingValues(indicator), progress):
        pass
    return planned


def run(
    *,
    upload: Upload,
    indicator: Indicator,
    by: User,
    choices: Choices,
    expected: str = "",
    at: datetime | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Bring a file in: all that the plan says in one transaction, with one event for the file.

    ``expected`` is the digest of the plan that was shown; where things would go otherwise by now,
    nothing is written and ``FiguresChanged`` carries the new one. A figure that stands here
    already is left as it is; where all of them do, nothing is written at all.
    """
    _check_words(choices)
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_observe(by, indicator), _("record figures of this indicator"))
        planned = _empty(upload, choices)
        figures = figures_in(upload, planned, ExistingValues(indicator), progress)
        act = audit.BulkAct(entry)
        run_made = _write(entry, act, figures, planned, indicator)
        if planned.is_ambiguous or planned.is_refused:
            raise FiguresRefused(planned)
        if expected and planned.digest != expected:
            raise FiguresChanged(planned)
        if run_made is not None:
            _settle(act, run_made, planned, indicator)
        return planned


def _empty(upload: Upload, choices: Choices) -> Plan:
    return Plan(upload.name, upload.sha256(), choices)


def _check_words(choices: Choices) -> None:
    for name in ("source", "series"):
        try:
            validate_readable(getattr(choices, name))
            validate_single_line(getattr(choices, name))
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from error


def _write(
    entry: audit.Entry,
    act: audit.BulkAct,
    figures: Iterator[Figure],
    planned: Plan,
    indicator: Indicator,
) -> ImportRun | None:
    """Write what is new and revised, batch by batch; none where there is nothing."""
    made: ImportRun | None = None
    while batch := list(islice(figures, BATCH)):
        if made is None:
            made = _begin(entry, planned, indicator)
        act.add_new(
            Observation.objects.bulk_create(
                [_observation(entry, figure, made, planned) for figure in batch]
            )
        )
    return made


def _begin(entry: audit.Entry, planned: Plan, indicator: Indicator) -> ImportRun:
    """The row of the import, so that its figures can point to it; counted once all is read."""
    made = ImportRun(
        indicator=indicator,
        at=entry.at,
        by=entry.by,
        file_name=planned.file_name,
        file_sha256=planned.sha256,
        format=planned.format,
        series=planned.choices.series,
        source=_source(planned),
        vintage=planned.choices.vintage or planned.vintage,
        new=1,
        revised=0,
        unchanged=0,
        left_out=0,
    )
    made.clean_fields()
    made.save(force_insert=True)
    return made


def _observation(entry: audit.Entry, figure: Figure, made: ImportRun, planned: Plan) -> Observation:
    return Observation(
        indicator_id=made.indicator_id,
        area_id=figure.area,
        period=figure.period.code,
        first_day=figure.period.first_day,
        last_day=figure.period.last_day,
        dimensions=figure.dimensions,
        value=figure.value,
        text=figure.text,
        obs_status=figure.status,
        comment=figure.comment,
        source=figure.source or made.source,
        revision=figure.revision,
        import_run=made,
        **{f"is_{mark}": True for mark in figure.marks},
        recorded_at=entry.at,
        recorded_by=entry.by,
    )


def _settle(act: audit.BulkAct, made: ImportRun, planned: Plan, indicator: Indicator) -> None:
    """Count what was done, tell the record, and work out what follows from it."""
    made.new, made.revised = planned.new, planned.revised
    made.unchanged, made.left_out = planned.unchanged, planned.left_out
    made.save(update_fields=["new", "revised", "unchanged", "left_out"])
    told = {
        **planned.counts,
        "indicator": indicator.code,
        "import": made.pk,
        "sha256": planned.sha256,
        "format": planned.format,
        "file": audit.FreeText(planned.file_name),
        "source": audit.FreeText(made.source),
    }
    act.add_new([made])
    act.record("import_figures", planned.sha256[:16], told)
    refresh_movement(indicator)


def _source(planned: Plan) -> str:
    return (planned.choices.source or planned.source)[:300]
