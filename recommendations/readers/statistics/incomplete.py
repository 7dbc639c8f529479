"""Plain tables that leave something out, and what stands for it.

The column of values may have a header of its own, or several such columns one indicator each; the
period may be in the name of the sheet or of the file. DDF-CSV, the format of Gapminder and of Open
Numbers, does the former: ``ddf--datapoints--population--by--geo--time.csv`` names its column.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from recommendations.readers.statistics.cells import is_missing_mark, read_decimal
from recommendations.readers.statistics.figures import FigureError
from recommendations.readers.statistics.layout import Cells, Layout, ParseOptions, with_values
from recommendations.readers.statistics.plain_tables import IGNORED, MISSING, has_area, roles_in
from recommendations.readers.tables import Number, TableError, one_line

SAMPLE = 200
"""Rows by which columns of numbers are told from others."""

_YEAR = re.compile(r"(?<![0-9])(?<![0-9][-_. ])((?:19|20)[0-9]{2})(?![-_. ]?[0-9])")
"""A year that is no part of a date or of a longer number."""

_DDF_OTHER = re.compile(r"ddf--(concepts|entities|synonyms)\b")
_DDF = re.compile(r"ddf--datapoints--([a-z0-9_]+)--by--[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class FileNames:
    """The name of a file, and of the sheet that is read of it."""

    file: str = ""
    sheet: str = ""


def complete(
    header: Sequence[str],
    options: ParseOptions,
    names: FileNames,
    sample: Callable[[], Sequence[Cells]],
) -> tuple[ParseOptions, str] | None:
    """How a plain table is read without its values or its period, and why; ``None`` if it is not.

    ``sample`` gives its first rows. Raises ``SeveralColumns`` where a person must choose.
    """
    # A data set of DDF-CSV has other files beside those of values: concepts and entities.
    if found := _DDF_OTHER.match(names.file):
        words = _(
            "This file of DDF-CSV holds %(kind)s, not values. Choose a file whose name begins with "
            "ddf--datapoints."
        )
        raise TableError(words % {"kind": found[1]})
    if not has_area(header):
        return None
    layout = Layout(header, roles_in(header), ParseOptions(), IGNORED)
    told: list[str] = []
    if not layout.has("period"):
        period, words = _period_in(names)
        if not period:
            return None
        options, told = replace(options, period=period), [words]
    if layout.has("value") and not options.value_column:
        return options, " ".join(told)
    numeric = [header[column] for column in layout.rest if _is_numeric(column, sample())]
    named = _DDF.match(names.file)
    chosen = options.value_column or (named[1] if named and named[1] in header else "")
    if not (chosen or numeric):
        return None
    options = with_values(replace(options, value_column=chosen), numeric or [chosen])
    told.insert(0, _("“%s” is the column of the values.") % options.value_column)
    return options, " ".join(told)


def _period_in(names: FileNames) -> tuple[str, str]:
    """The one year in the name of the sheet, else in that of the file, and how that is told."""
    for name, words in (
        (names.sheet, _("The period %(year)s is that of the name of the sheet.")),
        (names.file, _("The period %(year)s is that of the name of the file.")),
    ):
        years = set(_YEAR.findall(name))
        if len(years) == 1:
            [year] = years
            return year, words % {"year": year}
    return "", ""


def _is_numeric(column: int, rows: Sequence[Cells]) -> bool:
    """Whether a column has numbers and marks of missing values alone, and some number."""
    has_number = False
    for cells in rows:
        cell = cells[column] if column < len(cells) else None
        written = one_line(cell)
        if not written or is_missing_mark(written, MISSING):
            continue
        if not isinstance(cell, str | Number):
            return False
        try:
            read_decimal(cell)
        except FigureError:
            return False
        has_number = True
    return has_number
