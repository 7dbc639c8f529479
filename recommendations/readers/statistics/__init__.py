"""Files of statistics into figures with their areas and periods, one after the other.

Knows no model. ``open_figures`` detects by the content which of ``STATISTICS_FORMATS`` a file has.
"""

from recommendations.readers.statistics.opening import (
    LARGEST_STATISTICS_FILE,
    STATISTICS_FORMATS,
    open_figures,
)
from recommendations.readers.statistics.reading import (
    AreaCodeList,
    AreaReference,
    ColumnUse,
    FigureFile,
    FigureRow,
    ReadCounts,
    Rejected,
    SeveralColumns,
)
