"""Planning and running an import of each kind, in one call."""

from typing import Any, TypeVar

from recommendations.actions.imports.figures import FigureImport, FigurePlan
from recommendations.actions.imports.pipeline import Import, ImportPlan, quiet
from recommendations.actions.imports.reference import (
    ReferenceImport,
    ReferenceOptions,
    ReferencePlan,
)
from recommendations.actions.imports.spreadsheet import SpreadsheetImport, SpreadsheetPlan
from recommendations.actions.rounds import ReturnImport, ReturnPlan
from recommendations.models import StatusUpdate

PlanT = TypeVar("PlanT", bound=ImportPlan)


def _run(kind: type[Import[PlanT]], given: dict[str, Any]) -> PlanT:
    of_run = ("expected", "at", "most", "progress")
    how = {name: given.pop(name) for name in of_run if name in given}
    return kind(**given).run(**how)


def plan_figures(*, by: Any = None, progress: Any = quiet, **given: Any) -> FigurePlan:
    return FigureImport(by=by, **given).preview(progress)


def import_figures(**given: Any) -> FigurePlan:
    return _run(FigureImport, given)


def plan_spreadsheet(**given: Any) -> SpreadsheetPlan:
    return SpreadsheetImport(**given).preview()


def import_spreadsheet(**given: Any) -> SpreadsheetPlan:
    return _run(SpreadsheetImport, given)


def plan_reference(*, upload: Any, by: Any = None, skip_rejected: bool = False) -> ReferencePlan:
    return ReferenceImport(upload, by, ReferenceOptions(skip_rejected)).preview()


def import_reference(*, skip_rejected: bool = False, **given: Any) -> ReferencePlan:
    return _run(ReferenceImport, {**given, "options": ReferenceOptions(skip_rejected)})


def plan_returned(**given: Any) -> ReturnPlan:
    return ReturnImport(options=None, **given).preview()


def draft_returned(*, expected: str, **given: Any) -> list[StatusUpdate]:
    return ReturnImport(options=None, **given).run(expected=expected).made
