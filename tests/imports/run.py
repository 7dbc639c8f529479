"""Planning and running an import of each kind, in one call."""

from typing import Any

from recommendations.actions.imports.figures import FigureImport, FigurePlan
from recommendations.actions.imports.pipeline import quiet
from recommendations.actions.imports.reference import (
    ReferenceImport,
    ReferenceOptions,
    ReferencePlan,
)
from recommendations.actions.imports.spreadsheet import SpreadsheetImport, SpreadsheetPlan
from recommendations.actions.rounds import ReturnImport, ReturnPlan
from recommendations.models import StatusUpdate

OF_RUNS = ("expected", "at", "most", "progress")


def _run(kind: Any, given: dict[str, Any]) -> Any:
    how = {name: given.pop(name) for name in OF_RUNS if name in given}
    return kind(**given).run(**how)


def plan_figures(*, by: Any = None, progress: Any = quiet, **given: Any) -> FigurePlan:
    return FigureImport(by=by, **given).preview(progress)


def import_figures(**given: Any) -> FigurePlan:
    plan: FigurePlan = _run(FigureImport, given)
    return plan


def plan_spreadsheet(**given: Any) -> SpreadsheetPlan:
    return SpreadsheetImport(**given).preview()


def import_spreadsheet(**given: Any) -> SpreadsheetPlan:
    plan: SpreadsheetPlan = _run(SpreadsheetImport, given)
    return plan


def plan_reference(*, upload: Any, by: Any = None, skip_rejected: bool = False) -> ReferencePlan:
    return ReferenceImport(upload, by, ReferenceOptions(skip_rejected)).preview()


def import_reference(*, skip_rejected: bool = False, **given: Any) -> ReferencePlan:
    plan: ReferencePlan = _run(
        ReferenceImport, {**given, "options": ReferenceOptions(skip_rejected)}
    )
    return plan


def plan_returned(**given: Any) -> ReturnPlan:
    return ReturnImport(options=None, **given).preview()


def draft_returned(*, expected: str, **given: Any) -> list[StatusUpdate]:
    return ReturnImport(options=None, **given).run(expected=expected).made
