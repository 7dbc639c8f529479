"""How a file was read, kept with its import: the next one with the same columns is read alike."""

from typing import Any

from recommendations.actions.imports.figures.plans import FigureOptions, FigurePlan
from recommendations.actions.imports.pipeline import Upload
from recommendations.models import ImportRun, Indicator
from recommendations.readers import TableError
from recommendations.readers.statistics import open_figures

STATED = ("format", "decimal", "value_column", "series", "area", "codes_are")
"""Options that a person states about a file, and that hold for the next one."""

MOST_LOOKED_AT = 5
"""Newest imports of an indicator among which one with the same columns is looked for."""


def reading_of(plan: FigurePlan) -> dict[str, Any]:
    """What is kept of a plan; nothing where the person stated nothing."""
    options = plan.options
    stated: dict[str, Any] = {name: getattr(options, name) for name in STATED}
    stated["slice"] = [list(pair) for pair in options.slice]
    kept = {name: value for name, value in stated.items() if value}
    if plan.new_areas:
        kept["areas_added"] = [new.code for new in plan.new_areas.values()]
    return {**kept, "columns": _headers(plan.columns)} if kept else {}


def remembered_import(upload: Upload, indicator: Indicator) -> ImportRun | None:
    """The newest import of an indicator of which the choices fit a file: it has the same columns.

    Imports that were undone, or that no choice was made for, are none.
    """
    runs = ImportRun.objects.filter(indicator=indicator.pk, undone_at=None).exclude(reading={})
    for run in runs.order_by("-at", "-pk")[:MOST_LOOKED_AT]:
        if _has_columns(upload, run.reading):
            return run
    return None


def remembered_options(run: ImportRun) -> FigureOptions:
    """The choices of an import."""
    kept = run.reading
    given: dict[str, Any] = {name: str(kept.get(name, "")) for name in STATED}
    pairs = tuple((str(name), str(code)) for name, code in kept.get("slice", ()))
    return FigureOptions(**given, slice=pairs)


def _has_columns(upload: Upload, reading: dict[str, Any]) -> bool:
    try:
        file = open_figures(
            upload.file,
            upload.name,
            format=str(reading.get("format", "")),
            decimal=str(reading.get("decimal", "")),
            value_column=str(reading.get("value_column", "")),
            options=upload.options,
        )
    except TableError:
        return False
    return _headers(file.columns) == reading.get("columns")


def _headers(columns: Any) -> list[str]:
    return [column.header for column in columns]
