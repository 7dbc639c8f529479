"""Files of statistics into figures with their areas and periods, one after the other.

Knows no model. ``open_figures`` detects by the content which of ``statistics_formats`` a file has.
"""

from recommendations.readers.statistics.areas import AreaCodeList, AreaReference
from recommendations.readers.statistics.opening import (
    LARGEST_STATISTICS_FILE,
    agency_faults,
    open_figures,
    statistics_formats,
)
from recommendations.readers.statistics.reading import (
    ColumnUse,
    FigureFile,
    FigureRow,
    OpenColumn,
    ReadCounts,
    Rejected,
    SeveralColumns,
)
