"""The grid of the tile map: a cell for each country, near those of its neighbours.

All tiles have one size and no borders are drawn. A cell says nothing about the status of a country
or territory, or about its frontiers. The codes are those of
ISO 3166-1 alpha-3: the 193 members of the United Nations, the two observer states, and Hong Kong,
Macao and Taiwan as that list has them; XKX (Kosovo) is a code for users of the list.
"""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class GridCell(NamedTuple):
    """Column and row, from 0."""

    column: int
    row: int


class WorldRegion(NamedTuple):
    """A region: the cell of its corner on the map of the world, and its own cells by ISO code."""

    name: str | Promise
    corner: GridCell
    cells: dict[str, GridCell]


def _region(name: str | Promise, corner: GridCell, *rows: str) -> WorldRegion:
    lines = ((row, enumerate(codes.split())) for row, codes in enumerate(rows))
    cells = ((code, GridCell(column, row)) for row, line in lines for column, code in line)
    return WorldRegion(name, corner, {code: cell for code, cell in cells if code != "-"})


WORLD_REGIONS: Final = (
    _region(
        _("Americas"),
        GridCell(0, 4),
        "-   CAN -   -   -   -   -   -  ",
        "-   USA -   -   BHS -   -   -  ",
        "MEX BLZ -   CUB HTI DOM KNA ATG",
        "GTM HND -   JAM -   -   DMA LCA",
        "SLV NIC -   -   -   -   VCT BRB",
        "-   CRI PAN -   -   -   GRD TTO",
        "-   -   COL VEN GUY SUR -   -  ",
        "-   -   ECU PER BRA -   -   -  ",
        "-   -   -   BOL PRY -   -   -  ",
        "-   -   -   CHL ARG URY -   -  ",
    ),
    _region(
        _("Europe"),
        GridCell(8, 0),
        "ISL -   -   NOR SWE FIN -   -  ",
        "-   -   -   DNK -   EST -   -  ",
        "IRL GBR -   -   -   LVA RUS -  ",
        "-   BEL NLD DEU POL LTU BLR -  ",
        "-   FRA LUX LIE CZE SVK UKR -  ",
        "-   AND MCO CHE AUT HUN ROU MDA",
        "PRT ESP ITA SVN HRV SRB BGR -  ",
        "-   -   VAT SMR BIH MNE XKX MKD",
        "-   -   -   MLT -   ALB GRC -  ",
    ),
    _region(
        _("Africa"),
        GridCell(8, 9),
        "-   MAR DZA TUN LBY EGY -   -   -   -  ",
        "CPV MRT MLI BFA NER TCD SDN ERI DJI -  ",
        "SEN GMB GIN CIV GHA NGA CAF SSD ETH SOM",
        "GNB SLE LBR TGO BEN CMR COG UGA KEN -  ",
        "-   -   -   STP GNQ GAB COD RWA TZA SYC",
        "-   -   -   -   -   AGO ZMB BDI MWI COM",
        "-   -   -   -   -   NAM BWA ZWE MOZ MDG",
        "-   -   -   -   -   -   ZAF LSO SWZ MUS",
    ),
    _region(
        _("Asia"),
        GridCell(16, 4),
        "-   -   -   -   -   KAZ KGZ MNG -   PRK -  ",
        "-   -   GEO AZE TKM UZB TJK CHN -   KOR JPN",
        "CYP TUR ARM IRN AFG PAK NPL BTN MAC HKG TWN",
        "LBN SYR IRQ KWT -   IND BGD MMR LAO VNM PHL",
        "ISR PSE JOR BHR QAT -   -   THA KHM -   -  ",
        "-   -   SAU ARE -   MDV LKA -   MYS BRN -  ",
        "-   -   YEM OMN -   -   -   -   SGP IDN TLS",
    ),
    _region(
        _("Oceania"),
        GridCell(22, 12),
        "PLW FSM MHL KIR -  ",
        "-   PNG NRU TUV -  ",
        "-   SLB VUT FJI WSM",
        "AUS -   -   TON -  ",
        "-   -   NZL -   -  ",
    ),
)

GRID: Final[dict[str, GridCell]] = {
    code: GridCell(region.corner.column + cell.column, region.corner.row + cell.row)
    for region in WORLD_REGIONS
    for code, cell in region.cells.items()
}
"""The cell of every country on the map of the world."""

ONLY_WHEN_GIVEN: Final = frozenset({"XKX"})
"""Not in ISO's list, so a list of areas may lack it: no empty tile is drawn for it."""

COLUMNS: Final = 1 + max(cell.column for cell in GRID.values())
ROWS: Final = 1 + max(cell.row for cell in GRID.values())
