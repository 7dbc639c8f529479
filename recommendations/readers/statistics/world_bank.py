"""The World Bank's tables of years, as its bulk files and its DataBank write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.figures import CodeList, Place
from recommendations.readers.statistics.layout import Cells, Entry, Format, Layout, Read, Said
from recommendations.readers.tables import TableError

_OF_THREE = (
    "AFE AFR AFW ARB BEA BEC BHI BLA BMN BSS CAA CEA CEB CEU CLA CME CSA CSS DEA DEC DLA DMN DNS"
    " DSA DSF DSS EAP EAR EAS ECA ECS EMU EUU FCS FXS HIC HPC IBB IBD IBT IDA IDB IDX INX LAC LCN"
    " LDC LIC LMC LMY LTE MDE MEA MIC MNA NAC NAF NRS NXS OED OSS PRE PSS PST RRS SAS SSA SSF SST"
    " SXZ TEA TEC TLA TMN TSA TSS UMC WLD XZN"
)
_OF_TWO = (
    "1A 1W 4E 7E 8S B8 EU F1 OE S1 S2 S3 S4 T2 T3 T4 T5 T6 T7 V1 V2 V3 V4 XC XD XE XF XG XH XI XJ"
    " XL XM XN XO XP XQ XT XU XY Z4 Z7 ZF ZG ZH ZI ZJ ZQ ZT"
)
AGGREGATES = frozenset(f"{_OF_THREE} {_OF_TWO}".split())
"""The codes that the World Bank gives to groups of economies; none is an ISO 3166 country.

Those of three letters stand in its tables, and its API gives those of two as well.
"""

OWN = frozenset({"XKX", "XK", "CHI", "JG"})
"""Kosovo and the Channel Islands, which ISO 3166-1 has no code for."""

_ROLES = {
    "name": ("country name",),
    "code": ("country code",),
    "series": ("indicator name", "series name"),
    "indicator": ("indicator code", "series code"),
}


def place(code: str, name: str) -> Place:
    """A place by the World Bank's code for it."""
    is_aggregate = code in AGGREGATES
    if is_aggregate or code in OWN:
        return Place(code, name, CodeList.OWN, is_aggregate)
    by_length = {3: CodeList.ISO3, 2: CodeList.ISO2}
    return Place(code, name, by_length.get(len(code), CodeList.OWN if code else CodeList.NOT_SAID))


def _fits(header: Sequence[str]) -> bool:
    layout = Layout(header, _ROLES)
    return layout.has("name", "code") and bool(layout.periods)


def _read(header: Sequence[str], said: Said) -> Read:
    layout = Layout(header, _ROLES, said)
    layout.need("code")
    if not layout.periods:
        raise TableError(_now("There is no column headed by a year."))

    def read(cells: Cells) -> Iterator[Entry]:
        where = place(layout.text(cells, "code"), layout.text(cells, "name"))
        return layout.entries(cells, where)

    return read


FORMAT = Format("world_bank", _("World Bank, table of years"), _fits, _read, frozenset({".."}))
