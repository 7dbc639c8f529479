"""Where each country's tile stands: a rough place beside its neighbours, and nothing more.

Every tile is of one size and no border is drawn. A place on this grid says nothing about the
status of a country or territory, or about where its frontiers run. The codes are those of
ISO 3166-1 alpha-3: the 193 members of the United Nations, the two observer states, and Hong Kong,
Macao and Taiwan as that list has them; XKX (Kosovo) is a code for users of the list.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Place(NamedTuple):
    """A tile of the grid, counted from 0."""

    column: int
    row: int


class Part(NamedTuple):
    """A part of the world: where its corner is on the map of all, and the places in it."""

    name: str | Promise
    corner: Place
    places: dict[str, Place]


def _part(name: str | Promise, corner: Place, *rows: str) -> Part:
    return Part(name, corner, dict(_read(rows)))


def _read(rows: tuple[str, ...]) -> Iterator[tuple[str, Place]]:
    for row, codes in enumerate(rows):
        for column, code in enumerate(codes.split()):
            if code != "-":
                yield code, Place(column, row)


PARTS: Final = (
    _part(
        _("Americas"),
        Place(0, 4),
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
    _part(
        _("Europe"),
        Place(8, 0),
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
    _part(
        _("Africa"),
        Place(8, 9),
        "-   MAR DZA TUN LBY EGY -   -   -   -  ",
        "CPV MRT MLI BFA NER TCD SDN ERI DJI -  ",
        "SEN GMB GIN CIV GHA NGA CAF SSD ETH SOM",
        "GNB SLE LBR TGO BEN CMR COG UGA KEN -  ",
        "-   -   -   STP GNQ GAB COD RWA TZA SYC",
        "-   -   -   -   -   AGO ZMB BDI MWI COM",
        "-   -   -   -   -   NAM BWA ZWE MOZ MDG",
        "-   -   -   -   -   -   ZAF LSO SWZ MUS",
    ),
    _part(
        _("Asia"),
        Place(16, 4),
        "-   -   -   -   -   KAZ KGZ MNG -   PRK -  ",
        "-   -   GEO AZE TKM UZB TJK CHN -   KOR JPN",
        "CYP TUR ARM IRN AFG PAK NPL BTN MAC HKG TWN",
        "LBN SYR IRQ KWT -   IND BGD MMR LAO VNM PHL",
        "ISR PSE JOR BHR QAT -   -   THA KHM -   -  ",
        "-   -   SAU ARE -   MDV LKA -   MYS BRN -  ",
        "-   -   YEM OMN -   -   -   -   SGP IDN TLS",
    ),
    _part(
        _("Oceania"),
        Place(22, 12),
        "PLW FSM MHL KIR -  ",
        "-   PNG NRU TUV -  ",
        "-   SLB VUT FJI WSM",
        "AUS -   -   TON -  ",
        "-   -   NZL -   -  ",
    ),
)

GRID: Final[dict[str, Place]] = {
    code: Place(part.corner.column + place.column, part.corner.row + place.row)
    for part in PARTS
    for code, place in part.places.items()
}
"""The place of every country on the map of all."""

ONLY_WHEN_GIVEN: Final = frozenset({"XKX"})
"""Not in ISO's list, so a list of places may well lack it: no empty tile is drawn for it."""

COLUMNS: Final = 1 + max(place.column for place in GRID.values())
ROWS: Final = 1 + max(place.row for place in GRID.values())
