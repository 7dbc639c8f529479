"""What a workbook of statistics says of its series on sheets of their own.

Such sheets come with the workbooks of the World Bank, of its site and of its DataBank: a row for
each series, with its definition and its source.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import BinaryIO

from recommendations.characters import replace_invalid
from recommendations.readers.opening import open_lines, sheets_of
from recommendations.readers.statistics.opening import LARGEST_STATISTICS_FILE, MOST_SHEETS
from recommendations.readers.tables import ReadOptions, fold_text, one_line

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": ("indicator code", "series code", "code"),
    "title": ("indicator name", "series name"),
    "definition": ("source note", "long definition", "definition", "description"),
    "unit": ("unit of measure", "unit"),
    "source": ("source organization", "source"),
    "vocabulary_uri": ("indicator url", "source url", "url"),
}
"""Headers of what is said of a series, by column of an indicator."""


def read_metadata(file: BinaryIO, name: str, options: ReadOptions) -> dict[str, dict[str, str]]:
    """What is said of each series by its code; nothing where no sheet says anything."""
    found: dict[str, dict[str, str]] = {}
    for sheet in sheets_of(file)[:MOST_SHEETS]:
        if "metadata" not in sheet.casefold():
            continue
        lines = open_lines(file, name, replace(options, sheet=sheet), LARGEST_STATISTICS_FILE)
        columns: dict[str, int] | None = None
        for _line, _number, cells in lines.non_blank():
            texts = [replace_invalid(one_line(cell)) for cell in cells]
            if columns is None:
                columns = _columns_of([fold_text(text) for text in texts])
                if not {"code", "definition"} <= columns.keys():
                    break
                continue
            said = {role: texts[at] for role, at in columns.items() if at < len(texts)}
            found.setdefault(said.pop("code", ""), {role: of for role, of in said.items() if of})
    return found


def _columns_of(header: list[str]) -> dict[str, int]:
    named = {
        role: next((name for name in names if name in header), "")
        for role, names in _HEADERS.items()
    }
    return {role: header.index(name) for role, name in named.items() if name}
