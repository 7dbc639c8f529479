"""Accessible SVG charts for pages, print and files, drawn from plain data. Knows no model.

A function such as ``line_chart(data, frame)`` draws; ``data.table()`` is the same as a table.
"""

from recommendations.charts.canvas import (
    Chart,
    ChartTable,
    DataT,
    Datum,
    Frame,
    NumberFormat,
    format_number,
    in_both_widths,
)
from recommendations.charts.line import (
    Goal,
    LineData,
    Series,
    SeriesPoint,
    State,
    line_chart,
    sparkline,
)
from recommendations.charts.months import (
    ColumnsData,
    MonthCounts,
    SlippageData,
    StatedDate,
    Strip,
    StripsData,
    columns_chart,
    slippage_chart,
    strips_chart,
)
from recommendations.charts.ranges import (
    FiveNumbers,
    Range,
    RangesData,
    RankedArea,
    RankedData,
    range_chart,
    range_header,
    ranking_chart,
)
from recommendations.charts.tiles import Tile, TilesData, tile_chart
