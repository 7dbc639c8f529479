"""Lists as files: one set of columns each, written as CSV, XLSX or JSON."""

from recommendations.columns import Column
from recommendations.exports.formats import FORMATS, Format, Sheet

__all__ = ["FORMATS", "Column", "Format", "Sheet"]
