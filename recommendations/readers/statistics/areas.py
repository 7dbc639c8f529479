"""Areas as files of statistics name them, not yet matched with ours."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class AreaCodeList(StrEnum):
    """The code list of the areas of a file, as its format or its header states it.

    ``OWN`` is that of whoever publishes the file, ``SITE`` that of this tracker.
    """

    NOT_STATED = ""
    ISO3 = "iso3"
    ISO2 = "iso2"
    M49 = "m49"
    EUROSTAT = "eurostat"
    WORLD_BANK = "world_bank"
    OWID = "owid"
    OWN = "own"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class AreaReference:
    """An area as a file gives it, not yet matched with ours.

    With ``AreaCodeList.NOT_STATED`` the code may be a name, and is never taken for a country’s.
    Without code and name the file is about one area and does not name it. ``is_aggregate`` where it
    is known to be a group. ``described_by`` are dimensions of its rows that say no more than which
    part of a country the code stands for.
    """

    code: str = ""
    name: str = ""
    code_list: AreaCodeList = AreaCodeList.NOT_STATED
    is_aggregate: bool = False
    described_by: tuple[str, ...] = ()

    @classmethod
    def of(cls, code: str, name: str, code_list: AreaCodeList) -> Self:
        """An area by its code in a list. Spreadsheets remove the zeros of M49: 4 is 004.

        The World Bank's codes of groups are known in every list that cannot have others for them,
        and a code of two letters is of ISO 3166 where its list has three, one of digits of M49, and
        one of letters where M49 is meant. A cell may have both, between them a bar or a colon.
        """
        if not (code and name) and (both := _BOTH.fullmatch(code or name)):
            code, name = both[1] or both[3] or "", both[2] or both[4] or ""
        if code_list is AreaCodeList.M49 and code.isalpha():
            code_list = AreaCodeList.ISO3
        elif code_list is AreaCodeList.M49:
            code = code.zfill(3)
        is_group = code in AGGREGATES and code_list in _WITHOUT_GROUPS
        if code_list is AreaCodeList.OWID:
            is_group |= not code or (code.startswith("OWID_") and code not in _OWID_AREAS)
        if code_list is AreaCodeList.NOT_STATED:
            is_group = is_group and len(code) == _ALPHA3
        elif code_list is AreaCodeList.ISO3 and code == _KOSOVO:
            code, code_list = "XKX", AreaCodeList.WORLD_BANK
        elif code_list is AreaCodeList.ISO3 and code.isdecimal():
            code, code_list = code.zfill(3), AreaCodeList.M49
        elif code_list in _OF_ALPHA3 and len(code) < _ALPHA3 and not is_group:
            code_list = AreaCodeList.ISO2
        return cls(code, name, code_list, is_group)


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

Its tables have those of three letters, its API also those of two.
"""

_WITHOUT_GROUPS = (
    *(AreaCodeList.NOT_STATED, AreaCodeList.ISO3, AreaCodeList.ISO2, AreaCodeList.WORLD_BANK),
    AreaCodeList.OWID,
)
_OWID_AREAS = frozenset(f"OWID_{code}" for code in ("CYN", "ENG", "KOS", "NIR", "SCT", "WLS"))
"""Areas with a code of Our World in Data; its other codes of that kind are groups."""

_BOTH = re.compile(r"([^|]*)\|(.*)|([A-Z0-9]{1,4}):\s*(\S.*)")
_ALPHA3 = 3
_KOSOVO = "KOS"
"""What the ILO and the IMF write; ISO has no code for it."""

_OF_ALPHA3 = (AreaCodeList.ISO3, AreaCodeList.WORLD_BANK)
