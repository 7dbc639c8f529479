"""Recommendations from the spreadsheet of an office: planned first, then written all at once."""

from recommendations.actions.imports.findings import FindingCode
from recommendations.actions.imports.spreadsheet.importer import (
    STATUSES,
    SpreadsheetImport,
    proposed_map,
    remembered,
    words_in,
)
from recommendations.actions.imports.spreadsheet.plans import (
    RowKind,
    SpreadsheetOptions,
    SpreadsheetPlan,
)
from recommendations.actions.imports.spreadsheet.rows import open_list
