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
from recommendations.actions.imports.spreadsheet.rows import open_list
