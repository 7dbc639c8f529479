"""Cells copied from a spreadsheet and pasted as text: tabs between them, one row a line."""

import csv
import io
from collections.abc import Iterator


class PasteError(Exception):
    """A pasted text that is no table."""


def pasted_rows(text: str) -> Iterator[list[str]]:
    """The rows of a pasted text that are not empty, each a list of cells on one line.

    A cell with a tab or a line break comes in quotation marks, as spreadsheets copy it.
    ``PasteError`` where a cell is longer than any that fits a page, as after a quotation mark that
    nothing closes.
    """
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        for row in csv.reader(lines, delimiter="\t"):
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                yield cells
    except csv.Error as error:
        raise PasteError from error
