"""Files into typed rows, with errors that name the line; one module a format. Knows no model."""

from recommendations.readers.opening import LARGEST_FILE, open_table
from recommendations.readers.tables import (
    Cell,
    Formula,
    Number,
    ReadOptions,
    Table,
    TableError,
    TableRow,
)
