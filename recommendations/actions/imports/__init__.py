"""Recommendations from somebody's spreadsheet: planned first, then written all at once."""

from recommendations.actions.imports.plans import (
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
from recommendations.actions.imports.running import plan, run, words_of_statuses

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
