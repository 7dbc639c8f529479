"""One module a format: a file in, typed rows and errors with line numbers out. Knows no model."""

from recommendations.readers.opening import LARGEST_FILE, open_table
from recommendations.readers.tables import Asked, Cell, Formula, Number, Row, Table, TableError

__all__ = [
    "LARGEST_FILE",
    "Asked",
    "Cell",
    "Formula",
    "Number",
    "Row",
    "Table",
    "TableError",
    "open_table",
]
