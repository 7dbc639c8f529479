"""Which area a file means by a code or a name: certain, or a person is asked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
from typing import Any

from recommendations import names
from recommendations.choices import AreaKind, CodeList
from recommendations.models import Area, AreaAlias

CANDIDATES = 3
"""Areas to choose from, at most."""

LIKENESS = 0.72
"""Share of a name that must agree before an area is proposed, as ``difflib`` counts it."""

BASES: dict[str, str] = {
    CodeList.WORLD_BANK: CodeList.ISO3,
    CodeList.OWID: CodeList.ISO3,
    CodeList.EUROSTAT: CodeList.ISO2,
}
"""Lists that are those of ISO 3166-1 but for a few codes of their own."""

_Parts = defaultdict[int, defaultdict[str, set[int]]]
_Codes = defaultdict[str, defaultdict[str, set[int]]]

_NAMES = ("name", *(f"name_{language}" for language in names.NAMED_IN))
_CODES = {CodeList.OWN: "code", CodeList.ISO2: "iso2", CodeList.ISO3: "iso3", CodeList.M49: "m49"}


@dataclass(frozen=True, slots=True)
class AreaCandidate:
    """An area that a file may mean. ``likeness`` of the names runs from 0 to 1."""

    area: int
    code: str
    name: str
    likeness: float


@dataclass(frozen=True, slots=True)
class AreaMatch:
    """The id of the area that is meant; else whom it could be, the likeliest first."""

    area: int | None
    candidates: tuple[AreaCandidate, ...] = ()


class AreaMatcher:
    """All areas with their other names and codes, read in two queries for a whole file."""

    def __init__(self) -> None:
        self._areas: dict[int, dict[str, Any]] = {}
        self._by_code: _Codes = defaultdict(lambda: defaultdict(set))
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_core: dict[str, set[int]] = defaultdict(set)
        self._parts_by_code: _Parts = defaultdict(lambda: defaultdict(set))
        self._parts_by_name: _Parts = defaultdict(lambda: defaultdict(set))
        self._known: dict[tuple[str, str, str], AreaMatch] = {}
        columns = ("pk", "kind", "parent", *_CODES.values(), *_NAMES)
        for row in Area.objects.order_by("pk").values(*columns):
            self._areas[row["pk"]] = row
            for code_list, column in _CODES.items():
                self._add(row["pk"], row[column], code_list)
            if row["parent"]:
                self._add_part(row)
            # A part may have the name of another country, such as Georgia: it counts there alone.
            for column in _NAMES if row["kind"] != AreaKind.PART else ():
                self._add(row["pk"], row[column])
        aliases = AreaAlias.objects.filter(removed_at__isnull=True)
        for alias in aliases.values_list("area", "alias", "code_list"):
            self._add(*alias)

    def match(self, *, code: str = "", name: str = "", code_list: str = "") -> AreaMatch:
        """The area of a row: ``code`` and ``name`` as the file writes them, one of both at least.

        ``code_list`` (``CodeList``) is the list of the code; without it all lists are looked
        through. ``NA`` is Namibia. A code and a name that disagree are two candidates; a code
        that a list lacks is never made good by a name, for what is new to a list is often a
        region, and each list cuts those its own way.
        """
        asked = (code.strip(), name.strip(), code_list)
        if asked not in self._known:
            self._known[asked] = self._found(*asked)
        return self._known[asked]

    def match_by_name(self, code: str, name: str) -> AreaMatch:
        """The area of a row whose ``code`` is of a list that is not known: a name identifies it.

        Without a name the code may be one. Whatever lists have such a code, it identifies nothing;
        where none of its areas is the one that is named, they are candidates.
        """
        named = self._by_name.get(names.key(name or code), set())
        coded = self._coded(code, "") if code and name else set()
        if coded and not named & coded:
            return AreaMatch(None, self._candidates(coded | named, name) if named else ())
        is_certain = not code or all(self._is_country(area) for area in named)
        return self._decided(named & coded or named, name or code, is_certain=is_certain)

    def match_part(self, country: int, code: str, name: str) -> AreaMatch:
        """The part of a country with this code here, or this name there."""
        coded = self._parts_by_code[country].get(code.casefold(), set())
        named = self._parts_by_name[country].get(names.key(name), set())
        if coded and named and not named & coded:
            return AreaMatch(None, self._candidates(coded | named, name))
        return self._decided(coded or named, name) if coded or named else AreaMatch(None)

    def knows(self, code: str) -> bool:
        """Whether some list has this code, whichever it is."""
        return bool(self._coded(code, ""))

    def is_named(self, area: int, name: str) -> bool:
        """Whether an area has this name."""
        return area in self._by_name.get(names.key(name), set())

    def row(self, area: int) -> dict[str, Any]:
        """The code, the name, the kind and the codes of an area."""
        return self._areas[area]

    def _found(self, code: str, name: str, code_list: str) -> AreaMatch:
        named = self._by_name.get(names.key(name), set())
        if not code:
            return self._decided(named or self._coded(name, ""), name)
        coded = self._coded(code, code_list)
        if not coded:
            is_certain = not code_list and all(self._is_country(area) for area in named)
            return self._decided(named, name or code, is_certain=is_certain)
        if named & coded:
            return self._decided(named & coded, name)
        return self._decided(coded | named, name or code)

    def _coded(self, code: str, code_list: str) -> set[int]:
        if code_list:
            own = self._by_code[code_list].get(_as_code(code, code_list), set())
            base = BASES.get(code_list, "")
            return own or (self._coded(code, base) if base else set())
        found = (codes.get(_as_code(code, each)) for each, codes in self._by_code.items())
        return set().union(*(areas for areas in found if areas))

    def _decided(self, areas: set[int], name: str, *, is_certain: bool = True) -> AreaMatch:
        if len(areas) == 1 and is_certain:
            return AreaMatch(next(iter(areas)))
        return AreaMatch(None, self._candidates(areas, name) if areas else self._close_to(name))

    def _close_to(self, name: str) -> tuple[AreaCandidate, ...]:
        """Areas with a name like this one, in any language."""
        close = get_close_matches(names.core(name), self._by_core, 3 * CANDIDATES, LIKENESS)
        return self._candidates({area for like in close for area in self._by_core[like]}, name)

    def _candidates(self, areas: Iterable[int], name: str) -> tuple[AreaCandidate, ...]:
        core = names.core(name)
        found = (self._candidate(area, core) for area in sorted(areas))
        return tuple(nlargest(CANDIDATES, found, key=lambda candidate: candidate.likeness))

    def _candidate(self, area: int, core: str) -> AreaCandidate:
        row = self._areas[area]
        own = (like for like, areas in self._by_core.items() if area in areas)
        likeness = max((SequenceMatcher(None, like, core).ratio() for like in own), default=0.0)
        return AreaCandidate(area, row["code"], row["name"], round(likeness, 2))

    def _is_country(self, area: int) -> bool:
        return bool(self._areas[area]["kind"] == AreaKind.COUNTRY)

    def _add_part(self, row: dict[str, Any]) -> None:
        """Enter an area among those of the one that it is a part of."""
        self._parts_by_code[row["parent"]][row["code"].casefold()].add(row["pk"])
        for column in _NAMES:
            if key := names.key(row[column]):
                self._parts_by_name[row["parent"]][key].add(row["pk"])

    def _add(self, area: int, text: str, code_list: str = "") -> None:
        """Enter a name, or a code of a list."""
        if not text:
            return
        if code_list:
            self._by_code[code_list][_as_code(text, code_list)].add(area)
        elif key := names.key(text):
            self._by_name[key].add(area)
            self._by_core[names.core(text)].add(area)


def _as_code(code: str, code_list: str) -> str:
    """A code without its case; one of UN M49 with the zeros that spreadsheets drop."""
    return code.zfill(3) if code_list == CodeList.M49 and code.isdecimal() else code.upper()
