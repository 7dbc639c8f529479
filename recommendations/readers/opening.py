"""Opening a file as a table; its format is detected from its bytes, not from its name."""

from typing import BinaryIO

from django.utils.translation import gettext as _

from recommendations.readers.csv_table import read_csv
from recommendations.readers.headings import find_head
from recommendations.readers.json_table import read_json
from recommendations.readers.tables import (
    ReadOptions,
    Table,
    TableError,
    TableLines,
    read_header,
    table_rows,
)
from recommendations.readers.xls_table import SIGNATURE, read_xls
from recommendations.readers.xlsx_table import read_xlsx

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of a file that is imported, at most."""


def open_table(file: BinaryIO, name: str, options: ReadOptions | None = None) -> Table:
    """Open a CSV, XLSX, XLS or JSON file; ``TableError`` says what is wrong and where."""
    options = options or ReadOptions()
    lines = open_lines(file, name, options)
    line, cells, below = find_head(lines, options.header_row)
    header = read_header(cells, line, lines.where)
    rows = table_rows(below, header, lines.where, keeps_broken=options.keeps_broken)
    return Table(lines.kind, header, rows, lines.notes)


def open_lines(
    file: BinaryIO, name: str, options: ReadOptions | None = None, largest: int = LARGEST_FILE
) -> TableLines:
    """The lines of a CSV, XLSX, XLS or JSON file of at most ``largest`` bytes.

    ``name`` only distinguishes JSON from CSV, which have no signature of their own.
    """
    options = options or ReadOptions()
    check_size(file, largest)
    file.seek(0)
    start = file.read(4)
    if start == b"PK\x03\x04":
        return read_xlsx(file, options)
    if start == SIGNATURE:
        return read_xls(file, options)
    if start == b"PK\x05\x06":
        raise TableError(_("This is an empty archive, not an XLSX workbook."))
    if name.lower().endswith(".json"):
        return read_json(file)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise TableError(_("This is not an XLSX workbook, despite its file extension."))
    return read_csv(file, options)


def check_size(file: BinaryIO, largest: int) -> None:
    """Raises ``TableError`` for a file of no bytes, or of more than ``largest``."""
    size = file.seek(0, 2)
    if size == 0:
        raise TableError(_("The file is empty."))
    if size > largest:
        raise TableError(_("The file has more than %d MB.") % (largest // 1024 // 1024))
