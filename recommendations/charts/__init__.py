"""Data in, a picture out: accessible SVG for pages, for print and as a file. Knows no model.

``picture(data, frame)`` draws, ``table_of(data)`` gives the same as a table.
"""

from recommendations.charts.canvas import Frame, in_both_widths
from recommendations.charts.line import line
from recommendations.charts.line_data import Goal, LineData
from recommendations.charts.numbers import plain
from recommendations.charts.ranges import Range, RangesData, ranges
from recommendations.charts.ranked import Ranked, RankedData, ranked
from recommendations.charts.series import Point, Series
from recommendations.charts.sparkline import sparkline
from recommendations.charts.tables import Table, table_of
from recommendations.charts.tile_data import Tile, TilesData
from recommendations.charts.tiles import tiles

__all__ = [
    "Frame",
    "Goal",
    "LineData",
    "Point",
    "Range",
    "RangesData",
    "Ranked",
    "RankedData",
    "Series",
    "Table",
    "Tile",
    "TilesData",
    "in_both_widths",
    "line",
    "plain",
    "ranges",
    "ranked",
    "sparkline",
    "table_of",
    "tiles",
]
