"""Files of statistics: bytes in, figures with their places and periods out, one after the other.

Knows no model. ``open_figures`` tells by the content which of ``FORMATS`` a file has.
"""

from recommendations.readers.statistics.figures import (
    CodeList,
    Counts,
    FigureFile,
    FigureRow,
    Place,
    Rejected,
)
from recommendations.readers.statistics.opening import FORMATS, LARGEST_FILE, open_figures
from recommendations.readers.statistics.owid import SeveralColumns

__all__ = [
    "FORMATS",
    "LARGEST_FILE",
    "CodeList",
    "Counts",
    "FigureFile",
    "FigureRow",
    "Place",
    "Rejected",
    "SeveralColumns",
    "open_figures",
]
