"""Recommendations from somebody's spreadsheet: planned first, then written all at once."""

from recommendations.actions.imports.spreadsheet.importer import plan, run, words_of_statuses
from recommendations.actions.imports.spreadsheet.plans import (
    Choices,
    Code,
    Finding,
    Group,
    ImportRefused,
    Kind,
    Plan,
    PlanChanged,
    RowPlan,
    Upload,
)

__all__ = [
    "Choices",
    "Code",
    "Finding",
    "Group",
    "ImportRefused",
    "Kind",
    "Plan",
    "PlanChanged",
    "RowPlan",
    "Upload",
    "plan",
    "run",
    "words_of_statuses",
]
