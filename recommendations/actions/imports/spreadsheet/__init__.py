"""Recommendations from the spreadsheet of an office: planned first, then written all at once."""

from recommendations.actions.imports.spreadsheet.importer import (
    confidences_in,
    import_spreadsheet,
    plan_spreadsheet,
    statuses_in,
)
from recommendations.actions.imports.spreadsheet.plans import (
    FindingCode,
    RowKind,
    SpreadsheetOptions,
    SpreadsheetPlan,
)

__all__ = [
    "FindingCode",
    "RowKind",
    "SpreadsheetOptions",
    "SpreadsheetPlan",
    "confidences_in",
    "import_spreadsheet",
    "plan_spreadsheet",
    "statuses_in",
]
